import { describe, expect, it } from 'vitest'
import { reportFile } from './report-file.ts'

describe('reportFile', () => {
  it.each([
    ['/home/ada/out', '/home/ada/out/report.html'],
    [' /home/ada/out/ ', '/home/ada/out/report.html'],
    ['C:\\Users\\ada', 'C:\\Users\\ada\\report.html'],
    ['C:\\', 'C:\\report.html'],
    ['/', '/report.html'],
    ['/odd\\name/out', '/odd\\name/out/report.html'],
  ])('puts the page into %s', (folder, file) => {
    expect(reportFile(folder)).toBe(file)
  })
})

import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { csvText } from './csv.ts'

describe('csvText', () => {
  it('writes what any reader takes back', () => {
    const rows = [['a,"b"\nc', 'd', 'e\r'], ['', ' ', '1,5']]
    const text = csvText(['one', 'two, three', 'four'], rows)
    expect(parse(text)).toEqual([['one', 'two, three', 'four'], ...rows])
  })

  it('keeps all digits, leaves out what is not there and quotes what is empty', () => {
    expect(csvText(['x', 'y', 'z'], [[1 / 3, null, ''], [-0, NaN, 1e-12]])).toBe(
      'x,y,z\r\n0.3333333333333333,,""\r\n0,,1e-12\r\n',
    )
  })
})

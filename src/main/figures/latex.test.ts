import { describe, expect, it } from 'vitest'
import { escapeLatex, latexFigure } from './latex.ts'

describe('escapeLatex', () => {
  it.each([
    ['50 % & $5 #1 a_b {c}', '50~\\% \\& \\$5 \\#1 a\\_b \\{c\\}'],
    ['~ ^ \\', '\\textasciitilde{} \\textasciicircum{} \\textbackslash{}'],
    ['<a> | "b"', '\\textless{}a\\textgreater{} \\textbar{} \\textquotedbl{}b\\textquotedbl{}'],
    ['μ = 10, 3 × 4 …', '$\\mu$ = 10, 3 $\\times$ 4 \\ldots{}'],
    ['one\n\n  two', 'one two'],
    ['\\textbf{x}', '\\textbackslash{}textbf\\{x\\}'],
  ])('writes %j', (text, written) => {
    expect(escapeLatex(text)).toBe(written)
  })
})

describe('latexFigure', () => {
  it('includes the file at its width, with caption and label', () => {
    expect(latexFigure({ name: 'my_figure-1', widthCm: 8.5, caption: '5 % of a_b' })).toBe(`\\begin{figure}[t]
  \\centering
  \\includegraphics[width=8.5cm]{my_figure-1}
  \\caption{5~\\% of a\\_b}
  \\label{fig:my_figure-1}
\\end{figure}
`)
  })

  it('spans both columns where the figure is wider than one', () => {
    const wide = latexFigure({ name: 'a', widthCm: 17.5, caption: '' })
    expect(wide).toContain('\\begin{figure*}[t]')
    expect(wide).toContain('\\end{figure*}')
  })
})

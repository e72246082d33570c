import { COLUMN_WIDTHS_CM } from '../../shared/figures.ts'

/** Characters that LaTeX reserves or that its standard fonts lack, and how they are written. */
const WRITTEN: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  '$': '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  '_': '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  'μ': '$\\mu$',
  '×': '$\\times$',
  '…': '\\ldots{}',
  '\u2212': '$-$',
  '\u00a0': '~',
}

/** Text as LaTeX sets it; line breaks become spaces, since a caption is one paragraph. */
export function escapeLatex(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/[\\{}$&#%_~^<>|"μ×…\u2212\u00a0]/g, (character) => WRITTEN[character] ?? character)
    // A space before % is kept at the end of no line.
    .replace(/(\d) \\%/g, '$1~\\%')
}

/** A float that includes the figure file `name`, as wide as it was drawn; over both columns where it is wider. */
export function latexFigure({ name, widthCm, caption }: { name: string; widthCm: number; caption: string }): string {
  const environment = widthCm > (COLUMN_WIDTHS_CM.single + COLUMN_WIDTHS_CM.double) / 2 ? 'figure*' : 'figure'
  return [
    `\\begin{${environment}}[t]`,
    '  \\centering',
    `  \\includegraphics[width=${widthCm}cm]{${name}}`,
    `  \\caption{${escapeLatex(caption)}}`,
    `  \\label{fig:${name}}`,
    `\\end{${environment}}`,
    '',
  ].join('\n')
}

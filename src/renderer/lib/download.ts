import type { FigureFile } from '../../shared/figures.ts'

/** Long enough for the browser to have begun to read it. */
const KEPT = 60_000

/** Lets the browser save a file where it saves downloads. */
export function download({ name, mime, bytes }: FigureFile): void {
  const address = URL.createObjectURL(new Blob([bytes.slice()], { type: mime }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), KEPT)
}

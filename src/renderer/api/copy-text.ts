import { VebiError } from '../../shared/errors.ts'

export const COPY_REFUSED = 'The text cannot be put into the clipboard here: select it and copy it by hand.'

/** How a browser's page copies. */
export interface ClipboardWays {
  /** Absent where the page has not come over a safe connection, as through a tunnel under another name. */
  readonly write: ((text: string) => Promise<void>) | undefined
  /** The older way: copies what is selected; tells whether it did. */
  readonly copySelected: (text: string) => boolean
}

/** Throws VebiError where neither way is open to the page. */
export async function copyText(text: string, { write, copySelected }: ClipboardWays): Promise<void> {
  try {
    if (write) return await write(text)
  } catch {
    // Denied or unfocused: the older way asks for no permission.
  }
  if (!copySelected(text)) throw new VebiError('bad-argument', COPY_REFUSED)
}

/** Selects the text in a field out of sight for as long as it is copied. */
export function copySelected(text: string): boolean {
  const focused = document.activeElement
  // Within the dialog that is open: it would take the focus back from anywhere else.
  const place = focused?.closest('[role="dialog"]') ?? document.body
  const field = document.createElement('textarea')
  field.value = text
  field.readOnly = true
  field.className = 'visually-hidden'
  place.append(field)
  field.select()
  try {
    return document.execCommand('copy')
  } finally {
    field.remove()
    if (focused instanceof HTMLElement) focused.focus()
  }
}

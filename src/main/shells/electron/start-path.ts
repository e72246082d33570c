import { resolve } from 'node:path'
import { z } from 'zod'

/**
 * The file or folder that a start of the program names; null for none.
 *
 * @param own How many of the arguments are the program's own: 1 in a package, 2 where Electron is given our folder.
 */
export function pathOfStart(args: readonly string[], own: number, folder: string): string | null {
  const path = args.slice(own).find((argument) => argument !== '' && !argument.startsWith('-'))
  return path === undefined ? null : resolve(folder, path)
}

const handedOver = z.object({ path: z.string().min(1).max(4096).nullable() })

/** The path that a second start hands to the first, which is another process and not to be trusted blindly. */
export function pathHandedOver(data: unknown): string | null {
  const parsed = handedOver.safeParse(data)
  return parsed.success ? parsed.data.path : null
}

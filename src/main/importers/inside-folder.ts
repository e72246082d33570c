import { realpath } from 'node:fs/promises'
import path from 'node:path'

/**
 * The real path of a file that a model names, links resolved; null where it leads out of the model's folder: a model
 * is a download, and must not read other files. Throws as `realpath` does where there is no such file.
 */
export async function realPathInside(folder: string, name: string): Promise<string | null> {
  // Backslashes separate folders on some systems only; neither spelling may lead out.
  const leadsUp = name.split(/[\\/]/).includes('..')
  if (name === '' || name.includes('\0') || leadsUp || path.isAbsolute(name) || path.win32.isAbsolute(name)) return null
  const real = await realpath(path.join(folder, name))
  const inside = path.relative(await realpath(folder), real)
  return inside === '' || inside.split(path.sep)[0] === '..' || path.isAbsolute(inside) ? null : real
}

import { readFile, realpath } from 'node:fs/promises'
import { extname, isAbsolute, join, relative, sep } from 'node:path'

/** Files of the built page. Nothing outside of its folder can be had, by whatever path. */

export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  /** Whether the name changes with the content, so that it may be kept for ever. */
  readonly hashed: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
}

/**
 * The names of folders and file that the path of an address stands for, `/` being `index.html`; null where it is no
 * plain path downwards or its kind of file is not among those of a page.
 *
 * @param path As in the address, percent-encoded.
 */
export function pageFileParts(path: string): readonly string[] | null {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return null
  }
  if (decoded === '/') return ['index.html']
  const parts = decoded.replace(/^\//, '').split('/')
  // A part names something in its folder: letters, digits and a few signs, not beginning with a dot.
  const plain = parts.every((part) => /^[A-Za-z0-9_-][A-Za-z0-9_.@-]*$/.test(part))
  return plain && Object.hasOwn(TYPES, extname(parts.at(-1) ?? '')) ? parts : null
}

/** Null where there is no such file in `root`, and where a link leads out of it. */
export async function readPageFile(root: string, path: string): Promise<PageFile | null> {
  const parts = pageFileParts(path)
  if (!parts) return null
  try {
    const [folder, file] = await Promise.all([realpath(root), realpath(join(root, ...parts))])
    const inside = relative(folder, file)
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return null
    const bytes = new Uint8Array(await readFile(file))
    return { bytes, type: TYPES[extname(file)], hashed: parts[0] === 'assets' && parts.length > 1 }
  } catch {
    return null
  }
}

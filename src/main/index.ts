import * as electron from 'electron'
import { resolve } from 'node:path'
import { startDesktop } from './shells/electron/desktop.ts'

/** Entry of the desktop window; the build puts engine, preload and page into `out` beside this file's folder. */
startDesktop({
  electron,
  engineFile: resolve(import.meta.dirname, 'engine.js'),
  preload: resolve(import.meta.dirname, '..', 'preload', 'index.cjs'),
  page: resolve(import.meta.dirname, '..', 'renderer'),
})

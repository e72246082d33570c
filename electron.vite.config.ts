import { defineConfig } from 'electron-vite'
import { resolve } from 'node:path'
import manifest from './package.json' with { type: 'json' }
import type { Plugin } from 'vite'
import renderer from './src/renderer/vite.config.ts'

const root = import.meta.dirname

/**
 * electron-vite puts a `require` into every module that calls something of this name. Ours are modules throughout and
 * make one themselves where they need it, and two of a name do not load.
 */
const withoutShims: Plugin = {
  name: 'without-commonjs-shims',
  configResolved: ({ plugins }) => {
    const shim = plugins.find(({ name }) => name === 'vite:esm-shim')
    if (!shim) throw new Error('electron-vite has no plugin "vite:esm-shim" any more: look whether this is still needed.')
    delete shim.renderChunk
  },
}

/**
 * Main keeps its modules apart, one file each at the same depth as its source: files that a module names relative to
 * itself (resources, package.json) are found from both. Packages stay outside of the bundle, among them those with
 * native parts.
 */
export default defineConfig({
  main: {
    plugins: [withoutShims],
    build: {
      outDir: resolve(root, 'out'),
      emptyOutDir: false,
      externalizeDeps: { include: Object.keys(manifest.optionalDependencies) },
      target: 'node24',
      rollupOptions: {
        input: {
          'main/index': resolve(root, 'src/main/index.ts'),
          'main/engine': resolve(root, 'src/main/engine.ts'),
          // Found beside the module that starts them, in source and here.
          'main/importers/isolated/parser': resolve(root, 'src/main/importers/isolated/parser.ts'),
          'main/importers/hash-thread': resolve(root, 'src/main/importers/hash-thread.ts'),
          'main/importers/isolated/watchdog': resolve(root, 'src/main/importers/isolated/watchdog.ts'),
        },
        output: {
          format: 'es',
          preserveModules: true,
          preserveModulesRoot: resolve(root, 'src'),
          entryFileNames: '[name].js',
        },
      },
    },
  },
  preload: {
    build: {
      outDir: resolve(root, 'out/preload'),
      externalizeDeps: false,
      rollupOptions: {
        input: { index: resolve(root, 'src/preload/index.ts') },
        // A sandboxed preload can require nothing but electron, and is CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer,
})

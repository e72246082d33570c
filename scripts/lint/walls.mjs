/**
 * The walls between folders as an ESLint rule. One arrow of imports:
 * renderer -> shared <- handlers -> jobs -> {model, data, store, importers, figures} -> core -> shared.
 */
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..', '..')

/**
 * @typedef {object} Wall
 * @property {RegExp} from Files that it holds for, as paths from the repository.
 * @property {RegExp} [except] Files among them that it does not hold for.
 * @property {RegExp} to What they must not import: a package, or a path from the repository.
 * @property {string} because
 */

const TEST = /\.test\.ts$|\/testing\//

/** @type {readonly Wall[]} */
const WALLS = [
  { from: /^src\/shared\//, to: /^src\/(?!shared\/)/, because: 'shared imports nothing above it' },
  { from: /^src\/core\//, to: /^src\/(?!shared\/|core\/)/, because: 'core imports only shared' },
  {
    from: /^src\/(shared|core)\//,
    except: TEST,
    to: /^(?!src\/|zod$|pure-rand(\/|$)|echarts(\/|$))(node:|[@a-z])/,
    because: 'core and shared run in Node and in the browser, so they take only zod, pure-rand and echarts',
  },
  {
    from: /^src\/renderer\//,
    to: /^src\/(?!shared\/|renderer\/|core\/(charts\/|colour-maps\.ts$|control-maps\.ts$|heatmap-pixels\.ts$|iou\.ts$|quantile\.ts$))/,
    because: 'the renderer imports only shared, and of core what draws',
  },
  {
    from: /^src\/renderer\//,
    except: /\.test\.ts$|\/testing\/|^src\/renderer\/vite\.config\.ts$/,
    to: /^(node:|electron(\/|$))/,
    because: 'the renderer runs in a page, without Node',
  },
  { from: /^src\/preload\//, to: /^src\/(?!shared\/|preload\/)/, because: 'preload imports only shared' },
  { from: /^src\/main\//, to: /^src\/(renderer|preload)\//, because: 'main does not know the renderer' },
  {
    from: /^src\/main\/(model|data|store|importers|figures|report)\//,
    to: /^src\/main\/(jobs|handlers|commands|shells|app|session|tools|cli|serve|engine|index|dispatch)(\/|\.ts$)/,
    because: 'model, data, store, importers, figures and report serve the jobs and do not know them',
  },
  {
    from: /^src\/main\/jobs\//,
    to: /^src\/main\/(handlers|commands|shells|app|session|tools|cli|serve|engine|index|dispatch)(\/|\.ts$)/,
    because: 'jobs do not know who starts them',
  },
  {
    from: /^src\/main\/handlers\//,
    to: /^src\/main\/(shells|app|cli|serve|engine|index)(\/|\.ts$)/,
    because: 'handlers do not know who calls them',
  },
  {
    from: /^src\/main\/(?!shells\/|(index|engine|serve)\.ts$)/,
    except: TEST,
    to: /^src\/main\/(shells(\/|$)|(index|engine)\.ts$)/,
    because: 'only the entries index, engine and serve know the shells',
  },
  {
    from: /^src\/main\/shells\/web\//,
    to: /^src\/main\/shells\/electron\//,
    because: 'the browser shell does not know the desktop shell',
  },
  {
    from: /^src\/main\/shells\/electron\//,
    to: /^src\/main\/shells\/web\//,
    because: 'the desktop shell does not know the browser shell, which can be deleted',
  },
  {
    from: /^src\/main\/shells\//,
    except: TEST,
    to: /^src\/main\/(?!shells\/|user-folder\.ts$)/,
    because: 'the shells know the contract and not what is behind it',
  },
  {
    from: /^src\//,
    except: /^src\/main\/shells\/web\/|\.test\.ts$/,
    to: /^(hono|@hono\/node-server)(\/|$)/,
    because: 'only the browser shell imports the web server',
  },
  {
    from: /^src\//,
    except: /^src\/main\/model\/|^src\/main\/jobs\/train\.ts$|\.test\.ts$/,
    to: /^@tensorflow\//,
    because: 'only src/main/model imports TensorFlow.js',
  },
  {
    from: /^src\//,
    except: /^src\/main\/importers\/(hdf5|testing)\//,
    to: /^h5wasm(\/|$)/,
    because: 'only src/main/importers/hdf5, which refuses what leads out of a file, imports the HDF5 library',
  },
  {
    from: /^src\//,
    to: /^h5wasm\/node$/,
    because: 'that build of the HDF5 library opens files of the machine that a model file names',
  },
  {
    from: /^src\//,
    except: /^src\/main\/importers\/protobuf\/|^src\/main\/importers\/[a-z-]+\/testing\//,
    to: /^protobufjs(\/|$)/,
    because: 'only src/main/importers/protobuf, on which the formats build, imports the reader of protocol buffers',
  },
  {
    from: /^src\/main\/importers\/(dataflow|protobuf)\//,
    to: /^src\/main\/importers\/(?!dataflow\/|protobuf\/|testing\/|[a-z-]+\.ts$)/,
    because: 'what several formats share knows none of them',
  },
  {
    from: /^(src|scripts|e2e)\//,
    except: /^src\/main\/store\//,
    to: /^better-sqlite3(\/|$)/,
    because: 'only src/main/store imports the database',
  },
  {
    from: /^src\//,
    except: /^src\/main\/shells\/electron\/|^src\/main\/index\.ts$|^src\/preload\//,
    to: /^electron(\/|$)/,
    because: 'only the Electron shell, its entry and preload import electron',
  },
]

/**
 * @param {string} file The importing file, as a path from the repository with forward slashes.
 * @param {string} source What it imports, as written.
 * @returns {string | null} Why it must not, or null when it may.
 */
export function forbiddenImport(file, source) {
  const target = source.startsWith('.') ? path.posix.join(path.posix.dirname(file), source) : source
  const wall = WALLS.find(({ from, except, to }) => from.test(file) && !except?.test(file) && to.test(target))
  return wall === undefined ? null : wall.because
}

/** @type {import('eslint').Rule.RuleModule} */
const rule = {
  meta: { type: 'problem', messages: { wall: 'No import of {{ source }} here: {{ because }}.' } },
  create(context) {
    const file = path.relative(root, context.filename).split(path.sep).join('/')
    /** @param {unknown} node The literal that names the module, where there is one. */
    const check = (node) => {
      const literal = /** @type {import('estree').Literal | null | undefined} */ (node)
      if (literal?.type !== 'Literal' || typeof literal.value !== 'string') return
      const because = forbiddenImport(file, literal.value)
      if (because !== null) {
        context.report({ node: literal, messageId: 'wall', data: { source: literal.value, because } })
      }
    }
    return {
      ImportDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      "CallExpression[callee.name='require']": (/** @type {import('estree').CallExpression} */ node) =>
        check(node.arguments[0]),
      // `import('...').Type`
      TSImportType: (/** @type {{ source?: unknown }} */ node) => check(node.source),
    }
  },
}

export default { rules: { imports: rule } }

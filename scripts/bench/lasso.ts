/**
 * Times solveLasso against scikit-learn's lars_path_gram on the same Gram matrix, down to the same lambda.
 *   node scripts/bench/lasso.ts [features = 1140] [classes = 10] [mu = 60] [images = 2000]
 * PYTHON names the interpreter (default python3); without scikit-learn only this project's time is printed.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeNpy } from '../../src/core/npy.ts'
import { solveLasso } from '../../src/core/selection/lasso.ts'
import type { LassoSolution } from '../../src/core/selection/lasso.ts'
import { dotRange } from '../../src/core/selection/vector.ts'

/** The best of so many runs counts, on both sides, so that a busy machine blurs the ratio less. */
const REPEATS = 5
const HIDDEN = 30
const LAYER_SHARES = [0.02, 0.02, 0.06, 0.1, 0.3, 0.5]

const [features = 1140, classes = 10, mu = 60, images = 2000] = process.argv.slice(2).map(Number)

let state = 1
function uniform(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return (state + 0.5) / 2 ** 32
}
function normal(): number {
  return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** `[features, images]`: rectified projections of a hidden state that depends on the class, L1-normalised per layer. */
function makeResponses(): Float64Array {
  const centres = Float64Array.from({ length: classes * HIDDEN }, () => 1.5 * normal())
  const hidden = Float64Array.from({ length: images * HIDDEN }, (_, at) => {
    const image = Math.floor(at / HIDDEN)
    return normal() + centres[(image % classes) * HIDDEN + (at % HIDDEN)]
  })
  const responses = new Float64Array(features * images)
  let first = 0
  LAYER_SHARES.forEach((share, layer) => {
    const last = layer === LAYER_SHARES.length - 1 ? features : first + Math.round(share * features)
    const totals = new Float64Array(images)
    for (let k = first; k < last; k++) {
      const filter = Float64Array.from({ length: HIDDEN }, () => normal() / 6)
      for (let i = 0; i < images; i++) {
        const value = Math.max(0, dotRange(hidden, i * HIDDEN, filter, 0, HIDDEN) + 0.5 * normal())
        responses[k * images + i] = value
        totals[i] = totals[i] + value
      }
    }
    for (let k = first; k < last; k++) {
      for (let i = 0; i < images; i++) {
        const at = k * images + i
        responses[at] = responses[at] / Math.max(1e-12, totals[i])
      }
    }
    first = last
  })
  return responses
}

const responses = makeResponses()
const gram = new Float64Array(features * features)
for (let a = 0; a < features; a++) {
  for (let b = 0; b <= a; b++) {
    const value = dotRange(responses, a * images, responses, b * images, images)
    gram[a * features + b] = value
    gram[b * features + a] = value
  }
}
const q = new Float64Array(classes * features)
const labelNorms = new Float64Array(classes)
for (let i = 0; i < images; i++) {
  const j = i % classes
  labelNorms[j] = labelNorms[j] + 1
  for (let k = 0; k < features; k++) {
    q[j * features + k] = q[j * features + k] + responses[k * images + i]
  }
}

function solveClass(j: number): LassoSolution {
  const labelNorm = labelNorms[j]
  return solveLasso({ gram, size: features, q: q.subarray(j * features, (j + 1) * features), labelNorm, mu })
}

let solutions: LassoSolution[] = []
let seconds = Infinity
for (let repeat = 0; repeat < REPEATS; repeat++) {
  const start = performance.now()
  solutions = Array.from({ length: classes }, (_, j) => solveClass(j))
  seconds = Math.min(seconds, (performance.now() - start) / 1000)
}
const nonZeros = solutions.map(({ certificate }) => certificate.nonZeros)
const worstGap = Math.max(...solutions.map(({ certificate }) => certificate.relativeGap))
console.log(
  `solveLasso: ${features} features, ${classes} classes, mu ${mu}: ${seconds.toFixed(3)} s, ` +
    `${Math.min(...nonZeros)} to ${Math.max(...nonZeros)} non-zeros, worst gap/f ${worstGap.toExponential(1)}`,
)

const folder = mkdtempSync(join(tmpdir(), 'vebi-bench-'))
try {
  const save = (name: string, data: Float64Array, shape: number[]): void =>
    writeFileSync(join(folder, name), encodeNpy({ shape, data }))
  save('gram.npy', gram, [features, features])
  save('q.npy', q, [classes, features])
  save(
    'lambda.npy',
    Float64Array.from(solutions, ({ certificate }) => certificate.lambda),
    [classes],
  )
  save('weights.npy', Float64Array.from(solutions.flatMap(({ weights }) => Array.from(weights))), [classes, features])
  const program = join(import.meta.dirname, 'lasso.py')
  const python = spawnSync(process.env['PYTHON'] ?? 'python3', [program, folder, String(REPEATS)], { encoding: 'utf8' })
  if (python.error || python.status !== 0) {
    console.log(`scikit-learn skipped: ${(python.stderr ?? python.error?.message ?? '').trim().split('\n').at(-1)}`)
  } else {
    const other = JSON.parse(python.stdout) as { version: string; seconds: number; objectiveDifference: number }
    console.log(`lars_path_gram (scikit-learn ${other.version}): ${other.seconds.toFixed(3)} s`)
    console.log(`largest difference of an objective, relative to q'w: ${other.objectiveDifference.toExponential(1)}`)
    console.log(`ratio: ${(other.seconds / seconds).toFixed(1)}`)
  }
} finally {
  rmSync(folder, { recursive: true })
}

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { featureLayout, type FeatureLayout } from '../../src/core/features.ts'
import { describeImages } from '../../src/core/responses.ts'
import { ACCEPTED_GAP } from '../../src/core/selection/certificate.ts'
import { solveAll } from '../../src/core/selection/lasso.ts'
import { StatisticsSum, type SufficientStatistics } from '../../src/core/statistics.ts'
import { gramProduct } from '../../src/main/model/channel-responses.ts'
import { floatsOf } from '../../src/main/model/download.ts'
import { secondsOf, skipped, type Measurement } from './measurement.ts'

const LARS = "scikit-learn's LARS / selection"
const LARS_PROMISE = 'at least 5'
const LEAST_RATIO = 5
const HIDDEN = 64
const BLOCK = 2048
const MU = 60

/** Selection from a ready Gram matrix: 1140 features, 10 classes beside scikit-learn; unless `quick` 6000 and 100. */
export async function measureSelection(quick: boolean): Promise<Measurement[]> {
  const run = spawnSync(process.execPath, [join(import.meta.dirname, 'lasso.ts')], { encoding: 'utf8' })
  const own = /: ([\d.]+) s, (.*), worst gap\/f (\S+)/.exec(run.stdout)
  if (run.status !== 0 || !own) throw new Error(`lasso.ts failed: ${run.stderr}`)
  const measurements = [inTime(1140, 10, 1, Number(own[1]), Number(own[3]), own[2])]
  const ratio = /^ratio: (.*)$/m.exec(run.stdout)
  const lars = /^lars_path_gram \(scikit-learn (.*)\): (.*) s$/m.exec(run.stdout)
  if (ratio && lars) {
    const note = `${lars[2]} s / ${own[1]} s, scikit-learn ${lars[1]}, same Gram matrix and same lambda`
    measurements.push({
      name: LARS,
      value: ratio[1],
      promise: LARS_PROMISE,
      kept: Number(ratio[1]) >= LEAST_RATIO,
      note,
    })
  } else {
    measurements.push(skipped(LARS, LARS_PROMISE, /^scikit-learn skipped: (.*)$/m.exec(run.stdout)?.[1] ?? run.stderr))
  }
  if (!quick) measurements.push(await measureLarge(6000, 100, 60))
  return measurements
}

async function measureLarge(features: number, classes: number, limit: number): Promise<Measurement> {
  const { gram, trueLabels } = makeStatistics(features, classes)
  let worst = 0
  const counts: number[] = []
  const taken = await secondsOf(async () => {
    const problem = { gram, size: features, q: trueLabels.sums, labelNorms: trueLabels.norms, mu: MU }
    for (const { certificate } of await solveAll(problem)) {
      worst = Math.max(worst, certificate.relativeGap)
      counts.push(certificate.nonZeros)
    }
  })
  const found = `${Math.min(...counts)} to ${Math.max(...counts)} non-zeros`
  return inTime(features, classes, limit, taken, worst, found)
}

function inTime(
  features: number,
  classes: number,
  limit: number,
  taken: number,
  gap: number,
  found: string,
): Measurement {
  return {
    name: `selection of ${features} features, ${classes} classes`,
    value: `${taken.toFixed(2)} s`,
    promise: `below ${limit} s`,
    kept: taken < limit && gap <= ACCEPTED_GAP,
    note: `${found}, worst relative gap ${gap.toExponential(1)}`,
  }
}

/** Responses like those of a network: rectified projections of a hidden state that depends on the class. */
function makeStatistics(features: number, classes: number): SufficientStatistics {
  const layout = layersOf(features)
  const sum = new StatisticsSum(features, classes)
  const filters = tf.randomNormal([HIDDEN, features], 0, 1 / Math.sqrt(HIDDEN), 'float32', 1)
  const centres = tf.randomNormal([classes, HIDDEN], 0, 1.5, 'float32', 2)
  for (let block = 0; block < 3; block++) {
    const labels = Int32Array.from({ length: BLOCK }, (_, image) => image % classes)
    const norms = floatsOf(() => {
      const noise = tf.randomNormal([BLOCK, HIDDEN], 0, 1, 'float32', 10 + block)
      const hidden = tf.add(tf.gather(centres, tf.tensor1d(labels, 'int32')), noise)
      const answers = tf.matMul(hidden, filters)
      return tf.relu(tf.add(answers, tf.randomNormal([BLOCK, features], 0, 0.5, 'float32', 20 + block)))
    })
    const descriptors = describeImages(norms, BLOCK, layout, { response: 'l2', image: 'none' })
    sum.add(descriptors, labels, labels, gramProduct(descriptors, BLOCK, features))
  }
  tf.dispose([filters, centres])
  return sum.finish()
}

function layersOf(features: number): FeatureLayout {
  const widths = [0.02, 0.02, 0.06, 0.1, 0.3].map((share) => Math.round(share * features))
  widths.push(features - widths.reduce((sum, width) => sum + width, 0))
  return featureLayout(
    widths.map((channels, i) => ({
      number: i + 1,
      node: i + 1,
      name: `layer${i + 1}`,
      kind: 'convolutional',
      channels,
    })),
  )
}

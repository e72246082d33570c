import { throwIfCancelled, VebiError } from '../../shared/errors.ts'
import type { ExplanationSpec } from '../../shared/jobs.ts'
import { batches } from '../data/batches.ts'
import { batchSizeFor } from '../model/network.ts'
import { EXPLAIN_BATCH, explainBatch, findExplanation, hasExplanation } from './explanation-store.ts'
import type { StoredExplanation } from './explanation-store.ts'
import type { Project } from './project.ts'
import { breathe, type JobContext } from './runner.ts'
import { select } from './selection.ts'

/** The explanation of one test image (method section 3). */
export interface Explanation extends StoredExplanation {
  /** Index in the test images. */
  readonly image: number
}

/** Explains the network's predictions for the chosen test images. Every explanation is stored with its raw heatmaps. */
export async function explain(project: Project, spec: ExplanationSpec, context: JobContext): Promise<Explanation[]> {
  const { test, config, graph } = project
  const outside = spec.images.find((image) => !Number.isInteger(image) || image < 0 || image >= test.records.length)
  if (outside !== undefined) {
    throw new VebiError(
      'bad-argument',
      `There is no test image ${outside}: they are numbered 0 to ${test.records.length - 1}.`,
    )
  }
  const selection = await select(project, spec.selection, context)
  const hashOf = (image: number): string => test.records[image].hash
  const missing = spec.images.filter((image) => !hasExplanation(project, selection, spec, hashOf(image)))
  let done = 0
  const options = { batchSize: batchSizeFor(graph, EXPLAIN_BATCH), indexes: missing, signal: context.signal }
  for await (const batch of batches(test, config.preprocessing, options)) {
    throwIfCancelled(context.signal)
    const failure = batch.failures[0]
    if (failure) throw new VebiError('bad-file', failure.reason)
    explainBatch(project, selection, spec, batch.data, Array.from(batch.indexes, hashOf))
    done += batch.indexes.length
    context.report({ phase: 'explain', done, total: missing.length, unit: 'images' })
    await breathe()
  }
  return spec.images.map((image) => ({ image, ...findExplanation(project, selection, spec, hashOf(image))! }))
}

import { basename, dirname } from 'node:path'
import type { StrideCorrection } from '../../shared/graph.ts'
import type { HeatmapMethod, SelectionSpec } from '../../shared/jobs.ts'
import type { FeatureName } from '../../shared/results.ts'
import { shortNumber } from '../figures/parts.ts'
import type { Project } from './project.ts'

/** Phrases of which the captions of figures are made. */

/** A share as per cent with one digit; never 0 for what is not. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return 'less than 0.1 %'
  return `${(share * 100).toFixed(1)} %`
}

/** Names that say which part of a data set a folder holds and nothing of the data set. */
const PARTS = /^(train(ing)?|test(ing)?|val(idation)?|images|data|t10k.*|.*\.(csv|gz|idx|\w*ubyte))$/i

/** Name of the data set that a path ends in, without the path. */
export function dataSetName(location: string): string {
  let path = location.split(/:(?=[^\\/]*[\\/])/)[0]
  while (PARTS.test(basename(path)) && dirname(path) !== path) path = dirname(path)
  return basename(path) || basename(location)
}

export function testData({ config }: Project): string {
  return `test images of ${dataSetName(config.test)}`
}

export function describeSelection({ preset, mu, nonnegative, labels }: Omit<SelectionSpec, 'layers'>): string {
  return [
    `preset ${preset}`,
    `μ = ${shortNumber(mu)}`,
    ...(nonnegative ? ['weights of 0 and above'] : []),
    labels === 'true' ? 'true labels' : 'predicted labels',
  ].join(', ')
}

export const METHOD_NAMES: Readonly<Record<HeatmapMethod, string>> = {
  ours: 'Ours (stride corrected)',
  'deconv-gb': 'Deconv+GB',
  deconvnet: 'DeconvNet',
  gradient: 'Gradient',
  upsampled: 'Upsampled activations',
}

export function describeStrideCorrection(correction: StrideCorrection): string {
  switch (correction) {
    case 'none':
      return 'no stride correction'
    case 'conv':
      return 'stride correction of convolutions'
    case 'conv+pool':
      return 'stride correction of convolutions and pooling'
  }
}

export function describeFeature({ layerNumber, layerName, channel }: Omit<FeatureName, 'feature'>): string {
  return `channel ${channel} of layer ${layerNumber} (${layerName})`
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** "1 feature", "7 features". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

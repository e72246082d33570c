import { VebiError } from '../../../shared/errors.ts'
import type { LayerEntry } from './layer-entry.ts'

/** A network without the layers that only training needs. */
export interface Deployed {
  readonly layers: readonly LayerEntry[]
  /** The variable that takes the image, and the one that holds the classes. */
  readonly input: string
  readonly output: string
  /** The loss over the output that a softmax takes the place of, as MatConvNet deploys networks; null without one. */
  readonly loss: LayerEntry | null
}

/** Drops the losses and finds the ends of what is left. Throws VebiError where it has not one image and one output. */
export function deployed(file: string, stated: readonly LayerEntry[]): Deployed {
  const losses = stated.filter(isLoss)
  const layers = stated.filter((layer) => !isLoss(layer))
  if (layers.length === 0) throw new VebiError('bad-model', `${file}: the network has no layers.`)
  const lost = new Set(losses.map((loss) => loss.output))
  const behind = layers.find((layer) => layer.inputs.some((name) => lost.has(name)))
  if (behind) throw behind.unsupported('behind a loss, where a network ends')

  const written = new Set(layers.map((layer) => layer.output))
  const read = new Set(layers.flatMap((layer) => layer.inputs))
  const inputs = [...read].filter((name) => !written.has(name))
  if (inputs.length !== 1) throw new VebiError('unsupported', `${file}: ${countOf('input', inputs)}, where one image is expected.`)
  const outputs = [...written].filter((name) => !read.has(name))
  if (outputs.length !== 1) {
    throw new VebiError('unsupported', `${file}: ${countOf('output', outputs)}, where one, the classes, is expected.`)
  }
  const loss = losses.find((layer) => layer.inputs[0] === outputs[0] && hasSoftmax(layer)) ?? null
  return { layers, input: inputs[0], output: outputs[0], loss }
}

function isLoss({ kind }: LayerEntry): boolean {
  return kind === 'loss' || kind === 'softmaxloss'
}

function hasSoftmax(loss: LayerEntry): boolean {
  return loss.kind === 'softmaxloss' || loss.text('loss', 'softmaxlog') === 'softmaxlog'
}

function countOf(end: string, names: readonly string[]): string {
  const list = names.length === 0 ? '' : ` (${names.map((name) => `"${name}"`).join(', ')})`
  return `the network has ${names.length === 0 ? 'no' : names.length} ${end}${names.length === 1 ? '' : 's'}${list}`
}

import type { ModelReport } from '../../../shared/model-report.ts'
import { formatCount } from '../../lib/format.ts'
import { featuresOf, layersIn, layersText } from '../model/layers.ts'

/** What a model will and will not do here. */
export interface Capability {
  readonly kind: 'works' | 'limited' | 'refused'
  readonly sentence: string
}

/** Rows, columns and channels of the images that a model takes; null where it takes none. */
export function imageInput({ input }: ModelReport): { height: number; width: number; channels: 1 | 3 } | null {
  const [height, width, channels = 1] = input
  if (input.length < 2 || input.length > 3 || height === undefined || width === undefined) return null
  return channels === 1 || channels === 3 ? { height, width, channels } : null
}

export function capabilitiesOf(report: ModelReport): Capability[] {
  const capabilities: Capability[] = []
  const say = (kind: Capability['kind'], sentence: string): number => capabilities.push({ kind, sentence })
  const image = imageInput(report)
  if (image) {
    const colours = image.channels === 3 ? 'colour' : 'grey'
    say('works', `Takes ${colours} images of ${image.height} × ${image.width} pixels.`)
  } else {
    say(
      'refused',
      `Takes inputs of shape ${report.input.join(' × ')}, which are no images of 1 or 3 channels: choose a model of images.`,
    )
  }
  if (report.outputs > 1) say('works', `Tells ${formatCount(report.outputs)} classes apart.`)
  else say('limited', 'Has one output and so tells no classes apart: choose a model with one output for each class.')
  const all = layersIn(report, 'All')
  const convolutions = layersIn(report, 'OnlyConv')
  if (all.length === 0) say('refused', 'No layer is left to search for features: all are tied to the classes.')
  else say('works', `Features are searched in ${countOf(all.length, 'layer')} (All): ${formatCount(featuresOf(all))}.`)
  if (convolutions.length === 0) say('limited', 'No convolution, so the layer set OnlyConv is empty.')
  else {
    say('works', `Of these, ${formatCount(featuresOf(convolutions))} are channels of convolutions (OnlyConv).`)
  }
  const tied = layersIn(report, 'classes')
  if (tied.length > 0) {
    const numbers = layersText(tied.map(({ number }) => number))
    const [who, verb] = tied.length === 1 ? ['Layer', 'is'] : ['Layers', 'are']
    say('works', `${who} ${numbers} ${verb} tied to the classes and not searched for features.`)
  }
  const seeing = all.find(({ receptiveField: [height, width] }) => {
    return image !== null && height >= image.height && width >= image.width
  })
  if (seeing) {
    say('limited', `From layer ${seeing.number} on a unit sees the whole image, so average images show whole images.`)
  }
  for (const warning of report.warnings) say('limited', warning)
  return capabilities
}

function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

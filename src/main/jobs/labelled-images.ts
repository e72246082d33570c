import { VebiError } from '../../shared/errors.ts'
import { listed } from '../data/files.ts'
import type { ImageSource } from '../data/types.ts'
import type { LabelledImages } from './preset-trials.ts'

/** Class names in the order of a network's outputs, and who says so. */
export interface NamedClasses {
  readonly names: readonly string[]
  /** For messages: a file. */
  readonly from: string
}

/**
 * Gives each image the output of the network that it belongs to: by the names, of which the images may have a part;
 * without names in the order of the images' own classes, which must then be as many as the outputs. Throws VebiError
 * with the reason where the labels do not fit.
 */
export function labelImages(source: ImageSource, outputs: number, named: NamedClasses | null): LabelledImages {
  const classOf = outputsOf(source, outputs, named)
  return { source, classOf: (index) => classOf[source.records[index].label] }
}

/** Output of each class of the source. */
function outputsOf({ classes, location }: ImageSource, outputs: number, named: NamedClasses | null): readonly number[] {
  if (named === null) {
    if (classes.length === outputs) return classes.map((_, label) => label)
    throw new VebiError(
      'bad-data',
      `The model has ${outputs} outputs, but ${location} has ${classes.length} classes: ` +
        'a file of labels, with one class on each line, says which output is which.',
    )
  }
  const { names, from } = named
  if (names.length !== outputs) {
    throw new VebiError('bad-data', `${from} names ${names.length} classes, but the model has ${outputs} outputs.`)
  }
  const unknown = classes.filter((name) => !names.includes(name))
  const repeated = classes.find((name) => names.indexOf(name) !== names.lastIndexOf(name))
  if (unknown.length === 0 && repeated !== undefined) {
    throw new VebiError(
      'bad-data',
      `${from} names the class "${repeated}" of ${location} more than once, which leaves open which output it is.`,
    )
  }
  if (unknown.length === 0) return classes.map((name) => names.indexOf(name))
  // Numbers are positions in the list.
  const numbers = classes.map((name) => (/^\d+$/.test(name) ? Number(name) : outputs))
  if (numbers.every((number) => number < outputs)) return numbers
  throw new VebiError('bad-data', `${location} has classes that ${from} does not name: ${listed(unknown)}.`)
}

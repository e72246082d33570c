import { CLASS_PIGMENTS, type Pigment } from './palette.ts'
import type { Part } from './scene.ts'

export const FLOWER_VARIANTS = ['single-6c', 'double-12c'] as const
export type FlowerVariant = (typeof FLOWER_VARIANTS)[number]

export const FLOWER_SPLITS = ['train', 'validation', 'test'] as const
export type FlowerSplit = (typeof FLOWER_SPLITS)[number]

export interface FlowerClass {
  readonly label: number
  /** Folder name; sorting the names gives the order of the labels. */
  readonly name: string
  readonly pigment: Pigment
  /** The part that carries the colour: the discriminative part. */
  readonly part: Part
}

/** The parts that can carry the class colour, chosen for their similar visible area. */
export const CANDIDATE_PARTS: Readonly<Record<FlowerVariant, readonly Part[]>> = {
  'single-6c': ['petals'],
  'double-12c': ['petals', 'pot'],
}

/** Classes in label order: the colour of one part, or the colour and the part that has it (Oramas et al. 2019). */
export function flowerClasses(variant: FlowerVariant): readonly FlowerClass[] {
  const parts = CANDIDATE_PARTS[variant]
  return CLASS_PIGMENTS.flatMap((pigment, colour) =>
    parts.map((part, i) => {
      const label = colour * parts.length + i
      const isOnlyPart = parts.length === 1
      const name = isOnlyPart ? `${label}-${pigment.name}` : `${String(label).padStart(2, '0')}-${pigment.name}-${part}`
      return { label, name, pigment, part }
    }),
  )
}

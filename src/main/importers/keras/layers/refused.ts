import type { Layer } from './layer.ts'

const ATTENTION = 'whose weighted sums over places have no backward rules here'
const PROGRAM = 'which holds a program; nothing in a model file is executed'

const CROPPING = 'which crops images; crop them before the network'

/** Layers that people meet, with the reason why they are not represented; completes "layer ... is a <Class>, ". */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['Lambda', PROGRAM],
  ['Attention', ATTENTION],
  ['AdditiveAttention', ATTENTION],
  ['MultiHeadAttention', ATTENTION],
  ['GroupQueryAttention', ATTENTION],
  ['Resizing', 'which resizes images; resize them before the network'],
  ['CenterCrop', CROPPING],
  ['RandomCrop', CROPPING],
])

/** Why a layer of a class without converter is not represented. */
export function reasonToRefuse(layer: Layer): string {
  return REASONS.get(layer.className) ?? 'which is not supported'
}

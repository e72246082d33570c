import { describe, expect, it } from 'vitest'
import { artifactKey, canonicalJson } from './artifact-key.ts'
import { failureOf } from './testing/failures.ts'

const inputs = {
  weights: 'ab12',
  layers: [['conv1', 20], ['fc', 500]],
  scale: 1 / 255,
  mean: [0.1, 1e21, 1e-7],
  crop: null,
  größe: true,
}

describe('artifactKey', () => {
  it('is the SHA-256 of the canonical text', () => {
    // Python: sha256(json.dumps({'kind': ..., 'inputs': ...}, sort_keys=True, separators=(',', ':'),
    // ensure_ascii=False)), where the exponents 1e+21 and 1e-07 are written as RFC 8785 has them.
    expect(artifactKey('responses', inputs)).toBe('7d857c1c350ddd4ab8f8c9f798592050a7eae6a25510d858fa735bc604b65c2e')
  })

  it('does not depend on the order of keys at any depth', () => {
    expect(artifactKey('k', { a: 1, b: { c: 2, d: [{ e: 3, f: 4 }] } })).toBe(
      artifactKey('k', { b: { d: [{ f: 4, e: 3 }], c: 2 }, a: 1 }),
    )
  })

  it('differs for another kind, value, type, order of a list, or an additional input', () => {
    const key = artifactKey('k', { a: [1, 2], b: 'x' })
    const others = [
      artifactKey('l', { a: [1, 2], b: 'x' }),
      artifactKey('k', { a: [1, 3], b: 'x' }),
      artifactKey('k', { a: ['1', 2], b: 'x' }),
      artifactKey('k', { a: [2, 1], b: 'x' }),
      artifactKey('k', { a: [1, 2], b: 'x', c: null }),
      artifactKey('k', { a: [[1], 2], b: 'x' }),
    ]
    expect(new Set([key, ...others]).size).toBe(7)
  })
})

describe('canonicalJson', () => {
  it('says the same as JSON, keys sorted by code unit', () => {
    const text = '{"B":null,"a":["\\"\\n",1e+21,false],"b":0}'
    expect(canonicalJson({ b: -0, a: ['"\n', 1e21, false], B: null })).toBe(text)
    expect(JSON.parse(canonicalJson(inputs))).toEqual(inputs)
  })

  it('refuses whatever JSON would drop or blur, and says where', () => {
    const sentence = (value: unknown) => failureOf(() => canonicalJson({ a: [value] })).sentence
    expect(sentence(undefined)).toBe('Not representable in JSON: value.a[0] is undefined.')
    expect(sentence(NaN)).toContain('is NaN')
    expect(sentence(Infinity)).toContain('is Infinity')
    expect(sentence(new Float32Array(2))).toContain('is a Float32Array')
    expect(sentence(new Map())).toContain('is a Map')
    expect(sentence(new Date(0))).toContain('is a Date')
    expect(sentence(1n)).toContain('is a bigint')
    expect(sentence(() => 1)).toContain('is a function')
    expect(failureOf(() => canonicalJson(new Array(1))).sentence).toContain('value[0] is undefined')
  })
})

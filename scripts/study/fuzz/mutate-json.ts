import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { randomIndex } from '../../../src/core/random.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

interface Place {
  readonly container: Json[] | { [key: string]: Json }
  readonly key: string | number
}

const EXTREMES: readonly Json[] = [
  0, -1, 1, 0.5, 2 ** 16, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 1e308, -1e308, null, true, false, '', 'x', '../x', [], {}, [[]],
]
const KEYS = ['name', 'config', 'class_name', 'layers', 'shape', 'dtype', 'inbound_nodes', '__proto__', 'length', '']

/** One change of the structure: keys dropped, renamed or added, values exchanged, repeated, nested or made extreme. */
export function mutateJson(bytes: Buffer, random: RandomGenerator): Buffer {
  let value: Json
  try {
    value = JSON.parse(bytes.toString()) as Json
  } catch {
    return bytes
  }
  const places: Place[] = []
  collect(value, places)
  if (places.length === 0) return Buffer.from(JSON.stringify(pick(EXTREMES)))
  const place = pick(places)
  const other = pick(places)
  const get = ({ container, key }: Place): Json => (container as Record<string | number, Json>)[key]
  const set = ({ container, key }: Place, next: Json): void => {
    if (Array.isArray(container)) container[key as number] = next
    // A plain assignment to this key would change the prototype and write nothing.
    else Object.defineProperty(container, key, { value: next, enumerable: true, configurable: true, writable: true })
  }
  const changes: readonly (() => void)[] = [
    () => set(place, pick(EXTREMES)),
    () => set(place, pick(EXTREMES)),
    () => set(place, structuredClone(get(other))),
    () => {
      const held = structuredClone(get(place))
      set(place, structuredClone(get(other)))
      set(other, held)
    },
    () => {
      if (Array.isArray(place.container)) place.container.splice(place.key as number, 1)
      else delete place.container[place.key]
    },
    () => {
      const held = get(place)
      if (Array.isArray(place.container)) place.container.push(structuredClone(held))
      else set({ container: place.container, key: pick(KEYS) }, structuredClone(held))
    },
    () => {
      let nested = get(place)
      for (let depth = pick([1, 2, 50, 3000]); depth > 0; depth--) {
        nested = depth % 2 === 0 ? [nested] : { layers: nested }
      }
      set(place, nested)
    },
    () => {
      const part = small(get(place))
      set(place, Array.from({ length: pick([2, 10, 500]) }, () => structuredClone(part)))
    },
    () => {
      const held = get(place)
      if (typeof held === 'number') set(place, pick([-held, held + 1, held - 1, held * 1000, held / 3, held * 2 ** 20]))
      else if (typeof held === 'string') set(place, pick([held.slice(1), held + held, held.toUpperCase(), 'x'.repeat(10_000)]))
      else set(place, null)
    },
  ]
  try {
    pick(changes)()
    return Buffer.from(JSON.stringify(value))
  } catch {
    // Too deep to be copied or written.
    return bytes
  }

  function pick<Value>(values: readonly Value[]): Value {
    return values[randomIndex(random, values.length)]
  }
}

/** Repeating large parts would only make large files. */
function small(value: Json): Json {
  return JSON.stringify(value).length < 2000 ? value : null
}

/** Walked without recursion, since mutants may be nested deeply. */
function collect(value: Json, places: Place[]): void {
  const pending: Json[] = [value]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue
    const container = next
    const keys = Array.isArray(container) ? container.keys() : Object.keys(container)
    for (const key of keys) {
      places.push({ container, key })
      pending.push((container as Record<string | number, Json>)[key])
    }
  }
}

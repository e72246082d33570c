export type Vector = readonly [number, number, number]

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/** The sum of `weight * vector` over the pairs given. */
export function combine(...terms: readonly (readonly [number, Vector])[]): Vector {
  let x = 0
  let y = 0
  let z = 0
  for (const [weight, vector] of terms) {
    x += weight * vector[0]
    y += weight * vector[1]
    z += weight * vector[2]
  }
  return [x, y, z]
}

/** Throws RangeError on the zero vector. */
export function normalize(vector: Vector): Vector {
  const length = Math.hypot(...vector)
  if (length === 0) throw new RangeError('normalize: the vector is zero')
  return [vector[0] / length, vector[1] / length, vector[2] / length]
}

/** Arrays that cross the contract: row-major (C order) data with its shape. */
export type NumericArray = Float32Array | Float64Array | Int32Array | Uint8Array

export interface Matrix<Data extends NumericArray = NumericArray> {
  /** Sizes, slowest axis first. */
  readonly shape: readonly number[]
  readonly data: Data
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

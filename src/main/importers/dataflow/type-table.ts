import { LEAST_STORED_BYTES, readPieces, rowMajorValues, type FilePiece } from '../weight-in-file.ts'
import { checkStored, tensorOf, type ElementType } from './element-types.ts'
import { TensorFault, tensorInFile, type Tensor } from './tensor.ts'

/** An element type under the name that a format gives it. */
export interface NamedType extends ElementType {
  readonly name: string
}

/** What values become that are cast to a type. */
export type CastTarget = 'float' | 'integer' | 'truth'

/** The element types that are read of a format, by the numbers that it has for them. */
export class TypeTable<Type extends NamedType> {
  private readonly types: ReadonlyMap<number, Type>
  private readonly otherNames: Readonly<Record<number, string>>

  /** @param otherNames of types that are not read, for messages. */
  constructor(types: readonly (readonly [number: number, type: Type])[], otherNames: Readonly<Record<number, string>>) {
    this.types = new Map(types)
    this.otherNames = otherNames
  }

  /** Throws TensorFault for a type that is not read. */
  of(number: number): Type {
    const type = this.types.get(number)
    if (type) return type
    throw new TensorFault(`has the element type ${this.otherNames[number] ?? number}, which is not read`)
  }

  /** Undefined for a type that is not read. */
  castTarget(number: number): CastTarget | undefined {
    const type = this.types.get(number)
    return type?.name === 'bool' ? 'truth' : type?.kind
  }

  isSinglePrecision(number: number): boolean {
    return this.castTarget(number) === 'float' && this.types.get(number)!.bytes === Float32Array.BYTES_PER_ELEMENT
  }

  /** A sentence for each floating-point type but single precision in which weights are stored. */
  precisionWarnings(weights: Iterable<readonly [name: string, type: number]>): string[] {
    const others = new Map<string, string>()
    for (const [weight, number] of weights) {
      if (this.castTarget(number) !== 'float' || this.isSinglePrecision(number)) continue
      const { name } = this.of(number)
      if (!others.has(name)) others.set(name, weight)
    }
    return [...others].map(
      ([precision, weight]) => `Weights such as "${weight}" are stored as ${precision}; here they compute in float32.`,
    )
  }

  /**
   * A tensor whose bytes are a piece of a file; large ones of single precision stay there. Throws TensorFault where the
   * dimensions ask for more or fewer values than it holds.
   */
  tensorAt(number: number, dimensions: readonly number[], place: FilePiece): Tensor {
    const type = this.of(number)
    checkStored(type, dimensions, place.length)
    const staysThere = this.isSinglePrecision(number) && place.length >= LEAST_STORED_BYTES
    if (staysThere) return tensorInFile(rowMajorValues([place], dimensions))
    return tensorOf(type, dimensions, { raw: readPieces([place]) })
  }
}

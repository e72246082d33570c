import type { Graph } from '../../shared/graph.ts'

export interface OpenOptions {
  /** Height and width in pixels for a model that leaves them open; must agree with a model that fixes them. */
  readonly inputSize?: { readonly height: number; readonly width: number }
}

/** One model format. */
export interface Importer {
  /** The format as people call it, for messages and reports. */
  readonly name: string
  /** Whether the path looks like this format, by its name and kind alone; `open` gives the reasons when it is not. */
  match(path: string): Promise<boolean>
  /** A cheap look at a path that matches: the sentence that refuses it where it is plainly none, else null. */
  glance(path: string): Promise<string | null>
  /**
   * The graph without its hash; large weights may be left in their files (`WeightInFile`). Throws VebiError naming the
   * file and the reason when the model cannot be represented.
   */
  open(path: string, options?: OpenOptions): Promise<Graph>
}

import type { PreprocessingConfig } from './project.ts'

/** Images that are tried at most: enough to tell families apart, few enough to wait for. */
export const MOST_TRIED = 200

/** How often a network is right with each usual preprocessing, on the same labelled images. */
export interface PresetTrials {
  /** That were read, spread over all. */
  readonly images: number
  readonly unreadable: number
  /** What guessing the commonest label among them would reach. */
  readonly chance: number
  /** The best first. */
  readonly trials: readonly PresetTrial[]
  /**
   * `clear`: the first is right more often than all others; `tie`: its log loss alone speaks for it; `order`: the
   * predictions go with the labels, but under other numbers; `guessing`: they have nothing to do with the labels.
   */
  readonly outcome: 'clear' | 'tie' | 'order' | 'guessing'
  /** What follows from them, one sentence. */
  readonly verdict: string
}

export interface PresetTrial {
  readonly name: string
  readonly hint: string
  readonly preprocessing: PreprocessingConfig
  /** Share of the images whose predicted class is the label. */
  readonly accuracy: number
  /** Mean of -ln p of the images' own classes; a p below 1e-7 counts as that. */
  readonly logLoss: number
  /** The class that is predicted most often, and the share of the images it is predicted for. */
  readonly commonest: { readonly classIndex: number; readonly share: number }
  /**
   * `best`: of those that cannot be told from the most accurate one on these images (McNemar's exact test, 5 %) the one
   * with the least log loss; `tied`: the others of these; `worse`, which all are where the outcome recommends none.
   */
  readonly standing: 'best' | 'tied' | 'worse'
}

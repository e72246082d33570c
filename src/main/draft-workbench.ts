import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArgumentOf, Draft } from '../shared/contract.ts'
import type { Graph } from '../shared/graph.ts'
import { throwIfCancelled, VebiError } from '../shared/errors.ts'
import type { PresetTrials } from '../shared/preset-trials.ts'
import type { ImageRole } from '../shared/images.ts'
import type { DraftAccuracy, DraftPreview } from '../shared/project-info.ts'
import { openImages, openIngredients, type ImageOptions, type Ingredients, type Listening } from './app.ts'
import { checkDisjoint } from './data/identity.ts'
import type { ImageSource } from './data/types.ts'
import { openForeignModel } from './importers/isolated/index.ts'
import { draftAccuracy, previewSamples } from './jobs/draft-images.ts'
import { candidatesFor } from './jobs/preset-candidates.ts'
import { tryPresets } from './jobs/preset-trials.ts'
import { progressReporter } from './jobs/runner.ts'
import { describeImages } from './jobs/image-set.ts'
import { startEngine } from './model/engine.ts'
import { Network } from './model/network.ts'

/**
 * A project that is still being thought about. What was opened stays open, so that another mean or channel order is
 * answered at once; another model or another folder takes the place of the one before.
 */
export class DraftWorkbench {
  private readonly onProgress: NonNullable<Listening['onProgress']>
  private readonly model = new Kept<Graph>()
  private readonly images: Readonly<Record<ImageRole, Kept<ImageSource>>> = { train: new Kept(), test: new Kept() }
  /** The pair that was last found to share no image. */
  private disjoint: Pick<Ingredients, 'train' | 'test'> | undefined
  private network: Network | undefined
  private measuring: AbortController | undefined
  /** What the latest call is about, but for the preprocessing. */
  private latest: string | undefined

  constructor(onProgress: NonNullable<Listening['onProgress']>) {
    this.onProgress = onProgress
  }

  /** Throws what making the project would throw, and 'cancelled' where another draft takes its place meanwhile. */
  async preview({ draft, role, count }: ArgumentOf<'draft.preview'>): Promise<DraftPreview> {
    const ingredients = await this.open(draft)
    const { preprocessing, train, test } = ingredients
    return {
      preprocessing,
      classes: train.classes,
      train: describeImages(train),
      test: describeImages(test),
      samples: await previewSamples(ingredients[role], preprocessing, count),
    }
  }

  /** Throws as `preview`; a later call ends an earlier one. */
  async accuracy({ draft, images }: ArgumentOf<'draft.accuracy'>): Promise<DraftAccuracy> {
    return this.measure(draft, ({ preprocessing, test }, network, signal) =>
      draftAccuracy(network, test, preprocessing, images, signal),
    )
  }

  /** Throws as `preview`; a later measurement ends an earlier one. */
  async presets({ draft, images }: ArgumentOf<'draft.presets'>): Promise<PresetTrials> {
    return this.measure(draft, ({ graph, preprocessing, test }, network, signal) => {
      const report = progressReporter(({ phase, done, total }) => this.onProgress(phase, done, total))
      const labelled = { source: test, classOf: (index: number) => test.records[index].label }
      return tryPresets(network, labelled, candidatesFor(graph, preprocessing), images, { signal, report })
    })
  }

  /** Ends a measurement under way. */
  stop(): void {
    this.measuring?.abort()
  }

  close(): void {
    this.measuring?.abort()
    this.latest = undefined
    this.model.drop()
    this.images.train.drop()
    this.images.test.drop()
    this.disjoint = undefined
    this.network?.dispose()
    this.network = undefined
  }

  private async measure<Result>(
    draft: Draft,
    work: (ingredients: Ingredients, network: Network, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    this.measuring?.abort()
    const { signal } = (this.measuring = new AbortController())
    const ingredients = await this.open(draft)
    await startEngine()
    throwIfCancelled(signal)
    return work(ingredients, this.networkOf(ingredients.graph), signal)
  }

  private async open(draft: Draft): Promise<Ingredients> {
    const { model, train, test, masks = null, labels = null, modelClasses = false } = draft
    const asked = JSON.stringify([model, train, test, masks, labels, modelClasses])
    this.latest = asked
    // A call that was overtaken must not open again what it asked for, in the place of what was asked for since.
    const requireLatest = (): void => {
      if (this.latest !== asked) throw new VebiError('cancelled', 'Other data or another model were chosen meanwhile.')
    }
    const ingredients = await openIngredients(draft, {
      model: async (path) => {
        const key = await modelKey(path)
        requireLatest()
        return this.model.get(key, () => openForeignModel(path))
      },
      images: (location, role, options) => {
        requireLatest()
        return this.openImages(location, role, options)
      },
    })
    if (this.disjoint?.train !== ingredients.train || this.disjoint.test !== ingredients.test) {
      checkDisjoint(ingredients.train, ingredients.test)
      this.disjoint = { train: ingredients.train, test: ingredients.test }
    }
    return ingredients
  }

  private openImages(location: string, role: ImageRole, options: ImageOptions): Promise<ImageSource> {
    const { classes = null, masks = null } = options
    return this.images[role].get(JSON.stringify([location, classes, masks]), (signal) =>
      openImages(location, role, options, { signal, onProgress: this.onProgress }),
    )
  }

  /** Runs on the engine are synchronous: whoever used the network before has been told to stop and is not using it. */
  private networkOf(graph: Graph): Network {
    if (this.network?.graph === graph) return this.network
    this.network?.dispose()
    this.network = new Network(graph)
    return this.network
  }
}

interface Opened<Value> {
  readonly key: string
  readonly controller: AbortController
  readonly value: Promise<Value>
}

/** One value, with what it was opened from. Opening another ends an opening under way. */
class Kept<Value> {
  private current: Opened<Value> | undefined

  get(key: string, open: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    if (this.current?.key === key) return this.current.value
    this.drop()
    const controller = new AbortController()
    const opened = { key, controller, value: open(controller.signal) }
    this.current = opened
    // A failure is not kept: the file may be mended.
    opened.value.catch(() => {
      if (this.current === opened) this.current = undefined
    })
    return opened.value
  }

  drop(): void {
    this.current?.controller.abort()
    this.current = undefined
  }
}

/** A model that was written anew since is another one. */
async function modelKey(path: string): Promise<string> {
  const files = await Promise.all([path, join(path, 'model.json')].map((file) => stat(file).catch(() => null)))
  return JSON.stringify([path, ...files.map((file) => file && [file.mtimeMs, file.size])])
}

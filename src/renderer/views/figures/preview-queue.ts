import type { FigurePreview, FigureRecipe } from '../../../shared/figures.ts'
import { canonical } from '../../lib/canonical.ts'

/** Previews that are kept; the oldest are drawn again when they come into sight again. */
const KEPT = 60

export interface PreviewQueue {
  /** Rejects as the engine does; never settles once `signal` is aborted. */
  readonly ask: (recipe: FigureRecipe, signal: AbortSignal) => Promise<FigurePreview>
  readonly clear: () => void
}

/**
 * Draws previews one after another, so that a long list does not keep the engine from other questions, and keeps the
 * latest. What has gone out of sight before its turn is left out.
 */
export function createPreviewQueue(draw: (recipe: FigureRecipe) => Promise<FigurePreview>): PreviewQueue {
  const kept = new Map<string, FigurePreview>()
  let generation = 0
  let last: Promise<unknown> = Promise.resolve()

  async function ask(recipe: FigureRecipe, signal: AbortSignal): Promise<FigurePreview> {
    // Neither the files nor the caption are seen in the preview.
    const key = canonical({ spec: recipe.spec, style: { ...recipe.style, dpi: 0 } })
    const known = kept.get(key)
    if (known) return known
    const turn = takeTurn(last, key, recipe, signal)
    last = turn
    const preview = await turn
    return preview === null || signal.aborted ? new Promise(() => {}) : preview
  }

  async function takeTurn(
    before: Promise<unknown>,
    key: string,
    recipe: FigureRecipe,
    signal: AbortSignal,
  ): Promise<FigurePreview | null> {
    const mine = generation
    await before.catch(() => {})
    if (signal.aborted) return null
    const known = kept.get(key)
    if (known) return known
    const preview = await draw(recipe)
    if (mine === generation) keep(key, preview)
    return preview
  }

  function keep(key: string, preview: FigurePreview): void {
    kept.set(key, preview)
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break
      kept.delete(oldest)
    }
  }

  return {
    ask,
    clear() {
      generation++
      kept.clear()
    },
  }
}

import { shallowReactive, shallowRef, type ShallowRef } from 'vue'
import type { ImageId, ImageInfo, Page, Prediction } from '../../../shared/images.ts'

/** An image of the list; with its prediction where predictions are made. */
export type ListedImage = ImageInfo | Prediction

export type LoadPage = (offset: number, limit: number) => Promise<Page<ListedImage>>

/** A list of any length of which only the pages in sight are fetched. */
export interface ImagePages {
  /** Null until the first page is there. */
  readonly total: ShallowRef<number | null>
  /** Why a page could not be fetched. */
  readonly error: ShallowRef<unknown>
  /** Position of an image among those that were fetched; -1 where it is not. */
  readonly indexOf: (image: ImageId) => number
  /** What is known at a position; undefined until it is fetched, which this begins. */
  readonly at: (index: number) => ListedImage | undefined
  /** Resolves when it is fetched; undefined beyond the end. */
  readonly fetched: (index: number) => Promise<ListedImage | undefined>
}

const PAGE = 200

/** A question that changed needs new pages; answers to the old one come to nobody. */
export function imagePages(load: LoadPage, pageSize = PAGE): ImagePages {
  const total = shallowRef<number | null>(null)
  const error = shallowRef<unknown>(null)
  const known = shallowReactive(new Map<number, ListedImage>())
  const places = shallowReactive(new Map<ImageId, number>())
  const asked = new Map<number, Promise<void>>()

  async function fetchPage(page: number): Promise<void> {
    try {
      const answer = await load(page * pageSize, pageSize)
      answer.items.forEach((item, i) => {
        known.set(page * pageSize + i, item)
        places.set(item.id, page * pageSize + i)
      })
      total.value = answer.total
    } catch (thrown) {
      error.value = thrown
      asked.delete(page)
    }
  }

  function ask(index: number): Promise<void> {
    const page = Math.floor(index / pageSize)
    const before = asked.get(page)
    if (before) return before
    const fetching = fetchPage(page)
    asked.set(page, fetching)
    return fetching
  }

  void ask(0)
  return {
    total,
    error,
    indexOf: (image) => places.get(image) ?? -1,
    at(index) {
      const item = known.get(index)
      if (item === undefined && error.value === null) void ask(index)
      return item
    },
    async fetched(index) {
      await ask(index)
      return known.get(index)
    },
  }
}

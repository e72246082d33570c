/** Rows kept beyond the edges, so that a scroll shows no gap. */
const MARGIN = 6

/** The rows that are in sight and `margin` beyond: from `first` up to and without `end`. Lengths in pixels. */
export function visibleRange(list: {
  count: number
  rowHeight: number
  scrollTop: number
  height: number
  margin?: number
}): {
  first: number
  end: number
} {
  const { count, rowHeight, scrollTop, height, margin = MARGIN } = list
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - margin)
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + margin)
  return { first: Math.min(first, end), end }
}

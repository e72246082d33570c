/**
 * Pointing game (Zhang et al. 2016), without tolerance around the mask: 1 where the highest value lies inside, else 0.
 * Where several pixels share the highest value it is the share of them that lies inside, what a pick among them hits
 * on average. An empty heatmap points nowhere: 0.
 *
 * @param heatmap `[pixels]`, not negative; @param mask `[pixels]`, 0 or 1.
 */
export function pointing(heatmap: ArrayLike<number>, mask: ArrayLike<number>): number {
  let highest = 0
  let places = 0
  let hits = 0
  for (let i = 0; i < mask.length; i++) {
    const value = heatmap[i]
    if (value > highest) {
      highest = value
      places = 0
      hits = 0
    }
    if (value === highest) {
      places++
      if (mask[i]) hits++
    }
  }
  return highest > 0 ? hits / places : 0
}

/**
 * Share of the heatmap's sum that lies inside the mask; 0 for an empty heatmap.
 *
 * @param heatmap `[pixels]`, not negative; @param mask `[pixels]`, 0 or 1.
 */
export function massInside(heatmap: ArrayLike<number>, mask: ArrayLike<number>): number {
  let all = 0
  let inside = 0
  for (let i = 0; i < mask.length; i++) {
    all += heatmap[i]
    if (mask[i]) inside += heatmap[i]
  }
  return all > 0 ? inside / all : 0
}

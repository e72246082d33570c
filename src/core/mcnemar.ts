/**
 * The exact two-sided p of McNemar's test: of two classifiers that are right equally often, how likely one of them wins
 * at least so many of the images that only one of them has right. Binomial, without approximation (McNemar 1947; as
 * `scipy.stats.binomtest`).
 *
 * @param onlyFirst images that the first alone has right; @param onlySecond the second alone.
 */
export function mcnemarP(onlyFirst: number, onlySecond: number): number {
  const [fewer, total] = [Math.min(onlyFirst, onlySecond), onlyFirst + onlySecond]
  // In logarithms: 2^total leaves double precision at 1024 images.
  let logTerm = -total * Math.LN2
  let tail = Math.exp(logTerm)
  for (let k = 1; k <= fewer; k++) {
    logTerm += Math.log((total - k + 1) / k)
    tail += Math.exp(logTerm)
  }
  return Math.min(1, 2 * tail)
}

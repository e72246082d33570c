/**
 * Share of random results that reach the observed one, the observed one counted among them, so that it is never 0
 * (Phipson & Smyth 2010): under the null hypothesis at most `p` of all observations get a value of `p` or less.
 *
 * @param observed where large values speak against chance; @param draws `[n]`, the same of what is random.
 */
export function empiricalP(observed: number, draws: ArrayLike<number>): number {
  let reached = 1
  for (let i = 0; i < draws.length; i++) if (draws[i] >= observed) reached++
  return reached / (draws.length + 1)
}

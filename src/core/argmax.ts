/** Index of the largest value of each row of `[rows, columns]`; the first of equals, as everywhere in VEBI. */
export function argMaxRows(values: ArrayLike<number>, rows: number): Int32Array {
  const columns = values.length / rows
  const winners = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const begin = row * columns
    let winner = 0
    for (let column = 1; column < columns; column++) {
      if (values[begin + column] > values[begin + winner]) winner = column
    }
    winners[row] = winner
  }
  return winners
}

/** Softmax of one row; `scores` that already are probabilities are the caller's to keep away. */
export function softmax(scores: ArrayLike<number>): Float64Array {
  const row = Float64Array.from(scores)
  const highest = row.reduce((a, b) => Math.max(a, b), -Infinity)
  const powers = row.map((score) => Math.exp(score - highest))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

/** One cell of a table of a check as text: with the decimals of its column, or as it is where they are null. */
export function cellText(value: string | number | null, decimals: number | null): string {
  if (value === null) return '–'
  if (typeof value === 'string') return value
  if (!Number.isFinite(value)) return '–'
  if (decimals === null) return String(value)
  const text = value.toFixed(decimals)
  // What rounds to zero has no sign.
  return Number(text) === 0 ? (0).toFixed(decimals) : text
}

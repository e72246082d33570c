import { VERDICT_WORDS } from '../../../shared/check-list.ts'
import type { CheckResult } from '../../../shared/checks.ts'

/** How many checks have a result, and of which kind. */
export function summaryOf(checks: readonly { readonly result: Pick<CheckResult, 'verdict'> | null }[]): string {
  const verdicts = checks.flatMap(({ result }) => (result ? [result.verdict] : []))
  const counts = (['for', 'against', 'open'] as const).flatMap((verdict) => {
    const count = verdicts.filter((each) => each === verdict).length
    return count === 0 ? [] : [`${count} ${VERDICT_WORDS[verdict]}`]
  })
  const head = `${verdicts.length} of ${checks.length} checks have a result`
  return counts.length === 0 ? `${head}.` : `${head}: ${counts.join(', ')}.`
}

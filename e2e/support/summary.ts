import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter'

/** Says at the end what was skipped and why, and prints the tables that tests have measured. */
export default class Summary implements Reporter {
  private readonly skipped = new Map<string, number>()
  private readonly tables: string[] = []

  onTestEnd(test: TestCase, result: TestResult): void {
    for (const { type, description = '' } of result.annotations) {
      if (type === 'table') this.tables.push(description)
    }
    if (result.status !== 'skipped') return
    const host = test.titlePath()[1] ?? ''
    const reason = result.annotations.find(({ type }) => type === 'skip')?.description ?? 'no reason given'
    const line = `${host}: ${reason}`
    this.skipped.set(line, (this.skipped.get(line) ?? 0) + 1)
  }

  onEnd(_result: FullResult): void {
    for (const table of this.tables) process.stdout.write(`\n${table}\n`)
    for (const [line, count] of this.skipped) process.stdout.write(`\n${count} skipped on the ${line}\n`)
  }

  printsToStdio(): boolean {
    return false
  }
}

/** Lets at most `limit` holders in at once, the rest waiting in order of arrival. The limit may change at any time. */
export class Gate {
  #limit: number
  #inside = 0
  readonly #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  set limit(limit: number) {
    this.#limit = limit
    this.#admit()
  }

  async hold<T>(task: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#limit && this.#waiting.length === 0) this.#inside++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await task()
    } finally {
      this.#inside--
      this.#admit()
    }
  }

  #admit(): void {
    while (this.#inside < this.#limit) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#inside++
      next()
    }
  }
}

/** What the page remembers between starts. A browser that forbids storage forgets, and nothing else. */
export function recall(key: string): unknown {
  try {
    const text = localStorage.getItem(`vebi:${key}`)
    return text === null ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(`vebi:${key}`, JSON.stringify(value))
  } catch {
    // Forbidden or full.
  }
}

import { whenIdle } from './when-idle.ts'

/**
 * Loads parts of the program that will be needed, one after another and each in an idle moment, so that opening a
 * screen for the first time does not wait for its program. A part that cannot be loaded is left to who needs it, and
 * who tells the user so.
 */
export async function prefetch(
  parts: readonly (() => Promise<unknown>)[],
  idle: () => Promise<void> = whenIdle,
): Promise<void> {
  for (const load of parts) {
    await idle()
    await load().catch(() => {})
  }
}

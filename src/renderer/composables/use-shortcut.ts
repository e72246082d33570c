import { onScopeDispose } from 'vue'
import { matches, type Shortcut } from '../lib/shortcuts.ts'

/** Runs `action` when the keys are pressed, as long as the component lives; not while a dialog is open. */
export function useShortcut(shortcut: Shortcut, action: () => void): void {
  const listener = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || !matches(shortcut, event)) return
    // Enter with a key held ends a text in many programs.
    if ((shortcut.plain === true || shortcut.key === 'Enter') && isTyping(event.target)) return
    if ([...document.querySelectorAll('[aria-modal="true"]')].some((dialog) => dialog.checkVisibility())) return
    event.preventDefault()
    action()
  }
  addEventListener('keydown', listener)
  onScopeDispose(() => removeEventListener('keydown', listener))
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

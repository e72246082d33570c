import { inject, type InjectionKey } from 'vue'
import type { Host } from '../../shared/host.ts'
import { browserHost } from './browser.ts'
import { copySelected } from './copy-text.ts'
import { desktopHost } from './desktop.ts'

export const HOST: InjectionKey<Host> = Symbol('host')

/** The host of this page; in setup functions of components and stores. */
export function useHost(): Host {
  const host = inject(HOST)
  if (!host) throw new Error('No host is provided.')
  return host
}

/** The desktop window where there is one, else the browser tab. */
export function createHost(): Host {
  if (window.vebi) return desktopHost(window.vebi)
  const clipboard = navigator.clipboard as Clipboard | undefined
  return browserHost({
    fetch: (address, init) => fetch(address, init),
    openEvents: (address) => new EventSource(address),
    openWindow: (address) => window.open(address, '_blank', 'noopener,noreferrer'),
    clipboard: { write: clipboard && ((text) => clipboard.writeText(text)), copySelected },
  })
}

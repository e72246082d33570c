/// <reference types="vite/client" />
import type { DesktopBridge } from '../shared/bridge.ts'

declare global {
  interface Window {
    /** Put there by the preload of the desktop window; missing in a browser. */
    readonly vebi?: DesktopBridge
  }
}

import type { App, Session, WebContents } from 'electron'
import { mayLoad, maySave } from './origin.ts'

/** Denies a page everything that it has no need of. */

/** No permission, no device, no screen, nothing remote, no download but what the page made itself. */
export function guardSession(
  session: Pick<
    Session,
    | 'setPermissionRequestHandler'
    | 'setPermissionCheckHandler'
    | 'setDevicePermissionHandler'
    | 'setDisplayMediaRequestHandler'
    | 'setSpellCheckerEnabled'
    | 'on'
  > & { readonly webRequest: Pick<Session['webRequest'], 'onBeforeRequest'> },
  development: boolean,
): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, decide) => decide({}))
  session.setSpellCheckerEnabled(false)
  session.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !mayLoad(url, development) }))
  session.on('will-download', (event, item) => {
    if (!maySave(item.getURL())) event.preventDefault()
  })
}

/** Denies navigation, new windows and web views in every page that will ever be made. */
export function guardContents(app: Pick<App, 'on'>): void {
  app.on('web-contents-created', (_event, contents) => guardPage(contents))
}

/**
 * The page never leaves its address: it is loaded by the shell, and its own routes are fragments, which are not
 * navigation.
 */
export function guardPage(contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

import type { Clipboard, Dialog, IpcMain, IpcMainEvent, IpcMainInvokeEvent, OpenDialogOptions, Shell } from 'electron'
import { z } from 'zod'
import * as channels from '../../../shared/channels.ts'
import type { ContractError } from '../../../shared/contract.ts'
import { LINKS, MOST_COPIED, type ChoosePath } from '../../../shared/host.ts'
import { METHOD_NAMES } from '../../../shared/method-names.ts'
import type { EngineClient } from '../engine-client.ts'
import { isTrustedSender } from './origin.ts'

export interface MessageSetting {
  readonly ipc: Pick<IpcMain, 'handle' | 'on'>
  readonly engine: Pick<EngineClient, 'call' | 'state'>
  readonly shell: Pick<Shell, 'openExternal'>
  readonly clipboard: Pick<Clipboard, 'writeText'>
  readonly showOpenDialog: (options: OpenDialogOptions) => ReturnType<Dialog['showOpenDialog']>
  /** The page listens to paths from here on. */
  readonly onPathsWanted: () => void
  readonly onFault: (error: unknown) => void
}

const REFUSED: { readonly ok: false; readonly error: ContractError } = {
  ok: false,
  error: { code: 'bad-argument', sentence: 'Only the page of this program may ask.' },
}

/** Answers the page: the methods of the contract, and the few things that a desktop has. */
export function answerPage(setting: MessageSetting): void {
  const { ipc, engine, shell, clipboard, showOpenDialog, onPathsWanted, onFault } = setting
  const trusted = ({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean => isTrustedSender(senderFrame)
  for (const name of METHOD_NAMES) {
    ipc.handle(channels.methodChannel(name), (event, argument: unknown) =>
      trusted(event) ? engine.call(name, argument) : REFUSED,
    )
  }
  ipc.handle(channels.ENGINE_STATE_NOW, (event) => (trusted(event) ? engine.state : null))
  ipc.handle(channels.CHOOSE_PATH, async (event, options: unknown) => {
    const parsed = choosePath.safeParse(options)
    if (!trusted(event) || !parsed.success) return null
    const { canceled, filePaths } = await showOpenDialog(dialogOptions(parsed.data))
    return canceled ? null : (filePaths.at(0) ?? null)
  })
  ipc.on(channels.OPEN_PATH_READY, (event) => {
    if (trusted(event)) onPathsWanted()
  })
  ipc.on(channels.OPEN_LINK, (event, link: unknown) => {
    const address = addressOfLink(link)
    if (trusted(event) && address !== null) shell.openExternal(address).catch(onFault)
  })
  // The page itself is denied the clipboard, as it is denied every permission.
  ipc.handle(channels.COPY_TEXT, async (event, text: unknown) => {
    if (!trusted(event) || !mayCopy(text)) return false
    try {
      await clipboard.writeText(text)
      return true
    } catch (error) {
      onFault(error)
      return false
    }
  })
}

const choosePath: z.ZodType<ChoosePath> = z.strictObject({
  title: z.string().max(200),
  kind: z.enum(['file', 'folder']),
  extensions: z.array(z.string().regex(/^[a-z0-9.]{1,20}$/i)).max(20),
})

/** Text alone: no markup and no picture gets into the clipboard, and nothing is read from it. */
export function mayCopy(text: unknown): text is string {
  return typeof text === 'string' && text.length <= MOST_COPIED
}

export function dialogOptions({ title, kind, extensions }: ChoosePath): OpenDialogOptions {
  return {
    title,
    properties: kind === 'folder' ? ['openDirectory', 'createDirectory'] : ['openFile'],
    ...(extensions.length === 0 ? {} : { filters: [{ name: title, extensions: [...extensions] }] }),
  }
}

/** The page names one of our links; an address of its own is never opened. */
export function addressOfLink(link: unknown): string | null {
  return typeof link === 'string' && Object.hasOwn(LINKS, link) ? LINKS[link as keyof typeof LINKS] : null
}

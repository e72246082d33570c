import type { MenuItemConstructorOptions } from 'electron'
import { SCREENS, type HostCommand, type LinkName, type ScreenName } from '../../../shared/host.ts'
import type { RecentProject } from '../../../shared/folders.ts'

export interface MenuSetting {
  readonly platform: NodeJS.Platform
  readonly development: boolean
  /** Latest first. */
  readonly recent: readonly RecentProject[]
  readonly onCommand: (command: HostCommand) => void
  readonly onOpen: (folder: string) => void
  readonly onLink: (link: LinkName) => void
}

const TITLES: Readonly<Record<ScreenName, string>> = {
  model: 'Model',
  responses: 'Responses',
  selection: 'Selection',
  ablation: 'Ablation',
  features: 'Features',
  explain: 'Explain',
  evaluate: 'Evaluate',
  figures: 'Figures',
}

/** Ctrl+1 is the first screen, for a new project. */
const FIRST_SCREEN_DIGIT = 2
const MOST_RECENT = 10

/** The native menu. Its shortcuts are those of the page. */
export function menuTemplate(setting: MenuSetting): MenuItemConstructorOptions[] {
  const { platform, development, recent, onCommand, onOpen, onLink } = setting
  const item = (label: string, command: HostCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => onCommand(command),
    // The page hears the keys itself: registered here as well, a command would come twice.
    ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
  })
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const onMac = platform === 'darwin'
  const recentItems: MenuItemConstructorOptions[] = recent
    .filter(({ exists }) => exists)
    .slice(0, MOST_RECENT)
    .map(({ folder }) => ({ label: escapeLabel(folder), click: () => onOpen(folder) }))
  return [
    ...(onMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        item('New Project ...', 'new-project', 'CmdOrCtrl+N'),
        item('Open Project ...', 'open-project', 'CmdOrCtrl+O'),
        { label: 'Open Recent', enabled: recentItems.length > 0, submenu: recentItems },
        separator,
        item('Close Project', 'close-project', 'CmdOrCtrl+W'),
        ...(onMac ? [] : [separator, { role: 'quit' } as const]),
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Go',
      submenu: SCREENS.map((screen, i) =>
        item(TITLES[screen], `screen:${screen}`, `CmdOrCtrl+${FIRST_SCREEN_DIGIT + i}`),
      ),
    },
    { label: '&Job', submenu: [item('Cancel', 'cancel-job', 'CmdOrCtrl+.')] },
    {
      label: '&View',
      submenu: [
        item('Light or Dark', 'toggle-theme', 'CmdOrCtrl+Shift+T'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(development ? [separator, { role: 'reload' } as const, { role: 'toggleDevTools' } as const] : []),
      ],
    },
    {
      role: 'help',
      submenu: [
        item('Keyboard Shortcuts', 'show-shortcuts'),
        separator,
        { label: 'The Paper', click: () => onLink('paper') },
        { label: 'TensorFlow.js', click: () => onLink('tensorflow') },
        ...(onMac ? [] : [separator, { role: 'about' } as const]),
      ],
    },
  ]
}

/** In a label `&` marks the letter to press. */
function escapeLabel(text: string): string {
  return text.replaceAll('&', '&&')
}

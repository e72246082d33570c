import { layoutOf, type Project } from './project.ts'

const SETTING = 'own-layers'

/** The user's own layer set; empty where there is none, or where the model no longer has its layers. */
export function ownLayers({ store, graph }: Project): string {
  const text = store.settings.get(SETTING)
  if (typeof text !== 'string' || text === '') return ''
  try {
    layoutOf(graph, text)
    return text
  } catch {
    return ''
  }
}

/** Empty removes it. Throws VebiError('bad-argument') where the text names no layer. */
export function setOwnLayers({ store, graph }: Project, text: string): void {
  const layers = text.trim()
  if (layers !== '') layoutOf(graph, layers)
  store.settings.set(SETTING, layers)
}

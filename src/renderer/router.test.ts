import { describe, expect, it } from 'vitest'
import { createMemoryHistory } from 'vue-router'
import { SHORTCUTS } from './lib/shortcuts.ts'
import { createPageRouter } from './router.ts'

describe('the routes', () => {
  const router = createPageRouter(() => false, createMemoryHistory())

  it('have a screen for every command that goes to one', () => {
    const screens = SHORTCUTS.flatMap(({ command }) => (command.startsWith('screen:') ? [command.slice('screen:'.length)] : []))
    expect(screens).toHaveLength(10)
    expect(screens.filter((name) => !router.hasRoute(name))).toEqual([])
  })

  it('need a project, all but the start and a new one', () => {
    const free = router.getRoutes().filter(({ name, meta }) => name !== undefined && !meta.needsProject)
    expect(free.map(({ name }) => name)).toEqual(['start', 'new-project'])
  })

  it('name a feature by its column and an image by its id', () => {
    expect(router.resolve({ name: 'features', params: { feature: 12 } }).path).toBe('/features/12')
    expect(router.resolve('/features').name).toBe('features')
    expect(router.resolve('/explain/added/3').params).toEqual({ role: 'added', index: '3' })
    expect(router.resolve('/explain/elsewhere/3').name).toBe(undefined)
  })
})

import { expect, test } from 'vitest'
import { nextTick } from 'vue'
import { VebiError } from '../../../shared/errors.ts'
import type { ProjectInfo } from '../../../shared/project-info.ts'
import type { FeatureNote } from '../../../shared/results.ts'
import { useProjectStore } from '../../stores/project.ts'
import { fakeHost, withHost } from '../../testing/fake-host.ts'
import { useFeatureNotesStore } from './notes-store.ts'

const PROJECT = { folder: '/project', config: { classes: ['a', 'b'] } } as unknown as ProjectInfo
const NOTE: FeatureNote = { layerNumber: 2, channel: 5, text: 'petals', pinned: true }
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

test('reads the notes of the project that is open, and keeps what the engine answers', async () => {
  let stored: readonly FeatureNote[] = [NOTE]
  const { host, emit } = fakeHost({
    'project.info': () => PROJECT,
    'recent.list': () => [],
    'notes.list': () => stored,
    'notes.set': (note) => (stored = [{ ...note, text: note.text.trim() }]),
  })
  const { value } = withHost(host, () => ({ project: useProjectStore(), notes: useFeatureNotesStore() }))
  await value.project.load()
  await turn()
  expect(value.notes.of({ layerNumber: 2, channel: 5 })).toEqual(NOTE)
  expect(value.notes.of({ layerNumber: 2, channel: 6 })).toMatchObject({ text: '', pinned: false })

  await value.notes.change(NOTE, { text: ' pots ' })
  expect(value.notes.of(NOTE).text).toBe('pots')

  emit('project.changed', null)
  await nextTick()
  expect(value.notes.list).toEqual([])
})

test('a pin set while a text is being written does not write over it', async () => {
  const { host, calls } = fakeHost({
    'project.info': () => PROJECT,
    'recent.list': () => [],
    'notes.list': () => [],
    'notes.set': async (note) => {
      await turn()
      return [note]
    },
  })
  const { value } = withHost(host, () => ({ project: useProjectStore(), notes: useFeatureNotesStore() }))
  await value.project.load()
  await turn()
  await Promise.all([value.notes.change(NOTE, { text: 'stems' }), value.notes.change(NOTE, { pinned: true })])
  expect(calls.at(-1)?.argument).toEqual({ layerNumber: 2, channel: 5, text: 'stems', pinned: true })
  expect(value.notes.of(NOTE)).toMatchObject({ text: 'stems', pinned: true })
})

test('says why the notes cannot be read', async () => {
  const { host } = fakeHost({
    'project.info': () => PROJECT,
    'recent.list': () => [],
    'notes.list': () => {
      throw new VebiError('bad-file', 'The project is damaged.')
    },
  })
  const { value } = withHost(host, () => ({ project: useProjectStore(), notes: useFeatureNotesStore() }))
  await value.project.load()
  await turn()
  expect(value.notes.error).toMatchObject({ code: 'bad-file' })
})

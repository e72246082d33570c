import { expect, it } from 'vitest'
import { nextTick } from 'vue'
import { useProjectStore } from '../../stores/project.ts'
import { fakeHost, withHost } from '../../testing/fake-host.ts'
import { sampleProject } from '../../testing/samples.ts'
import { useOwnLayersStore } from './own-layers-store.ts'

it('keeps what is being written, and begins anew with what is in use and with every project', async () => {
  const { host, emit } = fakeHost({ 'project.info': () => sampleProject({ ownLayers: '1-3' }), 'recent.list': () => [] })
  const { value } = withHost(host, () => ({ project: useProjectStore(), own: useOwnLayersStore() }))
  await value.project.load()
  expect(value.own.text).toBe('1-3')
  value.own.text = '1-3, conv'
  await nextTick()
  expect(useOwnLayersStore().text).toBe('1-3, conv')
  // News of the same project, such as the end of a job, takes nothing away.
  emit('project.changed', sampleProject({ ownLayers: '1-3' }))
  expect(value.own.text).toBe('1-3, conv')
  emit('project.changed', sampleProject({ ownLayers: '1-4' }))
  expect(value.own.text).toBe('1-4')
  value.own.text = '7'
  emit('project.changed', sampleProject({ folder: '/projects/other', ownLayers: '' }))
  expect(value.own.text).toBe('')
})

import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { EngineState } from '../../shared/host.ts'
import type { EngineInfo } from '../../shared/engine-info.ts'
import { useHost } from '../api/host.ts'
import { useNoticesStore } from './notices.ts'

/** What computes, and whether it runs. */
export const useEngineStore = defineStore('engine', () => {
  const host = useHost()
  const notices = useNoticesStore()
  const info = shallowRef<EngineInfo | null>(null)
  const state = shallowRef<EngineState>({ state: 'starting', sentence: '' })
  /** Rises with every start of the engine, so that what was asked of the one before is asked again. */
  const starts = ref(0)

  function listen(): void {
    host.onEngineState((next) => {
      const before = state.value
      const began = next.state === 'running' && before.state !== 'running'
      state.value = next
      // A restart may be over before anybody has read why.
      if (began && before.state === 'restarting') notices.show('Running again', before.sentence, 'warning')
      if (!began) return
      starts.value++
      host.call('engine.info').then(
        (answer) => (info.value = answer),
        () => {},
      )
    })
  }

  return { info, state, starts, listen }
})

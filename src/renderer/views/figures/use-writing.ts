import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { VebiError } from '../../../shared/errors.ts'
import type { JobInfo, Work } from '../../../shared/work.ts'
import { recall, remember } from '../../lib/storage.ts'
import { useJobsStore } from '../../stores/jobs.ts'
import { useProjectStore } from '../../stores/project.ts'

/** Files that a job writes into a folder: where to, whether it runs, and how it ended. */
export interface Writing {
  readonly folder: Ref<string>
  readonly starting: Ref<boolean>
  /** Why the job could not be started. */
  readonly failure: ShallowRef<unknown>
  readonly latest: ComputedRef<JobInfo | null>
  readonly active: ComputedRef<JobInfo | null>
  /** Those that have written their files, latest first. */
  readonly finished: ComputedRef<readonly JobInfo[]>
  /** The question what the latest of them has written; null where there is none. */
  readonly written: ComputedRef<{ readonly job: number } | null>
  /** Why the latest one has written nothing. */
  readonly ended: ComputedRef<VebiError | null>
  /** The folder that was written to last. */
  remembered(): string | null
  /** Starts the job and remembers `folder`; `request` may throw. */
  start(request: () => Work): Promise<void>
}

/** @param noun what is written, as it stands in a sentence: "report". */
export function useWriting(kind: 'figures' | 'report', noun: string): Writing {
  const jobs = useJobsStore()
  const project = useProjectStore()
  const folder = ref('')
  const starting = ref(false)
  const failure = shallowRef<unknown>(null)
  const own = computed(() => jobs.list.filter((job) => job.kind === kind))
  const latest = computed(() => own.value[0] ?? null)
  const finished = computed(() => own.value.filter(({ state }) => state === 'finished'))
  const memory = (): string => `${kind}-folder:${project.folder}`

  return {
    folder,
    starting,
    failure,
    latest,
    active: computed(() => jobs.active.find((job) => job.kind === kind) ?? null),
    finished,
    written: computed(() => {
      const last = finished.value.at(0)
      return last ? { job: last.id } : null
    }),
    ended: computed(() => {
      if (!latest.value || !['failed', 'cancelled', 'interrupted'].includes(latest.value.state)) return null
      const { state, message } = latest.value
      return new VebiError('cancelled', message || `The ${noun} was ${state}: nothing was written.`)
    }),
    remembered: () => {
      const last = recall(memory())
      return typeof last === 'string' ? last : null
    },
    start: async (request) => {
      failure.value = null
      starting.value = true
      try {
        await jobs.start(request())
        remember(memory(), folder.value.trim())
      } catch (error) {
        failure.value = error
      } finally {
        starting.value = false
      }
    },
  }
}

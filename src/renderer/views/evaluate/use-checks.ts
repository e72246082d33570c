import { computed, ref, shallowReactive } from 'vue'
import { LISTED_CHECKS, LISTED_NAMES } from '../../../shared/check-list.ts'
import type { CheckName, CheckResult, CheckSpec } from '../../../shared/checks.ts'
import type { VebiError } from '../../../shared/errors.ts'
import type { JobInfo } from '../../../shared/work.ts'
import { isAnswered, useResult, type Result } from '../../composables/use-result.ts'
import { canonical } from '../../lib/canonical.ts'
import { useJobsStore } from '../../stores/jobs.ts'
import { useProjectStore } from '../../stores/project.ts'
import { useStepsStore } from '../../stores/steps.ts'
import { useChecksStore } from './checks-store.ts'

/** One check, as the screen shows it. */
export interface CheckState {
  readonly name: CheckName
  readonly spec: CheckSpec
  /** `impossible`: with this project. `failed`: the latest run ended without a result. */
  readonly state: 'loading' | 'done' | 'missing' | 'queued' | 'running' | 'failed' | 'impossible'
  /** With `done`. */
  readonly result: CheckResult | null
  /** With `queued` and `running`. */
  readonly job: JobInfo | null
  /** Why it failed, or why it cannot be asked for; empty otherwise. */
  readonly reason: string
}

/**
 * All checks with the choices of the screen, in the order in which they are listed.
 *
 * @param mayAsk false while the rest of the screen still asks.
 */
export function useChecks(mayAsk: () => boolean = () => true) {
  const project = useProjectStore()
  const jobs = useJobsStore()
  const steps = useStepsStore()
  const choices = useChecksStore()
  const error = ref<unknown>(null)
  const isPossible = (name: CheckName): boolean => project.hasMasks || !LISTED_CHECKS[name].needsMasks
  const answers: Result<CheckResult>[] = []
  // One after the other, so that the rest of the screen does not wait behind all of them.
  const isNext = (i: number): boolean =>
    LISTED_NAMES.slice(0, i).every((name, before) => !isPossible(name) || isAnswered(answers[before]))
  LISTED_NAMES.forEach((name, i) => {
    answers.push(useResult('checks.result', () => (isPossible(name) && mayAsk() && isNext(i) ? choices.specs[name] : null)))
  })
  /** Being asked for, until the job is known. */
  const starting = shallowReactive(new Set<CheckName>())

  // One for each, so that the answer to one check does not draw the others again.
  const states = LISTED_NAMES.map((name, i) => computed(() => stateOf(name, answers[i])))
  const all = computed<readonly CheckState[]>(() => states.map((state) => state.value))

  function stateOf(name: CheckName, answer: (typeof answers)[number]): CheckState {
    const spec = choices.specs[name]
    const wanted = canonical(spec)
    const nothing = { name, spec, result: null, job: null, reason: '' }
    if (!isPossible(name)) {
      return { ...nothing, state: 'impossible', reason: 'It needs masks, and the test images of this project have none.' }
    }
    const job = jobs.active.find((each) => each.kind === 'check' && canonical(each.spec) === wanted) ?? null
    if (job) return { ...nothing, job, state: job.state === 'running' ? 'running' : 'queued' }
    if (starting.has(name)) return { ...nothing, state: 'queued' }
    if (answer.data) return { ...nothing, state: 'done', result: answer.data }
    if (answer.state === 'not-ready') {
      const latest = jobs.stateOf('check', spec)
      const ended = latest !== null && ['failed', 'cancelled', 'interrupted'].includes(latest.state)
      return ended ? { ...nothing, state: 'failed', reason: endOf(latest) } : { ...nothing, state: 'missing' }
    }
    return answer.error ? { ...nothing, state: 'failed', reason: sentenceOf(answer.error) } : { ...nothing, state: 'loading' }
  }

  /** Queues checks, and before them what they need. */
  async function start(names: readonly CheckName[]): Promise<void> {
    error.value = null
    for (const name of names) starting.add(name)
    try {
      for (const step of steps.missingFor('selection')) await jobs.startAll(await steps.worksOf(step))
      for (const name of names) {
        await jobs.start({ kind: 'check', spec: choices.specs[name] })
        starting.delete(name)
      }
    } catch (thrown) {
      error.value = thrown
    } finally {
      for (const name of names) starting.delete(name)
    }
  }

  /** Those that wait first, so that none of them begins. */
  async function cancel(states: readonly CheckState[]): Promise<void> {
    error.value = null
    try {
      const wanted = states.flatMap(({ job }) => (job ? [job] : []))
      for (const { id } of wanted.sort((a, b) => b.id - a.id)) await jobs.cancel(id)
    } catch (thrown) {
      error.value = thrown
    }
  }

  return { all, error, start, cancel }
}

function endOf({ state, message }: JobInfo): string {
  if (state === 'failed') return message
  return `The last run was ${state}; it goes on from what is stored.`
}

function sentenceOf(error: VebiError): string {
  return error.message
}

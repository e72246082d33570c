import { onScopeDispose, shallowReactive, watch } from 'vue'
import type { ArgumentOf, MethodName, ResultOf } from '../../shared/contract.ts'
import { VebiError } from '../../shared/errors.ts'
import type { Work } from '../../shared/work.ts'
import { useHost } from '../api/host.ts'
import { canonical } from '../lib/canonical.ts'
import { stepBehind, workBehind, type Question, type StepName } from '../lib/steps.ts'
import { useEngineStore } from '../stores/engine.ts'
import { useJobsStore } from '../stores/jobs.ts'
import { useProjectStore } from '../stores/project.ts'

export interface Result<Value> {
  /** `idle`: there is nothing to ask. `not-ready`: a job must run first. */
  readonly state: 'idle' | 'loading' | 'ready' | 'not-ready' | 'error'
  /** The latest answer. While a changed question is asked, the answer to the one before, unless `keep` is false. */
  readonly data: Value | null
  /** With `not-ready` and `error`. */
  readonly error: VebiError | null
  /** The step to start, with `not-ready`. */
  readonly step: StepName | null
  /** The jobs to start, with `not-ready`; null: those of the shared analysis. */
  readonly works: readonly Work[] | null
  /** Whether an answer is awaited; `data` is then of the question before. */
  readonly pending: boolean
  readonly refresh: () => void
}

/** Whether the question has been answered, be it by a refusal; false where nothing is asked. */
export function isAnswered({ state }: Pick<Result<unknown>, 'state'>): boolean {
  return state === 'ready' || state === 'not-ready' || state === 'error'
}

export interface ResultOptions {
  /** Shows the answer before until the next one is there; true where left out. */
  readonly keep?: boolean
  /** Asks again when any job ends, not only those behind the method and while not ready. */
  readonly afterEveryJob?: boolean
  /** One question at a time: while an answer is awaited, only the latest changed question waits. For sliders. */
  readonly oneAtATime?: boolean
}

/**
 * Asks the engine, and again when the argument changes, another project is open, or a job has ended that may have
 * made or changed the answer. An answer to a question that is no longer asked is dropped. No argument (null): nothing
 * is asked.
 */
export function useResult<Name extends MethodName>(
  name: Name,
  argument: () => ArgumentOf<Name> | null,
  options: ResultOptions = {},
): Result<ResultOf<Name>> {
  const { keep = true, afterEveryJob = false, oneAtATime = false } = options
  const host = useHost()
  const project = useProjectStore()
  const jobs = useJobsStore()
  const engine = useEngineStore()
  // Whether an argument may be left out cannot be told of a name that is not yet known.
  const call = host.call as (name: Name, argument: ArgumentOf<Name>) => Promise<ResultOf<Name>>
  const step = stepBehind(name)
  let question = 0
  let awaiting = false
  let overtaken = false

  const result = shallowReactive<{ -readonly [Key in keyof Result<ResultOf<Name>>]: Result<ResultOf<Name>>[Key] }>({
    state: 'idle',
    data: null,
    error: null,
    step: null,
    works: null,
    pending: false,
    refresh: () => void ask(),
  })

  async function ask(): Promise<void> {
    if (oneAtATime && awaiting) {
      overtaken = true
      return
    }
    const mine = ++question
    const asked = argument()
    if (asked === null) {
      Object.assign(result, { state: 'idle', data: null, error: null, step: null, pending: false })
      return
    }
    // What was not ready stays so until the answer: a page that flickers at the end of every job reads badly.
    if (!keep || (result.data === null && result.state !== 'not-ready')) {
      Object.assign(result, { state: 'loading', data: null, error: null, step: null })
    }
    result.pending = true
    awaiting = true
    try {
      const data = await call(name, asked)
      if (mine === question) Object.assign(result, { state: 'ready', data, error: null, step: null, pending: false })
    } catch (thrown) {
      if (mine === question) fail(thrown, asked)
    } finally {
      if (mine === question) awaiting = false
    }
    if (overtaken) {
      overtaken = false
      await ask()
    }
  }

  function fail(thrown: unknown, asked: ArgumentOf<Name>): void {
    const error = thrown instanceof VebiError ? thrown : new VebiError('internal', 'The window met an error of its own.')
    const notReady = error.code === 'not-ready'
    const work = notReady ? workBehind({ name, argument: asked } as Question) : null
    Object.assign(result, {
      state: notReady ? 'not-ready' : 'error',
      data: null,
      error,
      step: notReady ? step : null,
      works: work ? [work] : null,
      pending: false,
    })
  }

  /** What was asked before belongs to another project or engine: it is no answer to show. */
  function startOver(): void {
    question++
    awaiting = false
    overtaken = false
    result.data = null
    void ask()
  }

  watch(() => canonical(argument()), () => void ask(), { immediate: true })
  watch(() => [project.generation, engine.starts], startOver)
  watch(
    () => jobs.ends,
    () => {
      if (afterEveryJob || result.state === 'not-ready' || jobs.ended?.kind === step) void ask()
    },
  )
  onScopeDispose(() => question++)
  return result
}

import type { Emit } from '../shared/contract.ts'
import { createDispatch, type Dispatch } from './dispatch.ts'
import { createHandlers } from './handlers/index.ts'
import { Session } from './session.ts'

export interface RunningWorkbench {
  readonly dispatch: Dispatch
  /** Stops a running job within a batch and closes the project. */
  readonly close: () => Promise<void>
}

/** The engine's side of the contract, for any shell to carry: it dispatches what comes in and emits what goes out. */
export function startWorkbench(emit: Emit, onFault: (error: unknown) => void): RunningWorkbench {
  const session = new Session(emit, onFault)
  return {
    dispatch: createDispatch(createHandlers(session), onFault),
    close: () => {
      session.draft.close()
      return session.close()
    },
  }
}

import type { EngineState } from '../../../shared/host.ts'
import type { ProjectInfo } from '../../../shared/project-info.ts'
import type { JobInfo } from '../../../shared/work.ts'
import type { ServerMessage } from '../../../shared/web-protocol.ts'

/** Tells every connected page what the engine tells. */
export class EventHub {
  private readonly listeners = new Set<(message: ServerMessage) => void>()

  tell(message: ServerMessage): void {
    for (const listener of this.listeners) listener(message)
  }

  listen(listener: (message: ServerMessage) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

/** What a page must know that has just connected, or was away for a while. */
export function snapshot(
  state: EngineState,
  project: ProjectInfo | null,
  jobs: readonly JobInfo[],
): readonly ServerMessage[] {
  const unfinished = jobs.filter((job) => job.state === 'queued' || job.state === 'running').toReversed()
  return [
    { kind: 'engine', state },
    { kind: 'event', name: 'project.changed', payload: project },
    ...unfinished.map((job) => ({ kind: 'event', name: 'job.state', payload: job }) as const),
  ]
}

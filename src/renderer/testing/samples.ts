import type { ProjectInfo } from '../../shared/project-info.ts'
import type { JobInfo } from '../../shared/work.ts'

/** A small open project. */
export function sampleProject(changes: Partial<ProjectInfo> = {}): ProjectInfo {
  const images = { images: 4, perClass: [2, 0, 2], masks: 0, notes: [] }
  return {
    folder: '/projects/flowers',
    config: {
      model: '/models/flowers',
      train: '/data/train',
      test: '/data/test',
      masks: null,
      classes: ['daisy', 'rose', 'tulip'],
      preprocessing: {
        height: 8,
        width: 8,
        channels: 3,
        resize: 'fit',
        scale: 1,
        mean: [0, 0, 0],
        std: [1, 1, 1],
        order: 'rgb',
      },
    },
    ownLayers: '',
    engine: { name: 'tensorflow', version: '2.21.0', notes: [] },
    train: images,
    test: images,
    ...changes,
  }
}

export function sampleJob(changes: Partial<JobInfo> = {}): JobInfo {
  return {
    id: 1,
    kind: 'extraction',
    spec: { preset: 'paper', layers: 'All' },
    state: 'queued',
    progress: null,
    message: '',
    queuedAt: 0,
    startedAt: null,
    endedAt: null,
    ...changes,
  }
}

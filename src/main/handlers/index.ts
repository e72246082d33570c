import type { Session } from '../session.ts'
import { ablationHandlers } from './ablation.ts'
import { artifactHandlers } from './artifacts.ts'
import { averageHandlers } from './averages.ts'
import { checkHandlers } from './checks.ts'
import { demoHandlers } from './demo.ts'
import { draftHandlers } from './draft.ts'
import { engineHandlers } from './engine.ts'
import { evaluationHandlers } from './evaluation.ts'
import { explanationHandlers } from './explanations.ts'
import { extractionHandlers } from './extraction.ts'
import { figureHandlers } from './figures.ts'
import { fileHandlers } from './files.ts'
import { imageHandlers } from './images.ts'
import { jobHandlers } from './jobs.ts'
import { modelHandlers } from './model.ts'
import { noteHandlers } from './notes.ts'
import { predictionHandlers } from './predictions.ts'
import { projectHandlers } from './project.ts'
import { recentHandlers } from './recent.ts'
import { reportHandlers } from './report.ts'
import { responseHandlers } from './responses.ts'
import { selectionHandlers } from './selection.ts'
import type { Handlers } from './types.ts'

/** A method of the contract without a handler does not compile here. */
export function createHandlers(session: Session): Handlers {
  return {
    ...engineHandlers(),
    ...modelHandlers(session),
    ...fileHandlers(),
    ...recentHandlers(session),
    ...demoHandlers(session),
    ...draftHandlers(session),
    ...projectHandlers(session),
    ...artifactHandlers(session),
    ...jobHandlers(session),
    ...extractionHandlers(session),
    ...responseHandlers(session),
    ...noteHandlers(session),
    ...selectionHandlers(session),
    ...ablationHandlers(session),
    ...averageHandlers(session),
    ...explanationHandlers(session),
    ...evaluationHandlers(session),
    ...checkHandlers(session),
    ...figureHandlers(session),
    ...reportHandlers(session),
    ...imageHandlers(session),
    ...predictionHandlers(session),
  } satisfies Handlers
}

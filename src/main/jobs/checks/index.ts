import type { CheckName, CheckResult, CheckSpec } from '../../../shared/checks.ts'
import type { Project } from '../project.ts'
import type { JobContext } from '../runner.ts'
import { checkArtefact } from './artefact.ts'
import { checkBaselines } from './baselines.ts'
import { checkInsertion } from './insertion.ts'
import { checkIou } from './iou.ts'
import { checkPath } from './mu-path.ts'
import { checkOcclusion } from './occlusion.ts'
import { checkPermutation } from './permutation.ts'
import { checkRandomisation } from './randomisation.ts'
import { checkShuffle } from './shuffle.ts'
import { checkStability } from './stability.ts'
import { checkSwap } from './swap.ts'
import { checkVariants } from './variants.ts'

/** Computes one check, or reads it where it is stored. */
export type CheckRunner = (project: Project, spec: CheckSpec, context: JobContext) => Promise<CheckResult>

/** The job behind each check. */
const CHECKS = {
  iou: checkIou,
  occlusion: checkOcclusion,
  insertion: checkInsertion,
  artefact: checkArtefact,
  randomisation: checkRandomisation,
  swap: checkSwap,
  shuffle: checkShuffle,
  permutation: checkPermutation,
  stability: checkStability,
  path: checkPath,
  baselines: checkBaselines,
  variants: checkVariants,
} satisfies Record<CheckName, CheckRunner>

export function runCheck(project: Project, spec: CheckSpec, context: JobContext): Promise<CheckResult> {
  return CHECKS[spec.check](project, spec, context)
}

import type { CheckResult, CheckSpec } from '../../../shared/checks.ts'
import type { ArtifactWriter } from '../../store/artifacts.ts'
import { networkInputs, type Project } from '../project.ts'
import type { Selection } from '../selection.ts'

/**
 * Everything that the result of a check on test images depends on. What a check looks at beyond it (masks, validation
 * images) comes in `more`.
 */
export function checkInputs(
  project: Project,
  spec: CheckSpec,
  selection: Selection,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const { check, explanation, images, repeats, seed } = spec
  return {
    ...networkInputs(project),
    images: project.keys.test,
    check,
    selection: selection.key,
    explanation: { ...explanation },
    count: images,
    repeats,
    seed,
    ...more,
  }
}

/** The stored result made from these inputs, or a new one; what `compute` puts into the writer is kept if it stops. */
export async function cachedCheck(
  project: Project,
  inputs: Record<string, unknown>,
  compute: (writer: ArtifactWriter) => Promise<CheckResult>,
): Promise<CheckResult> {
  const { artifacts } = project.store
  const found = artifacts.find('check', inputs)
  if (found?.complete) return found.meta as CheckResult
  const writer = artifacts.begin('check', inputs)
  const result = await compute(writer)
  writer.finish(result)
  return result
}

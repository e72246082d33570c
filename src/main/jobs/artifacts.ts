import { VebiError } from '../../shared/errors.ts'
import type { ArtifactInfo } from '../../shared/project-info.ts'
import type { Project } from './project.ts'

/** What is computed and kept, oldest first. */
export function listArtifacts(project: Project): ArtifactInfo[] {
  return project.store.artifacts
    .list()
    .map(({ id, kind, key, complete, bytes, createdAt }) => ({ id, kind, key, complete, bytes, createdAt }))
}

/** Deletes all of them or, where one does not exist, none. Returns the bytes of their arrays. */
export function removeArtifacts(project: Project, ids: readonly number[]): number {
  const sizes = new Map(listArtifacts(project).map(({ id, bytes }) => [id, bytes]))
  const chosen = [...new Set(ids)]
  const unknown = chosen.find((id) => !sizes.has(id))
  if (unknown !== undefined)
    throw new VebiError('bad-argument', `There is no stored result ${unknown} in ${project.folder}.`)
  for (const id of chosen) project.store.artifacts.remove({ id })
  return chosen.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0)
}

import { layersOf } from '../../core/layers.ts'
import { VebiError } from '../../shared/errors.ts'
import type { FeatureNote } from '../../shared/results.ts'
import type { Project } from './project.ts'

/** What the user wrote about features; it is no result, and stays when the results are removed or computed anew. */

export function listNotes(project: Project): FeatureNote[] {
  return project.store.notes.list()
}

/** An empty text without a pin removes the note. Throws VebiError('bad-argument') for a feature the model lacks. */
export function setNote(project: Project, note: FeatureNote): FeatureNote[] {
  const layer = layersOf(project.graph).find(({ number }) => number === note.layerNumber)
  if (!layer || note.channel >= layer.channels) {
    throw new VebiError(
      'bad-argument',
      layer
        ? `Layer "${layer.name}" has no channel ${note.channel}: they are numbered 0 to ${layer.channels - 1}.`
        : `The model has no layer ${note.layerNumber}.`,
    )
  }
  const text = note.text.trim()
  if (text === '' && !note.pinned) project.store.notes.remove(note)
  else project.store.notes.set({ ...note, text })
  return listNotes(project)
}

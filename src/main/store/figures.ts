import { VebiError } from '../../shared/errors.ts'
import type { FigureRecipe, FigureSpec, StoredFigure } from '../../shared/figures.ts'
import { canonicalJson } from './artifact-key.ts'
import type { ReadableDatabase, WritableDatabase } from './database.ts'

export interface FigureReader {
  /** Oldest first. */
  list(): StoredFigure[]
  get(id: number): StoredFigure | undefined
}

export interface FigureWriter extends FigureReader {
  /**
   * Keeps a figure: a new one where `id` is null. Throws VebiError('bad-argument') where another has the name, whatever
   * its capital letters, and for an id that does not exist.
   */
  save(id: number | null, figure: FigureRecipe): StoredFigure
  remove(id: number): void
}

interface FigureRow {
  id: number
  name: string
  recipe: string
  changed_at: number
}

export function figureReader(database: ReadableDatabase): FigureReader {
  return {
    list: () => database.all<FigureRow>('SELECT * FROM figures ORDER BY id').map(fromRow),
    get(id) {
      const row = database.get<FigureRow>('SELECT * FROM figures WHERE id = ?', id)
      return row && fromRow(row)
    },
  }
}

export function figureWriter(database: WritableDatabase): FigureWriter {
  const reader = figureReader(database)
  return {
    ...reader,
    save(id, { name, spec, style, formats, caption }) {
      const recipe = canonicalJson({ spec, style, formats, caption })
      const taken = database.get<FigureRow>('SELECT * FROM figures WHERE name = ? AND id <> ?', name, id ?? -1)
      if (taken) throw new VebiError('bad-argument', `There is a figure "${taken.name}" already: choose another name.`)
      if (id === null) {
        const insert = 'INSERT INTO figures (name, recipe, changed_at) VALUES (?, ?, ?)'
        return reader.get(database.run(insert, name, recipe, Date.now()).lastId)!
      }
      const update = 'UPDATE figures SET name = ?, recipe = ?, changed_at = ? WHERE id = ?'
      const { changes } = database.run(update, name, recipe, Date.now(), id)
      if (changes === 0) throw new VebiError('bad-argument', `There is no figure ${id}.`)
      return reader.get(id)!
    },
    remove: (id) => void database.run('DELETE FROM figures WHERE id = ?', id),
  }
}

function fromRow({ id, name, recipe, changed_at }: FigureRow): StoredFigure {
  const { spec, ...rest } = JSON.parse(recipe) as Omit<FigureRecipe, 'name'>
  return { id, name, ...rest, spec: complete(spec), changedAt: changed_at }
}

/** What figures of earlier versions did not choose is as it was then: everything there is. */
function complete(spec: FigureSpec): FigureSpec {
  switch (spec.kind) {
    case 'averages': {
      const { features } = spec as Partial<typeof spec>
      return { ...spec, features: features ?? null }
    }
    case 'responses': {
      const { classes } = spec as Partial<typeof spec>
      return { ...spec, classes: classes ?? null }
    }
    case 'iou': {
      const { image, hidden } = spec as Partial<typeof spec>
      return { ...spec, image: image ?? null, hidden: hidden ?? [] }
    }
    default:
      return spec
  }
}

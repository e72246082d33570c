import type { FigureRecipe } from '../../shared/figures.ts'
import { drawFigure } from '../jobs/figure-draw.ts'
import type { DrawnFigure } from '../jobs/figure-drawn.ts'
import { figureFiles, previewOf } from '../jobs/figure-files.ts'
import { removeFigures, writtenFigures } from '../jobs/stored-figures.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function figureHandlers(session: Session): HandlersOf<'figures'> {
  const draw = (recipe: FigureRecipe): Promise<DrawnFigure> => {
    const { workbench } = session
    return session.answer((project) => drawFigure(project, workbench, recipe))
  }
  return {
    'figures.list': () => session.project.store.figures.list(),
    'figures.save': ({ id, figure }) => session.project.store.figures.save(id, figure),
    'figures.remove': ({ ids }) => removeFigures(session.project, ids),
    'figures.preview': async (recipe) => previewOf(recipe, await draw(recipe)),
    'figures.render': async (recipe) => figureFiles(recipe, await draw(recipe)),
    'figures.written': ({ job }) => writtenFigures(session.project, job),
  }
}

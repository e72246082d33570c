import type { FigureRecipe } from '../../shared/figures.ts'
import { drawAblation, drawClasswise, drawIou, drawPath } from './figure-charts.ts'
import { drawLayerStatistics, drawReceptiveFields, drawResponses } from './figure-responses.ts'
import { drawCheck } from './figure-checks.ts'
import type { DrawnFigure } from './figure-drawn.ts'
import { drawOverlap } from './figure-overlap.ts'
import { drawExplanation } from './figure-explanation.ts'
import { drawAverages, drawFeature, drawSelectionMatrix } from './figure-features.ts'
import type { MuPaths } from './mu-paths.ts'
import type { Project } from './project.ts'
import type { ResponseStatistics } from './response-statistics.ts'

/** What is kept of an open project between figures. */
export interface FigureSources {
  readonly paths: MuPaths
  readonly responses: ResponseStatistics
}

/**
 * Draws a figure from what is stored. Throws VebiError('not-ready') where its result is not computed, and others where
 * it cannot be drawn.
 */
export function drawFigure(
  project: Project,
  { paths, responses }: FigureSources,
  { spec, style }: Pick<FigureRecipe, 'spec' | 'style'>,
): Promise<DrawnFigure> {
  switch (spec.kind) {
    case 'ablation':
      return drawAblation(project, spec, style)
    case 'classwise':
      return drawClasswise(project, spec, style)
    case 'path':
      return drawPath(project, paths, spec, style)
    case 'selection-matrix':
      return drawSelectionMatrix(project, spec, style)
    case 'overlap':
      return drawOverlap(project, spec, style)
    case 'averages':
      return drawAverages(project, spec, style)
    case 'feature':
      return drawFeature(project, spec, style)
    case 'responses':
      return drawResponses(project, responses, spec, style)
    case 'layer-statistics':
      return drawLayerStatistics(project, responses, spec, style)
    case 'receptive-fields':
      return drawReceptiveFields(project, style)
    case 'explanation':
      return drawExplanation(project, spec, style)
    case 'iou':
      return drawIou(project, spec, style)
    case 'check':
      return drawCheck(project, spec, style)
  }
}

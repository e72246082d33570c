import { LISTED_CHECKS } from '../../../shared/check-list.ts'
import type { FigureRecipe, FigureSpec, StoredFigure } from '../../../shared/figures.ts'

/** What tells a figure from others of its kind: class, image, layer sets. */
export function figureDetail(spec: FigureSpec, classes: readonly string[]): string {
  const ofClass = (classIndex: number | null): string =>
    classIndex === null ? 'all classes' : (classes[classIndex] ?? `class ${classIndex}`)
  const setsOf = (selections: readonly { readonly layers: string }[]): string =>
    selections.map(({ layers }) => layers).join(', ')
  switch (spec.kind) {
    case 'ablation':
      return `${setsOf(spec.ablation.selections)}, ${ofClass(spec.classIndex)}`
    case 'classwise':
      return setsOf(spec.ablation.selections)
    case 'path':
      return `${spec.path.selection.layers}, ${ofClass(spec.path.classIndex)}`
    case 'selection-matrix':
      return `${spec.selection.layers}, μ ${spec.selection.mu}`
    case 'overlap': {
      const listed = spec.classes === null ? 'all classes' : `${spec.classes.length} classes`
      return `${setsOf(spec.selections)}, ${listed}`
    }
    case 'averages': {
      const layer = spec.layerNumber === null ? 'all layers' : `layer ${spec.layerNumber}`
      return `${spec.selection.layers}, ${ofClass(spec.classIndex)}, ${layer}`
    }
    case 'responses': {
      const listed = spec.classes === null ? 'classes by weight' : `${spec.classes.length} classes`
      return `${spec.selection.layers}, column ${spec.feature}, ${listed}`
    }
    case 'layer-statistics':
      return `${spec.extraction.layers}${spec.logarithmic ? ', logarithmic' : ''}`
    case 'receptive-fields':
      return 'all layers'
    case 'feature':
      return `column ${spec.feature}`
    case 'check':
      return `${LISTED_CHECKS[spec.check.check].title}, ${spec.check.selection.layers}`
    case 'explanation':
      return `${spec.image}, ${spec.classIndex === null ? 'predicted class' : ofClass(spec.classIndex)}`
    case 'iou':
      return `${spec.evaluation.selection.layers}, ${spec.image === null ? ofClass(spec.classIndex) : `test/${spec.image}`}`
  }
}

export function recipeOf({ name, spec, style, formats, caption }: StoredFigure): FigureRecipe {
  return { name, spec, style, formats, caption }
}

import { overlapChart, overlapHeight, overlapTable } from '../../core/charts/overlap.ts'
import { likeness, overlapOf } from '../../core/charts/overlap-data.ts'
import { VebiError } from '../../shared/errors.ts'
import type { FigureSpec, FigureStyle } from '../../shared/figures.ts'
import { renderChart } from '../figures/chart.ts'
import { stackPanels } from '../figures/stack.ts'
import { capitalised, counted, describeSelection, percent } from './figure-captions.ts'
import { sizeOfHeight } from './figure-charts.ts'
import { optionsOf, type DrawnFigure } from './figure-drawn.ts'
import type { Project } from './project.ts'
import { requireClass, sparseSelectionMatrix } from './selection-views.ts'
import { select, selectionName } from './selection.ts'
import { stored } from './stored.ts'

/** Features that two layer sets share. Throws VebiError('not-ready') where one of the selections is not computed. */
export async function drawOverlap(
  project: Project,
  { selections, classes: chosen, limit }: Extract<FigureSpec, { kind: 'overlap' }>,
  style: FigureStyle,
): Promise<DrawnFigure> {
  const { classes } = project.config
  for (const classIndex of chosen ?? []) requireClass(classIndex, classes.length)
  const [one, other] = selections
  const first = sparseSelectionMatrix(await stored(project, 'selection', one, select))
  const second = sparseSelectionMatrix(await stored(project, 'selection', other, select))
  if (first.features.length + second.features.length === 0) {
    throw new VebiError('bad-data', 'Neither of the two layer sets has a relevant feature: there is nothing to compare.')
  }
  const { any, perClass } = overlapOf(first, second)
  const shown = (chosen ?? [...classes.keys()]).slice(0, limit)
  const sets = [selectionName(one), selectionName(other)] as const
  const data = { sets, any, classes: shown.map((j) => ({ ...perClass[j], name: classes[j] })) }
  const svg = renderChart((chart) => overlapChart(data, chart), sizeOfHeight(style, overlapHeight(shown.length, 2)))
  const note = shown.length === classes.length ? '' : `${shown.length} of ${classes.length} classes`
  const shares = perClass.map(likeness).filter((share) => share !== null)
  const mean = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length)
  const same = describeSelection(one) === describeSelection(other)
  return {
    svg: note ? stackPanels([{ title: '', note, svg }], optionsOf(style)) : svg,
    table: overlapTable(data),
    arrays: [
      {
        name: 'counts',
        matrix: {
          shape: [shown.length, 3],
          data: Int32Array.from(data.classes.flatMap((each) => [each.onlyFirst, each.both, each.onlySecond])),
        },
      },
      { name: 'classes', matrix: { shape: [shown.length], data: Int32Array.from(shown) } },
    ],
    caption: [
      `Features relevant to each of ${note || counted(classes.length, 'class', 'classes')}: in the selection from ${sets[0]} alone, in both selections, and in that from ${sets[1]} alone; behind each bar the share of both among the features of either.`,
      `Over all classes ${counted(any.onlyFirst, 'feature')} ${any.onlyFirst === 1 ? 'is' : 'are'} relevant in ${sets[0]} alone, ${any.onlySecond} in ${sets[1]} alone and ${any.both} in both (${percent(likeness(any) ?? 0)}).`,
      ...(shares.length > 0 ? [`Mean over the classes: ${percent(mean)} in common.`] : []),
      same
        ? `${capitalised(describeSelection(one))}.`
        : `${sets[0]}: ${describeSelection(one)}; ${sets[1]}: ${describeSelection(other)}.`,
    ].join(' '),
    seeds: {},
  }
}

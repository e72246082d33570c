import { layersOf } from '../../core/layers.ts'
import { specsOf } from '../../shared/analysis.ts'
import type { AblationResult } from '../../shared/results.ts'
import type { ReportPart, ReportSection } from '../report/types.ts'
import { ablate } from './ablation.ts'
import { explanationSpec } from './analysis.ts'
import { evaluate } from './evaluation.ts'
import { extract } from './extraction.ts'
import { counted, dataSetName, percent } from './figure-captions.ts'
import { describeImages } from './image-set.ts'
import { inspect } from './inspection.ts'
import { maskedImages } from './masks.ts'
import { networkInputs } from './project.ts'
import { figurePart, partsOf, tablePart, textPart, type Gathering } from './report-parts.ts'
import { classFeatures } from './selection-views.ts'
import { relevantFeatures, select } from './selection.ts'
import { stored } from './stored.ts'

/** The sections of a report on the steps of an analysis, in their order. */

const RUN = 'Run all steps in the window, or "vebi run PROJECT".'
/** Average images that are drawn of each layer set. */
const AVERAGES = 24

export async function projectSection(gathering: Gathering): Promise<ReportSection> {
  const { project, spec } = gathering
  const { config, graph, test, train } = project
  const report = inspect(graph)
  const { height, width, channels, resize, scale, mean, std, order } = config.preprocessing
  const { extraction } = specsOf(spec.options)
  const training = await partsOf(gathering, 'Responses to the training images', RUN, async () => {
    const { images, features, accuracy, unreadable } = await stored(project, 'extraction', extraction, extract)
    return [
      textPart(
        `Responses of ${counted(features, 'feature')} to ${counted(images, 'training image')} are extracted; the network predicts ${percent(accuracy)} of them right${unreadable.length > 0 ? `, and ${counted(unreadable.length, 'image')} cannot be read` : ''}.`,
        'lead',
      ),
    ]
  })
  const fields = await partsOf(gathering, 'Receptive fields', '', async () => [
    await figurePart(gathering, { kind: 'receptive-fields' }),
  ])
  const masks = maskedImages(test).length
  return {
    id: 'project',
    title: 'Project and model',
    parts: [
      ...training,
      {
        kind: 'facts',
        rows: [
          ['Model', `${dataSetName(config.model)}, ${counted(layersOf(graph).length, 'layer')}`],
          ['Input', `${height} × ${width} pixels, ${counted(channels, 'channel')}`],
          ['Preprocessing', `${resize === 'fit' ? 'both sides fitted' : 'short side scaled, centre cropped'}; scale ${scale}, mean ${mean.join(', ')}, deviation ${std.join(', ')}; channel order ${order}`],
          ['Training images', `${train.records.length} of ${dataSetName(config.train)}`],
          ['Test images', `${test.records.length} of ${dataSetName(config.test)}, ${masks === 0 ? 'without masks' : `${masks} with a mask`}`],
        ],
      },
      classTable(gathering),
      tablePart(
        'Layers',
        [
          { title: 'No.', decimals: 0 },
          { title: 'Layer', decimals: null },
          { title: 'Operator', decimals: null },
          { title: 'Output', decimals: null },
          { title: 'Channels', decimals: 0 },
          { title: 'Receptive field', decimals: null },
        ],
        report.layers.map((layer) => [
          layer.number,
          layer.name,
          layer.operator,
          layer.shape.join(' × '),
          layer.channels,
          layer.receptiveField.join(' × '),
        ]),
      ),
      ...fields,
      ...report.nonLinearities.map(({ sentence }) => textPart(sentence)),
      ...report.warnings.map((warning) => textPart(warning, 'warning')),
    ],
  }
}

function classTable({ project }: Gathering): ReportPart {
  const { classes } = project.config
  const [train, test] = [describeImages(project.train).perClass, describeImages(project.test).perClass]
  return tablePart(
    'Classes',
    [
      { title: 'Class', decimals: null },
      { title: 'Training images', decimals: 0 },
      { title: 'Test images', decimals: 0 },
    ],
    classes.map((name, j) => [name, train[j] ?? 0, test[j] ?? 0]),
  )
}

export async function selectionSection(gathering: Gathering): Promise<ReportSection> {
  const { project, spec } = gathering
  const { selections } = specsOf(spec.options)
  const { classes } = project.config
  const parts: ReportPart[] = []
  for (const [index, each] of selections.entries()) {
    parts.push({ kind: 'heading', id: `selection-${index + 1}`, title: each.layers })
    parts.push(
      ...(await partsOf(gathering, `Selection of ${each.layers}`, RUN, async () => {
        const selection = await stored(project, 'selection', each, select)
        const features = relevantFeatures(selection).length
        const accepted = selection.certificates.filter((certificate) => certificate.accepted).length
        return [
          textPart(
            `${counted(features, 'feature')} of ${each.layers} ${features === 1 ? 'is' : 'are'} relevant to some class; ${accepted} of ${counted(classes.length, 'class', 'classes')} ${accepted === 1 ? 'is' : 'are'} solved to the certified optimum.`,
            'lead',
          ),
          await figurePart(gathering, { kind: 'selection-matrix', selection: each }),
          tablePart(
            'Solutions',
            [
              { title: 'Class', decimals: null },
              { title: 'Features', decimals: 0 },
              { title: 'l1 norm', decimals: 4 },
              { title: 'Objective', decimals: 6 },
              { title: 'Relative gap', decimals: null },
              { title: 'Solved by', decimals: null },
            ],
            selection.certificates.map((certificate, j) => [
              classes[j],
              certificate.nonZeros,
              certificate.l1Norm,
              certificate.objective,
              certificate.relativeGap.toExponential(1),
              certificate.accepted ? certificate.method : 'not accepted',
            ]),
          ),
          tablePart(
            'Relevant features',
            [
              { title: 'Class', decimals: null },
              { title: 'Layer', decimals: 0 },
              { title: 'Name', decimals: null },
              { title: 'Channel', decimals: 0 },
              { title: 'Weight', decimals: 5 },
            ],
            classes.flatMap((name, j) =>
              classFeatures(selection, j).map(({ layerNumber, layerName, channel, weight }) => [
                name,
                layerNumber,
                layerName,
                channel,
                weight,
              ]),
            ),
          ),
        ]
      })),
    )
  }
  return { id: 'selection', title: 'Selection of relevant features', parts }
}

export async function ablationSection(gathering: Gathering): Promise<ReportSection> {
  const { ablation } = specsOf(gathering.spec.options)
  const parts = await partsOf(gathering, 'Ablation', RUN, async () => {
    const result = await stored(gathering.project, 'ablation', ablation, ablate)
    return [
      ...ablationSentences(result).map((sentence) => textPart(sentence, 'lead')),
      await figurePart(gathering, { kind: 'ablation', ablation, classIndex: null, hidden: [] }),
      await figurePart(gathering, { kind: 'classwise', ablation }),
      ...result.curves.map(({ name, points }) =>
        tablePart(
          `Mean class accuracy while features of ${name} are removed`,
          [
            { title: 'Removed', decimals: 0 },
            { title: 'Accuracy', decimals: 4 },
            { title: 'Random features', decimals: 4 },
            { title: '95 % band, low', decimals: 4 },
            { title: 'high', decimals: 4 },
          ],
          points.map(({ removed, accuracy, random, randomLow, randomHigh }) => [
            removed,
            accuracy,
            random,
            randomLow,
            randomHigh,
          ]),
        ),
      ),
    ]
  })
  return { id: 'ablation', title: 'Ablation', parts }
}

function ablationSentences({ original, curves }: AblationResult): string[] {
  return curves.flatMap(({ name, points }) => {
    const last = points.at(-1)
    if (!last) return []
    return [
      `Removing the ${counted(last.removed, 'relevant feature')} of ${name} takes the mean class accuracy from ${percent(original)} to ${percent(last.accuracy)}; removing as many random features of the same layers leaves ${percent(last.random)}.`,
    ]
  })
}

export async function averagesSection(gathering: Gathering): Promise<ReportSection> {
  const { averages, selections } = specsOf(gathering.spec.options)
  const parts: ReportPart[] = []
  for (const selection of selections) {
    parts.push(
      ...(await partsOf(gathering, `Average images of ${selection.layers}`, RUN, async () => [
        await figurePart(gathering, {
          kind: 'averages',
          averages,
          selection,
          classIndex: null,
          layerNumber: null,
          features: null,
          limit: AVERAGES,
        }),
      ])),
    )
  }
  return { id: 'averages', title: 'Average images', parts }
}

export async function explanationsSection(gathering: Gathering): Promise<ReportSection> {
  const { project, spec } = gathering
  const title = 'Explanations of test images'
  const { images, selection, topFeatures, strideCorrection, reduction } = await explanationSpec(project, spec.options)
  // Without a selection none of them can be drawn, which is said once.
  const parts = await partsOf(gathering, title, RUN, async () => {
    await stored(project, 'selection', selection, select)
    return []
  })
  for (const index of parts.length === 0 ? images : []) {
    const name = project.test.records[index]?.name ?? String(index)
    parts.push(
      ...(await partsOf(gathering, `Explanation of ${name}`, RUN, async () => [
        await figurePart(gathering, {
          kind: 'explanation',
          explanation: { selection, topFeatures, strideCorrection, reduction },
          image: `test/${index}`,
          classIndex: null,
          methods: ['upsampled', 'deconv-gb', 'ours'],
          display: { colourMap: 'viridis', opacity: 0.55, threshold: 0, smooth: true, scaleMax: null },
        }),
      ])),
    )
  }
  return { id: 'explanations', title, parts }
}

/** Without masks there is nothing to hold the heatmaps against, and no section. */
export async function evaluationSection(gathering: Gathering): Promise<ReportSection | null> {
  const { project, spec } = gathering
  if (maskedImages(project.test).length === 0) return null
  const { evaluation } = specsOf(spec.options)
  const parts = await partsOf(gathering, 'Kinds of heatmaps against masks', RUN, async () => {
    const { scores } = await stored(project, 'evaluation', evaluation, evaluate)
    return [
      await figurePart(gathering, { kind: 'iou', evaluation, classIndex: null, image: null, hidden: [] }),
      tablePart(
        'Overlap of the kinds of heatmaps with the masks',
        [
          { title: 'Heatmap', decimals: null },
          { title: 'Area under IoU', decimals: 3 },
          { title: 'Best IoU', decimals: 3 },
          { title: 'at threshold', decimals: 2 },
        ],
        scores.map(({ name, control, area, best }) => [
          control ? `control: ${name}` : name,
          area,
          best.iou,
          best.threshold,
        ]),
      ),
    ]
  })
  return { id: 'evaluation', title: 'Kinds of heatmaps against masks', parts }
}

/** All that the numbers depend on: what was chosen, and hashes over what was read. */
export function settingsSection(
  { project, spec }: Gathering,
  versions: Readonly<Record<string, string>>,
): ReportSection {
  const { images, ...options } = spec.options
  const chosen: [string, string][] = Object.entries(options)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, String(value)])
  const { weights, preprocessing } = networkInputs(project)
  return {
    id: 'settings',
    title: 'Settings, versions and hashes',
    parts: [
      {
        kind: 'facts',
        rows: [...chosen, ['images', images ? images.join(', ') : 'the first test image of each class']],
      },
      { kind: 'facts', rows: Object.entries(versions) },
      {
        kind: 'facts',
        rows: [
          ['SHA-256 of the model', weights],
          ['of the training images', project.keys.train],
          ['of the test images', project.keys.test],
          ['Preprocessing', preprocessing],
        ],
      },
    ],
  }
}

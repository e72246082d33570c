import { Option, type Command } from 'commander'
import { writeFile } from 'node:fs/promises'
import type { BackwardRule, StrideCorrection } from '../../shared/graph.ts'
import { diagnose, formatDoctor } from '../doctor.ts'
import { featureHeatmaps, forwardImages, imageResponses, solveFromArrays, writeNpy } from '../tools.ts'
import {
  number,
  preprocessingOf,
  wholeNumber,
  type PreprocessingFlags,
  withJson,
  withPreprocessing,
} from './options.ts'
import { say, table } from './terminal.ts'

/** Commands on single files. */
export function addToolCommands(program: Command): void {
  withJson(program.command('doctor'))
    .description('engine, versions, what is missing and how to get it')
    .action(async (flags: { json?: boolean }) => {
      const report = await diagnose()
      say(flags.json, report, () => formatDoctor(report))
    })

  withPreprocessing(withJson(program.command('forward <model> <images>')))
    .description('output of a layer for an image file or an array X.npy [images, ...input]')
    .option('--layer <layer>', 'number or name (default: the class scores)')
    .requiredOption('--out <file>', 'Y.npy, [images, ...shape]')
    .action(
      async (
        model: string,
        images: string,
        flags: PreprocessingFlags & { layer?: string; out: string; json?: boolean },
      ) => {
        const output = await forwardImages(model, images, flags.layer, preprocessingOf(flags))
        await writeNpy(flags.out, output)
        say(flags.json, { out: flags.out, shape: output.shape }, () => `${flags.out}: [${output.shape.join(', ')}]`)
      },
    )

  withPreprocessing(withJson(program.command('responses <model> <images>')))
    .description('channel responses ||A_k||_2 of an array of images')
    .option('--layers <set>', 'layer set', 'All')
    .requiredOption('--out <file>', 'R.npy, [images, m]; R.json names the columns')
    .action(
      async (
        model: string,
        images: string,
        flags: PreprocessingFlags & { layers: string; out: string; json?: boolean },
      ) => {
        const { responses, columns } = await imageResponses(model, images, flags.layers, preprocessingOf(flags))
        const names = `${flags.out.replace(/\.npy$/i, '')}.json`
        await writeNpy(flags.out, responses)
        await writeFile(names, `${JSON.stringify(columns)}\n`)
        say(
          flags.json,
          { out: flags.out, columns: names, shape: responses.shape },
          () => `${flags.out}: [${responses.shape.join(', ')}], columns in ${names}`,
        )
      },
    )

  withPreprocessing(withJson(program.command('heatmap <model> <images>')))
    .description('raw heatmap of one feature')
    .requiredOption('--layer <layer>', 'number or name')
    .addOption(new Option('--channel <k>', 'channel, from 0').argParser(wholeNumber(0)).makeOptionMandatory())
    .addOption(
      new Option('--rule <rule>', 'backward rule').choices(['gradient', 'deconvnet', 'guided']).default('guided'),
    )
    .addOption(
      new Option('--stride <where>', 'stride correction').choices(['none', 'conv', 'conv+pool']).default('conv+pool'),
    )
    .addOption(
      new Option(
        '--reduction <how>',
        'colours to one value: the one of largest magnitude with its sign, their norm, or none',
      )
        .choices(['max-abs', 'l2', 'none'])
        .default('max-abs'),
    )
    .requiredOption('--out <file>', 'H.npy, [images, height, width]')
    .action(async (model: string, images: string, flags: HeatmapFlags) => {
      const { layer, channel, rule, stride, reduction, out } = flags
      const maps = await featureHeatmaps({
        model,
        file: images,
        layer,
        channel,
        rule,
        strideCorrection: stride,
        reduction,
        preprocessing: preprocessingOf(flags),
      })
      await writeNpy(out, maps)
      say(flags.json, { out, shape: maps.shape }, () => `${out}: [${maps.shape.join(', ')}]`)
    })

  withJson(program.command('lasso'))
    .description('the mu-Lasso on arrays')
    .requiredOption('--X <file>', 'X.npy, [m, N]')
    .requiredOption('--L <file>', 'L.npy, [C, N]')
    .addOption(new Option('--mu <mu>', 'bound on the l1 norm').argParser(number).default(10))
    .option('--nonnegative', 'weights of 0 and above only', false)
    .requiredOption('--out <file>', 'W.npy, [m, C]')
    .action(async (flags: { X: string; L: string; mu: number; nonnegative: boolean; out: string; json?: boolean }) => {
      const result = await solveFromArrays({ X: flags.X, L: flags.L }, flags.mu, flags.nonnegative)
      await writeNpy(flags.out, result.weights)
      say(flags.json, { out: flags.out, shape: result.weights.shape, classes: result.classes }, () =>
        table(
          ['class', 'non-zeros', 'l1 norm', 'objective', 'relative gap', 'solved by'],
          result.classes.map((each, j) => [
            j,
            each.nonZeros,
            each.l1Norm.toPrecision(6),
            each.objective.toPrecision(8),
            each.relativeGap.toExponential(1),
            each.accepted ? each.method : 'not accepted',
          ]),
        ),
      )
    })
}

type HeatmapFlags = PreprocessingFlags & {
  layer: string
  channel: number
  rule: BackwardRule
  stride: StrideCorrection
  reduction: 'max-abs' | 'l2' | 'none'
  out: string
  json?: boolean
}

import { InvalidArgumentError, Option, type Command } from 'commander'
import type { PreprocessingOverrides } from '../../shared/project-info.ts'
import { analysisDefaults, type AnalysisOptions } from '../../shared/analysis.ts'
import type { PresetName } from '../../shared/project.ts'

/** Numbers, also as fractions: `1/255`. */
export function number(text: string): number {
  const terms = text.split('/')
  const [top, bottom = 1] = terms.map(Number)
  const value = top / bottom
  if (terms.length > 2 || terms.some((term) => term.trim() === '') || !Number.isFinite(value))
    throw new InvalidArgumentError('It must be a number.')
  return value
}

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text.trim()) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number ${range}.`)
    return value
  }
}

function numbers(text: string): number[] {
  return text.split(',').map(number)
}

function size(text: string): { height: number; width: number } {
  const match = /^(\d+)x(\d+)$/.exec(text.trim())
  if (!match) throw new InvalidArgumentError('It must be HEIGHTxWIDTH, for example 224x224.')
  return { height: Number(match[1]), width: Number(match[2]) }
}

function names(text: string): string[] {
  return text
    .split(';')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

export interface PreprocessingFlags {
  size?: { height: number; width: number }
  scale?: number
  mean?: number[]
  std?: number[]
  order?: 'rgb' | 'bgr'
  resize?: 'fit' | 'crop'
}

export function withPreprocessing(command: Command): Command {
  return command
    .addOption(new Option('--size <HxW>', 'input size, where the model leaves it open').argParser(size))
    .addOption(
      new Option('--scale <a>', 'factor for the 8-bit samples, for example 1/255 (default: 1)').argParser(number),
    )
    .addOption(new Option('--mean <m,..>', 'subtracted after scaling, one value or one per channel').argParser(numbers))
    .addOption(new Option('--std <s,..>', 'divided by, one value or one per channel').argParser(numbers))
    .addOption(new Option('--order <order>', 'channel order of the network').choices(['rgb', 'bgr']))
    .addOption(
      new Option('--resize <how>', 'fit: both axes to the size; crop: short side, then the centre').choices([
        'fit',
        'crop',
      ]),
    )
}

export function preprocessingOf(flags: PreprocessingFlags): PreprocessingOverrides {
  const { size: given, scale, mean, std, order, resize } = flags
  return {
    ...(given ?? {}),
    ...(scale === undefined ? {} : { scale }),
    ...(mean === undefined ? {} : { mean }),
    ...(std === undefined ? {} : { std }),
    ...(order === undefined ? {} : { order }),
    ...(resize === undefined ? {} : { resize }),
  }
}

export type AnalysisFlags = Partial<AnalysisOptions> & { preset: PresetName; json?: boolean }

export function withSelection(command: Command): Command {
  return withPreset(command)
    .addOption(
      new Option(
        '--sets <sets>',
        'layer sets to compare, separated by ";": All, OnlyConv, activations, or lists of names, numbers, patterns (default: "All;OnlyConv")',
      ).argParser(names),
    )
    .addOption(new Option('--mu <mu>', 'bound on the l1 norm of the weights (default: 10)').argParser(number))
    .addOption(new Option('--nonnegative', 'weights of 0 and above only'))
    .addOption(
      new Option('--labels <which>', 'ground truth, or the predictions of the network').choices(['true', 'predicted']),
    )
}

export function withPreset(command: Command): Command {
  return withJson(command)
    .addOption(
      new Option('--preset <preset>', "paper: the text; released: the authors' code")
        .choices(['paper', 'released'])
        .default('paper'),
    )
    .addOption(new Option('--layers <set>', 'layers whose responses are extracted (default: All)'))
}

export function withAblation(command: Command): Command {
  return command
    .addOption(new Option('--repeats <n>', 'random sets of the same layers (default: 30)').argParser(wholeNumber(1)))
    .addOption(new Option('--points <n>', 'measured points of each curve (default: 17)').argParser(wholeNumber(2)))
    .addOption(
      new Option('--replacement <what>', 'what stands in for a removed channel').choices(['zero', 'mean', 'resample']),
    )
    .addOption(seedOption())
}

export function withAverages(command: Command): Command {
  return command.addOption(
    new Option('--patches <n>', 'patches of each average image, at most 100 (default: 100)').argParser(wholeNumber(1)),
  )
}

export function withExplanation(command: Command): Command {
  return withHeatmaps(
    command.addOption(
      new Option('--images <i,..>', 'numbers of test images (default: the first of each class)').argParser((text) =>
        text.split(',').map(wholeNumber(0)),
      ),
    ),
  ).addOption(ruleOption())
}

export function withHeatmaps(command: Command): Command {
  return command
    .addOption(
      new Option('--top-features <k>', 'features that explain one image (default: 3)').argParser(wholeNumber(1)),
    )
    .addOption(strideOption())
    .addOption(new Option('--reduction <how>', 'colours to one value').choices(['max-abs', 'l2']))
}

function ruleOption(): Option {
  return new Option('--rule <rule>', 'backward rule at rectifiers').choices(['gradient', 'deconvnet', 'guided'])
}

function strideOption(): Option {
  return new Option('--stride-correction <where>', 'strided operations that are corrected').choices([
    'none',
    'conv',
    'conv+pool',
  ])
}

export function seedOption(): Option {
  return new Option('--seed <n>', 'seed of everything random (default: 1)').argParser(wholeNumber(0))
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON document')
}

/** The preset's choices with what the user set in their place. */
export function analysisOf(flags: AnalysisFlags): AnalysisOptions {
  const defaults = analysisDefaults(flags.preset)
  const given = Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => name in defaults && value !== undefined),
  )
  return { ...defaults, ...given, ...(flags.images ? { images: flags.images } : {}) }
}

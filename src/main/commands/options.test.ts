import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { describe, expect, it } from 'vitest'
import { analysisDefaults } from '../../shared/analysis.ts'
import {
  analysisOf,
  type AnalysisFlags,
  number,
  preprocessingOf,
  type PreprocessingFlags,
  wholeNumber,
  withAblation,
  withAverages,
  withExplanation,
  withPreprocessing,
  withSelection,
} from './options.ts'

/** What a command with these options makes of a command line. */
function parse<Flags extends object>(add: (command: Command) => Command, ...words: string[]): Flags {
  const command = add(new Command('test')).exitOverride().configureOutput({ writeErr: () => {} })
  return command.parse(words, { from: 'user' }).opts<Flags>()
}

/** The complaint about a command line, and its exit code. */
function complaint(add: (command: Command) => Command, ...words: string[]): { message: string; exitCode: number } {
  try {
    parse(add, ...words)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { message: error.message, exitCode: error.exitCode }
  }
  throw new Error(`"${words.join(' ')}" was accepted`)
}

const analysis = (command: Command): Command => withExplanation(withAverages(withAblation(withSelection(command))))

describe('number', () => {
  it('takes decimals, exponents and fractions', () => {
    expect(['10', '-2.5', '1e-3', '1/255', '-1/4', ' 3 '].map(number)).toEqual([10, -2.5, 0.001, 1 / 255, -0.25, 3])
  })

  const bad = ['', ' ', 'x', '1/0', '0/0', '1/', '/5', '1/2/3', '1,5', 'Infinity', 'NaN', '1e999', '12px']
  it.each(bad)('refuses "%s"', (text) => {
    expect(() => number(text)).toThrow(InvalidArgumentError)
  })
})

describe('wholeNumber', () => {
  it('takes whole numbers from the least on', () => {
    expect(['1', '30', ' 7'].map(wholeNumber(1))).toEqual([1, 30, 7])
  })

  it.each(['0', '-1', '1.5', '1e3', '', 'x', '0x10', '99999999999999999999'])('refuses "%s"', (text) => {
    expect(() => wholeNumber(1)(text)).toThrow('It must be a whole number from 1 on.')
  })
})

describe('preprocessing options', () => {
  it('become overrides, and those that are not given are left to the model', () => {
    const flags = parse<PreprocessingFlags>(
      withPreprocessing, '--size', '224x192', '--scale', '1/255', '--mean', '0.5,0.25,0', '--std', '2',
      '--order', 'bgr', '--resize', 'crop')
    expect(preprocessingOf(flags)).toEqual({
      height: 224, width: 192, scale: 1 / 255, mean: [0.5, 0.25, 0], std: [2], order: 'bgr', resize: 'crop',
    })
    expect(preprocessingOf(parse(withPreprocessing))).toEqual({})
    expect(preprocessingOf(parse(withPreprocessing, '--mean=-1,0'))).toEqual({ mean: [-1, 0] })
  })

  it.each([
    [['--size', '224'], /--size .*It must be HEIGHTxWIDTH, for example 224x224/],
    [['--size', '224x224x3'], /It must be HEIGHTxWIDTH/],
    [['--size', '-1x5'], /It must be HEIGHTxWIDTH/],
    [['--scale', 'a'], /--scale .*It must be a number/],
    [['--mean', '1,,2'], /--mean .*It must be a number/],
    [['--std', '1;2'], /--std .*It must be a number/],
    [['--order', 'gbr'], /--order .*Allowed choices are rgb, bgr/],
    [['--resize', 'stretch'], /--resize .*Allowed choices are fit, crop/],
    [['--scale'], /argument missing/],
    [['--sclae', '1'], /unknown option '--sclae'.*--scale/s],
  ] as const)('%j are refused with exit code 1', (words, message) => {
    expect(complaint(withPreprocessing, ...words)).toEqual({ message: expect.stringMatching(message), exitCode: 1 })
  })
})

describe('analysis options', () => {
  it('are the preset\'s where none is given', () => {
    const defaults = analysisOf(parse<AnalysisFlags>(analysis))
    expect(defaults).toEqual(analysisDefaults('paper'))
    expect(defaults).toMatchObject({ sets: ['All', 'OnlyConv'], mu: 10, repeats: 30, patches: 100 })
    expect(defaults.strideCorrection).toBe('conv+pool')
    expect(analysisOf(parse<AnalysisFlags>(analysis, '--preset', 'released'))).toEqual(analysisDefaults('released'))
    expect(analysisDefaults('released').strideCorrection).toBe('conv')
  })

  it('take the place of the preset\'s, each of them', () => {
    const words = [
      '--preset', 'released', '--sets', ' All ; conv*,fc3;activations', '--layers', '1-6', '--mu', '5', '--nonnegative',
      '--labels', 'predicted', '--repeats', '40', '--points', '9', '--replacement', 'mean', '--seed', '0',
      '--patches', '50', '--images', '3,0,12', '--top-features', '5', '--rule', 'gradient',
      '--stride-correction', 'none', '--reduction', 'l2',
    ]
    expect(analysisOf(parse<AnalysisFlags>(analysis, ...words))).toEqual({
      preset: 'released',
      sets: ['All', 'conv*,fc3', 'activations'],
      layers: '1-6',
      mu: 5,
      nonnegative: true,
      labels: 'predicted',
      repeats: 40,
      points: 9,
      replacement: 'mean',
      seed: 0,
      patches: 50,
      images: [3, 0, 12],
      topFeatures: 5,
      rule: 'gradient',
      strideCorrection: 'none',
      reduction: 'l2',
    })
  })

  it.each([
    [['--mu', 'ten'], /--mu .*It must be a number/],
    [['--repeats', '0'], /--repeats .*whole number from 1 on/],
    [['--points', '1'], /--points .*whole number from 2 on/],
    [['--images', '1,x'], /--images .*whole number from 0 on/],
    [['--images', '1,'], /--images .*whole number from 0 on/],
    [['--labels', 'guess'], /--labels .*Allowed choices are true, predicted/],
    [['--preset', 'mine'], /--preset .*Allowed choices are paper, released/],
    [['--rule', 'relu'], /--rule .*Allowed choices are gradient, deconvnet, guided/],
    [['--stride-correction', 'pool'], /Allowed choices are none, conv, conv\+pool/],
    [['--seed', '-1'], /--seed .*whole number from 0 on/],
  ] as const)('%j are refused with exit code 1', (words, message) => {
    expect(complaint(analysis, ...words)).toEqual({ message: expect.stringMatching(message), exitCode: 1 })
  })
})

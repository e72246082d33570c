import { Argument, Option, type Command } from 'commander'
import { FLOWER_VARIANTS, type FlowerVariant } from '../../core/an8flower/classes.ts'
import { openSource } from '../data/source.ts'
import { runDemo } from './demo.ts'
import { generateAn8Flower } from '../jobs/generate.ts'
import { train } from '../jobs/train.ts'
import { startEngine } from '../model/engine.ts'
import type { ArchitectureName } from '../model/training/architectures.ts'
import { number, wholeNumber, withJson } from './options.ts'
import { say, withContext } from './terminal.ts'

interface TrainFlags {
  train: string
  validation?: string
  test: string
  out: string
  epochs: number
  batch: number
  rate: number
  optimizer: 'momentum' | 'adam'
  seed: number
  json?: boolean
}

/** Commands that make data and models, and the built-in demo. */
export function addDataCommands(program: Command): void {
  withJson(program.command('generate'))
    .description('synthetic images with masks')
    .addArgument(new Argument('<dataset>', 'what to generate').choices(['an8flower']))
    .addOption(
      new Option('--variant <variant>', 'colour of one part, or colour and part')
        .choices([...FLOWER_VARIANTS])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <folder>', 'where the images go')
    .addOption(new Option('--seed <n>', 'seed').argParser(wholeNumber(0)).default(1))
    .addOption(new Option('--count <n>', 'training images per class').argParser(wholeNumber(1)).default(200))
    .action(
      async (
        _dataset: string,
        flags: { variant: FlowerVariant; out: string; seed: number; count: number; json?: boolean },
      ) => {
        const { variant, out, seed, count } = flags
        const result = await withContext((context) => generateAn8Flower({ variant, out, seed, count }, context))
        say(
          flags.json,
          { out, ...result },
          () => `${out}: ${result.written} images written, ${result.kept} kept, ${result.classes} classes`,
        )
      },
    )

  withJson(program.command('train'))
    .description('train one of the demo networks')
    .addArgument(
      new Argument('<network>', 'lenet: MNIST as in MatConvNet; flower: its kin for an8Flower').choices([
        'lenet',
        'flower',
      ]),
    )
    .requiredOption('--train <data>', 'training images')
    .option('--validation <data>', 'images whose accuracy is reported too')
    .requiredOption('--test <data>', 'test images')
    .requiredOption('--out <folder>', 'where model.json, weights and recipe.json go')
    .addOption(new Option('--epochs <n>', 'passes over the training images').argParser(wholeNumber(1)).default(5))
    .addOption(new Option('--batch <n>', 'images per step').argParser(wholeNumber(1)).default(64))
    .addOption(
      new Option('--rate <rate>', 'learning rate at the start; falls to zero along a cosine')
        .argParser(number)
        .default(0.02),
    )
    .addOption(
      new Option('--optimizer <name>', 'momentum: SGD with momentum 0.9')
        .choices(['momentum', 'adam'])
        .default('momentum'),
    )
    .addOption(new Option('--seed <n>', 'seed of weights and order').argParser(wholeNumber(0)).default(1))
    .action(async (network: ArchitectureName, flags: TrainFlags) => {
      const recipe = {
        architecture: network,
        optimizer: flags.optimizer,
        learningRate: flags.rate,
        epochs: flags.epochs,
        batchSize: flags.batch,
        seed: flags.seed,
      }
      const result = await withContext(async (context) => {
        const opened = await openSource(flags.train, { signal: context.signal })
        const open = (location: string) => openSource(location, { signal: context.signal, classes: opened.classes })
        return train(
          {
            train: opened,
            validation: flags.validation ? await open(flags.validation) : undefined,
            test: await open(flags.test),
            out: flags.out,
            recipe,
            engine: await startEngine(),
          },
          context,
        )
      })
      say(
        flags.json,
        { out: flags.out, ...result },
        () =>
          `${flags.out}: test accuracy ${(100 * result.testAccuracy).toFixed(2)} %, ${result.parameters} parameters`,
      )
    })

  withJson(program.command('demo'))
    .description('the whole method on generated flowers: figures, tables and a manifest')
    .option('--out <folder>', 'where project, images and figures go', 'vebi-demo')
    .addOption(
      new Option('--variant <variant>', 'data set and trained model')
        .choices([...FLOWER_VARIANTS])
        .default('single-6c'),
    )
    .action(async (flags: { out: string; variant: FlowerVariant; json?: boolean }) => {
      const result = await withContext((context) => runDemo(flags.out, flags.variant, context))
      say(flags.json, result.document, () => result.text)
    })
}

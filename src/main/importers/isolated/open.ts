import type { Graph } from '../../../shared/graph.ts'
import { reasonOf, VebiError } from '../../../shared/errors.ts'
import type { OpenOptions } from '../importer.ts'
import { readWeights } from '../read-weights.ts'
import { WeightInFile } from '../weight-in-file.ts'
import { identityOf } from '../graph-hash.ts'
import { bytesOfModel, limitsFor, type Limits } from './limits.ts'
import { OUT_OF_MEMORY, type FromParser } from './messages.ts'
import { unpackGraph } from './packed-graph.ts'
import { forkParser, type ParserProcess } from './parser-process.ts'

/** How long a process that has read a model waits for the next one, in milliseconds. */
const IDLE_TIME = 60_000
/** One that grew beyond this is not used again; bytes. */
const MOST_IDLE_MEMORY = 300_000_000

/**
 * Opens models that others made. The file is parsed in a process of its own, under limits of time and memory, which a
 * crash, an endless loop or a huge allocation ends and nothing else; large float32 weights are then read by this
 * process straight from where they lie, plain numbers that cannot do harm. A thread would not do: limits of threads do
 * not cover array buffers and WebAssembly's memory, and a fault in native code ends the whole process.
 */
export class IsolatedOpener {
  private start: () => ParserProcess
  private readonly limits: (modelBytes: number) => Limits
  private idle: ParserProcess | undefined
  private idleTimer: NodeJS.Timeout | undefined

  constructor(start: () => ParserProcess = () => forkParser(), limits = limitsFor) {
    this.start = start
    this.limits = limits
  }

  /** For a program that cannot fork: before the first model is opened. */
  startBy(start: () => ParserProcess): void {
    this.start = start
  }

  /** Starts the process for the next model before it is asked for. */
  warm(): void {
    if (!this.idle) this.keep(this.start())
  }

  /** Throws VebiError with one sentence that names the path and the reason. */
  async open(location: string, options: OpenOptions = {}): Promise<Graph> {
    const size = await bytesOfModel(location)
    const limits = this.limits(size)
    const graph = await this.parse(location, options, size, limits)
    requireRoom(graph, location)
    return readWeights(graph)
  }

  /** Ends the process that waits, if there is one. */
  close(): void {
    clearTimeout(this.idleTimer)
    this.idle?.kill()
    this.idle = undefined
  }

  private parse(location: string, options: OpenOptions, size: number, limits: Limits): Promise<Graph> {
    const parser = this.take()
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        clearTimeout(timer)
        reject(new VebiError('bad-file', `${location} ${reason}.`))
      }
      const giveUp = (reason: string): void => {
        // An answer on its way would bring the process back to those that wait.
        parser.onMessage(() => {})
        parser.onExit(() => {})
        parser.kill()
        fail(reason)
      }
      const timer = setTimeout(() => {
        giveUp(`could not be read within ${Math.round(limits.time / 1000)} seconds, so reading it was given up`)
      }, limits.time)
      parser.onExit((how) => {
        fail(
          parser.lastWords().includes(OUT_OF_MEMORY)
            ? `takes more than ${megabytes(limits.memory)} of memory to read, though it is ${megabytes(size)} large, so reading it was given up`
            : `made the process that read it stop (${how}), so it is damaged or not what its name says`,
        )
      })
      const finish = (memory: number, settle: () => void): void => {
        clearTimeout(timer)
        this.giveBack(parser, memory)
        settle()
      }
      let received: ReturnType<typeof unpackGraph> | undefined
      const take = (message: FromParser): void => {
        switch (message.kind) {
          case 'graph':
            received = unpackGraph(message.graph)
            return
          case 'values':
            received!.room.get(message.weight)!.set(message.values, message.start)
            return
          case 'refused':
            // What a damaged file has done to a library is not known: no other file is read by that process.
            finish(message.code === 'bad-file' ? Infinity : message.memory, () =>
              reject(new VebiError(message.code, message.sentence)),
            )
            return
          case 'done': {
            const { graph } = received!
            finish(message.memory, () => resolve(graph))
          }
        }
      }
      parser.onMessage((message) => {
        try {
          take(message)
        } catch (error) {
          // Thrown out of a listener it would end this process.
          giveUp(`cannot be read: ${reasonOf(error)}`)
        }
      })
      parser.post({ location, options, memory: limits.memory })
    })
  }

  private take(): ParserProcess {
    const parser = this.idle ?? this.start()
    clearTimeout(this.idleTimer)
    this.idle = undefined
    parser.hold(true)
    return parser
  }

  private giveBack(parser: ParserProcess, memory: number): void {
    parser.onMessage(() => {})
    if (this.idle || memory > MOST_IDLE_MEMORY) {
      parser.onExit(() => {})
      parser.kill()
    } else this.keep(parser)
  }

  private keep(parser: ParserProcess): void {
    this.idle = parser
    parser.hold(false)
    parser.onExit(() => {
      if (this.idle === parser) this.idle = undefined
    })
    this.idleTimer = setTimeout(() => this.close(), IDLE_TIME).unref()
  }
}

/** A file may use the same values for many weights, each of which then takes memory here. */
function requireRoom(graph: Graph, location: string): void {
  const inFiles = identityOf(graph).weights.filter((weight) => weight instanceof WeightInFile)
  const needed = inFiles.reduce((sum, { count }) => sum + count * Float32Array.BYTES_PER_ELEMENT, 0)
  const pieces = inFiles.flatMap(({ stored }) => stored.pieces)
  const distinct = new Map(pieces.map(({ file, offset, length }) => [`${offset} ${length} ${file}`, length]))
  const held = [...distinct.values()].reduce((sum, length) => sum + length, 0)
  if (needed <= limitsFor(held).memory) return
  throw new VebiError(
    'bad-model',
    `${location} asks for ${megabytes(needed)} of weights, which are the same ${megabytes(held)} of values over and over.`,
  )
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

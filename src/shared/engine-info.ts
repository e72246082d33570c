/** The engine that computes, and what would make it faster. */

export interface EngineInfo {
  readonly name: string
  /** Version of the library that computes. */
  readonly version: string
  /** Faster engines that were tried and why they do not run, one sentence each. */
  readonly notes: readonly string[]
}

/** A part that is there with its version, or is not, with the reason in one sentence. */
export type Finding = { readonly ok: true; readonly version: string } | { readonly ok: false; readonly reason: string }

/** What would make VEBI faster or more complete, and how to get it. */
export interface Advice {
  readonly reason: string
  /** To be entered in the clone; null where no command helps. */
  readonly command: string | null
}

/** What is installed, what runs, why nothing faster runs, and what would help. */
export interface DoctorReport {
  readonly vebi: string
  readonly node: string
  readonly platform: string
  readonly cpu: { readonly model: string; readonly cores: number }
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number }
  readonly engine: EngineInfo
  /** Whether the GPU build of tfjs-node is installed. */
  readonly gpuBuild: boolean
  readonly benchmark: { readonly description: string; readonly milliseconds: number; readonly repeats: number }
  readonly libraries: Readonly<Record<'better-sqlite3' | 'sqlite' | 'sharp' | 'electron', Finding>>
  readonly advice: readonly Advice[]
}

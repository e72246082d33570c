import type { CheckResult, CheckSpec } from './checks.ts'
import type { ErrorCode } from './errors.ts'
import type {
  AblationSpec,
  AveragesSpec,
  EvaluationSpec,
  ExplanationSpec,
  HeatmapMethod,
  JobProgress,
  JobSpecs,
  SelectionSpec,
} from './jobs.ts'
import type { FigureFile, FigurePreview, FigureExportResult, FigureRecipe, StoredFigure } from './figures.ts'
import type { Matrix } from './matrix.ts'
import type { PresetTrials } from './preset-trials.ts'
import type { ProjectConfig } from './project.ts'
import type { ReportResult } from './report.ts'
import type { DoctorReport, EngineInfo } from './engine-info.ts'
import type { FolderListing, PathIdentity, RecentProject } from './folders.ts'
import type { AddedImage, ImageId, ImageInfo, ImageRole, Page, Picture, PredictionPage } from './images.ts'
import type { ModelReport } from './model-report.ts'
import type { ArtifactInfo, DraftAccuracy, DraftPreview, NewProject, ProjectInfo } from './project-info.ts'
import type {
  AblationResult,
  AverageEntry,
  AverageImage,
  AverageMean,
  ClassAblation,
  ClassCurves,
  ClassFeature,
  ClassResponses,
  ComputedExplanation,
  EvaluationResult,
  ExtractionResult,
  FeatureNote,
  FolderExplanationResult,
  ImageExplanation,
  LayerResponses,
  PathAnswer,
  PathCurve,
  PathSpec,
  SelectionMatrix,
  SelectionSummary,
} from './results.ts'
import type { FolderExplanationSpec, JobInfo, Work } from './work.ts'

/**
 * All that a window can ask of the engine and all that the engine tells by itself, whatever carries it. Paths go in
 * only where a project is made or opened and a model is inspected; images go by id. Reading a result never computes
 * it: `not-ready` says which job to start.
 */
export interface Methods {
  'engine.info': Method<Nothing, EngineInfo>
  /** Measures the engine as well, which takes a second or two. */
  'engine.diagnose': Method<Nothing, DoctorReport>

  /** A model on disk; null: that of the open project. */
  'model.inspect': Method<{ readonly path: string | null }, ModelReport>
  /** Numbers of the layers that a layer set picks in the model of the open project. */
  'model.layerSet': Method<
    { readonly layers: string },
    { readonly numbers: readonly number[]; readonly features: number }
  >

  /** Sets the user's own layer set; empty removes it. Throws where it names no layer. */
  'model.setOwnLayers': Method<{ readonly layers: string }, ProjectInfo>

  /** Folders and files where the engine runs; null: the user's home. */
  'files.list': Method<{ readonly folder: string | null }, FolderListing>
  'files.identify': Method<{ readonly path: string }, PathIdentity>

  /** Latest first. */
  'recent.list': Method<Nothing, readonly RecentProject[]>
  'recent.remove': Method<{ readonly folder: string }, readonly RecentProject[]>

  /** Makes the built-in demo project where it is not there yet, and returns its folder. */
  'demo.prepare': Method<Nothing, { readonly folder: string }>

  /** What the network would see; `count` samples, spread over the images of the role. */
  'draft.preview': Method<
    { readonly draft: Draft; readonly role: ImageRole; readonly count: number },
    DraftPreview
  >
  /** Measured on `images` test images spread over all; a later call ends this one with `cancelled`. */
  'draft.accuracy': Method<{ readonly draft: Draft; readonly images: number }, DraftAccuracy>
  /**
   * How often the network is right with each usual preprocessing, on up to 200 test images spread over all; told by
   * `project.progress`. A later measurement or `draft.stop` ends it with `cancelled`.
   */
  'draft.presets': Method<{ readonly draft: Draft; readonly images: number }, PresetTrials>
  /** Ends a measurement under way. */
  'draft.stop': Method<Nothing, null>
  /** Lets go of what the methods above have opened. */
  'draft.close': Method<Nothing, null>

  /** Makes a project and leaves it closed. */
  'project.create': Method<NewProject, ProjectConfig>
  'project.open': Method<{ readonly folder: string }, ProjectInfo>
  /** Stops a running job within a batch, which can be resumed; ends an opening or creating that is under way. */
  'project.close': Method<Nothing, null>
  /** Null where none is open. */
  'project.info': Method<Nothing, ProjectInfo | null>

  /** Everything that is computed and kept, oldest first. */
  'artifacts.list': Method<Nothing, readonly ArtifactInfo[]>
  /** Deletes results, which can be computed again; `busy` while a job runs. Returns the bytes given back. */
  'artifacts.remove': Method<{ readonly ids: readonly number[] }, { readonly bytes: number }>

  /** Jobs run one after another. Starting what is waiting or running already returns that job. */
  'jobs.start': Method<Work, JobInfo>
  /** Starts a cancelled, failed or interrupted job again; it goes on from what is stored. */
  'jobs.resume': Method<{ readonly id: number }, JobInfo>
  'jobs.cancel': Method<{ readonly id: number }, JobInfo>
  /** Latest first. */
  'jobs.list': Method<{ readonly limit?: number | undefined }, readonly JobInfo[]>
  'jobs.get': Method<{ readonly id: number }, JobInfo>

  'extraction.result': Method<JobSpecs['extraction'], ExtractionResult>

  'responses.layers': Method<JobSpecs['extraction'], readonly LayerResponses[]>
  /** One entry for each class that has images. */
  'responses.feature': Method<
    { readonly extraction: JobSpecs['extraction']; readonly feature: number },
    readonly ClassResponses[]
  >

  /** Of all features that have one. */
  'notes.list': Method<Nothing, readonly FeatureNote[]>
  /** An empty text without a pin removes the note. */
  'notes.set': Method<FeatureNote, readonly FeatureNote[]>

  'selection.summary': Method<SelectionSpec, SelectionSummary>
  /** Relevant features of one class, largest magnitude first. */
  'selection.classFeatures': Method<
    { readonly selection: SelectionSpec; readonly classIndex: number },
    readonly ClassFeature[]
  >
  'selection.matrix': Method<SelectionSpec, SelectionMatrix>
  /** The exact path of one class up to `maxMu`, from the stored statistics. */
  'selection.path': Method<PathSpec & { readonly maxMu: number }, PathCurve>
  /** The exact solution of one class at any mu, from its path. */
  'selection.at': Method<PathSpec & { readonly mu: number }, PathAnswer>

  'ablation.result': Method<AblationSpec, AblationResult>
  /** With the band of the random sets for this class alone. */
  'ablation.classCurves': Method<
    { readonly ablation: AblationSpec; readonly classIndex: number },
    ClassAblation
  >

  /** Features that the averages are made of, ascending. */
  'averages.list': Method<AveragesSpec, readonly AverageEntry[]>
  'averages.get': Method<{ readonly averages: AveragesSpec; readonly feature: number }, AverageImage>
  /** The average alone, without what makes it up: many are looked at together. */
  'averages.mean': Method<{ readonly averages: AveragesSpec; readonly feature: number }, AverageMean>

  'explanations.get': Method<
    { readonly explanation: Omit<ExplanationSpec, 'images'>; readonly image: ImageId },
    ImageExplanation
  >

  /** Computes at once, for any image and any class (null: the predicted one). */
  'explanations.compute': Method<
    {
      readonly explanation: Omit<ExplanationSpec, 'images' | 'rule'>
      readonly image: ImageId
      readonly classIndex: number | null
      readonly method: HeatmapMethod
    },
    ComputedExplanation
  >
  'explanations.folder': Method<FolderExplanationSpec, FolderExplanationResult>

  'evaluation.result': Method<EvaluationSpec, EvaluationResult>
  'evaluation.classCurves': Method<
    { readonly evaluation: EvaluationSpec; readonly classIndex: number },
    ClassCurves
  >

  'checks.result': Method<CheckSpec, CheckResult>

  /** In the order of the data. */
  'images.list': Method<
    { readonly role: ImageRole; readonly classIndex: number | null; readonly offset: number; readonly limit: number },
    Page<ImageInfo>
  >
  /** `displayed`: as the network sees it; `original`: as on disk. Neither side is longer than `maxSide`. */
  'images.picture': Method<
    { readonly image: ImageId; readonly view: 'displayed' | 'original'; readonly maxSide: number },
    Picture
  >
  /** Adds an image to look at; the bytes of its file, at most 64 MiB. */
  'images.add': Method<{ readonly name: string; readonly bytes: Uint8Array }, AddedImage>
  /** Latest first. */
  'images.added': Method<Nothing, readonly AddedImage[]>
  'images.removeAdded': Method<{ readonly ids: readonly ImageId[] }, readonly AddedImage[]>
  /** `[height, width]` in the network's geometry, 1 = discriminative part. */
  'images.mask': Method<{ readonly image: ImageId }, Matrix<Uint8Array>>

  'predictions.list': Method<
    {
      readonly outcome: 'any' | 'right' | 'wrong'
      /** By label; null for all. */
      readonly classIndex: number | null
      readonly order: 'data' | 'least-confident'
      readonly offset: number
      readonly limit: number
    },
    PredictionPage
  >
  /** Classes of any image, most probable first. */
  'predictions.ranked': Method<
    { readonly image: ImageId; readonly limit: number },
    readonly { readonly classIndex: number; readonly probability: number }[]
  >

  /** Oldest first. */
  'figures.list': Method<Nothing, readonly StoredFigure[]>
  /** `id` null: a new one. Throws where another figure has the name. */
  'figures.save': Method<{ readonly id: number | null; readonly figure: FigureRecipe }, StoredFigure>
  'figures.remove': Method<{ readonly ids: readonly number[] }, readonly StoredFigure[]>
  'figures.preview': Method<FigureRecipe, FigurePreview>
  /** The files of one figure. */
  'figures.render': Method<FigureRecipe, readonly FigureFile[]>
  /** What a finished `figures` job wrote. */
  'figures.written': Method<{ readonly job: number }, FigureExportResult>

  /** What a finished `report` job wrote. */
  'report.written': Method<{ readonly job: number }, ReportResult>
}

/** A project before it is made. */
export type Draft = Omit<NewProject, 'folder'>

export interface Events {
  /** At most ten a second for each phase of the running job; the first and the last of a phase always come. */
  'job.progress': { readonly id: number; readonly progress: JobProgress }
  /** A job was queued, started or ended. */
  'job.state': JobInfo
  /** A project was opened, or closed (null). */
  'project.changed': ProjectInfo | null
  /** While a project is made or opened, or the presets of a draft are tried. */
  'project.progress': { readonly phase: string; readonly done: number; readonly total: number }
}

interface Method<Argument, Result> {
  readonly argument: Argument
  readonly result: Result
}

/** An argument without fields. */
export type Nothing = Readonly<Record<never, never>>

export type MethodName = keyof Methods
export type ArgumentOf<Name extends MethodName> = Methods[Name]['argument']
export type ResultOf<Name extends MethodName> = Methods[Name]['result']
export type EventName = keyof Events

/** What crosses in place of an exception. */
export interface ContractError {
  readonly code: ErrorCode
  /** One clear sentence for people. */
  readonly sentence: string
}

export type Reply<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: ContractError }

/** How a window calls: rejects with a `VebiError`. A method without fields in its argument takes none. */
export type Call = <Name extends MethodName>(
  name: Name,
  ...argument: Nothing extends ArgumentOf<Name> ? [argument?: ArgumentOf<Name>] : [argument: ArgumentOf<Name>]
) => Promise<ResultOf<Name>>

/** How a window listens; the returned function ends it. */
export type On = <Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void) => () => void

/** How the engine tells. */
export type Emit = <Name extends EventName>(name: Name, payload: Events[Name]) => void

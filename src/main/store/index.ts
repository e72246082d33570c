export type { ArrayTypes, DataType } from './array-blob.ts'
export { artifactKey, canonicalJson } from './artifact-key.ts'
export type {
  Artifact,
  ArtifactReader,
  ArtifactRef,
  ArtifactSize,
  ArtifactStore,
  ArtifactWriter,
} from './artifacts.ts'
export { MAX_ARRAY_BYTES } from './artifacts.ts'
export type { Schema } from './config.ts'
export type { ImageReader, ImageRole, ImageWriter, StoredImage } from './images.ts'
export type { JobEnd, JobReader, JobRecord, JobWriter } from './job-log.ts'
export { PART_BYTES, partRanges, type PartRange } from './part-ranges.ts'
export { openProject, type ProjectReader, type ProjectStore } from './project.ts'

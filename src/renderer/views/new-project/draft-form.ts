import type { Draft } from '../../../shared/contract.ts'
import type { PreprocessingConfig } from '../../../shared/project.ts'
import type { PreprocessingOverrides } from '../../../shared/project-info.ts'

/** What the user has entered for a new project, as it was typed. */
export interface DraftForm {
  readonly model: string
  readonly train: string
  readonly test: string
  readonly masks: string
  readonly labels: string
  /** In what form the images come; decides what the dialogs offer. */
  readonly format: DataFormat
  /** Who names the classes where no label file does: the images in alphabetical order, or the model's file. */
  readonly classNames: 'images' | 'model'
  /** Hash of the model whose file the fields were last filled from. */
  readonly filledFrom: string
  readonly resize: PreprocessingConfig['resize']
  readonly scale: string
  readonly mean: string
  readonly std: string
  readonly order: PreprocessingConfig['order']
  /** Folder that the project's own folder is made in. */
  readonly location: string
  readonly name: string
}

export type DataFormat = 'folder' | 'csv' | 'idx'
export type FieldName = keyof DraftForm

export const EMPTY_FORM: DraftForm = {
  model: '',
  train: '',
  test: '',
  masks: '',
  labels: '',
  format: 'folder',
  classNames: 'images',
  filledFrom: '',
  resize: 'fit',
  scale: '1/255',
  mean: '0',
  std: '1',
  order: 'rgb',
  location: '',
  name: '',
}

/** What was remembered, as far as it is a form. */
export function restoredForm(remembered: unknown): DraftForm {
  if (typeof remembered !== 'object' || remembered === null) return EMPTY_FORM
  const known = Object.entries(remembered).filter(
    ([name, value]) => Object.hasOwn(EMPTY_FORM, name) && typeof value === 'string',
  )
  const form = { ...EMPTY_FORM, ...(Object.fromEntries(known) as Partial<DraftForm>) }
  return {
    ...form,
    format: form.format === 'csv' || form.format === 'idx' ? form.format : 'folder',
    classNames: form.classNames === 'model' ? 'model' : 'images',
    resize: form.resize === 'crop' ? 'crop' : 'fit',
    order: form.order === 'bgr' ? 'bgr' : 'rgb',
  }
}

/** A number, or a fraction such as `1/255`; null where it is none. */
export function parseNumber(text: string): number | null {
  const parts = text.split('/').map((part) => part.trim())
  const numbers = parts.map((part) => (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(part) ? Number(part) : NaN))
  const [first = NaN, second = 1] = numbers
  const value = first / second
  return numbers.length <= 2 && Number.isFinite(value) ? value : null
}

/** Numbers between commas, semicolons or blanks; null where one of them is none. */
export function parseNumbers(text: string): number[] | null {
  const parts = text.replaceAll(/\s*\/\s*/g, '/').split(/[\s,;]+/).filter((part) => part !== '')
  const numbers = parts.map(parseNumber)
  return numbers.length === 0 || numbers.includes(null) ? null : (numbers as number[])
}

export type PreprocessingField = 'scale' | 'mean' | 'std'

/** How images become the network's input; null with the reasons where a field cannot be read. */
export interface ParsedPreprocessing {
  readonly overrides: PreprocessingOverrides | null
  readonly problems: Readonly<Partial<Record<PreprocessingField, string>>>
}

export function parsePreprocessing(form: DraftForm, channels: 1 | 3): ParsedPreprocessing {
  const scale = parseNumber(form.scale)
  const mean = parseNumbers(form.mean)
  const std = parseNumbers(form.std)
  const problems: Partial<Record<PreprocessingField, string>> = {}
  if (scale === null) problems.scale = 'Enter one number, or a fraction such as 1/255.'
  else if (scale === 0) problems.scale = 'Zero would make every image the same.'
  const wanted = channels === 1 ? 'one number' : 'one number, or three with commas between them'
  for (const [field, values] of [['mean', mean], ['std', std]] as const) {
    if (values === null) problems[field] = `Enter ${wanted}.`
    else if (values.length !== 1 && values.length !== channels) {
      problems[field] = `These are ${values.length} numbers: enter ${wanted}.`
    }
  }
  if (std?.includes(0)) problems.std ??= 'The standard deviation is divided by, so it must not be zero.'
  const isReadable = Object.keys(problems).length === 0 && scale !== null && mean !== null && std !== null
  return { overrides: isReadable ? { resize: form.resize, scale, mean, std, order: form.order } : null, problems }
}

/** What the engine is asked with; null while a path that it needs is missing. */
export function draftOf(form: DraftForm, preprocessing: PreprocessingOverrides): Draft | null {
  const { model, train, test, masks, labels } = trimmed(form)
  if (model === '' || train === '' || test === '') return null
  return {
    model,
    train,
    test,
    ...(masks === '' ? {} : { masks }),
    ...(labels === '' ? {} : { labels }),
    ...(labels === '' && form.classNames === 'model' ? { modelClasses: true } : {}),
    preprocessing,
  }
}

type Paths = Pick<DraftForm, 'model' | 'train' | 'test' | 'masks' | 'labels'>

function trimmed({ model, train, test, masks, labels }: DraftForm): Paths {
  return {
    model: model.trim(),
    train: train.trim(),
    test: test.trim(),
    masks: masks.trim(),
    labels: labels.trim(),
  }
}

/** The project's own folder; empty while a part is missing. Follows the separator of the location. */
export function projectFolder({ location, name }: DraftForm): string {
  const parent = location.trim().replace(/(?<=.)[\\/]+$/, '')
  const own = name.trim()
  if (parent === '' || own === '') return ''
  const separator = parent.includes('\\') && !parent.includes('/') ? '\\' : '/'
  return parent === '/' ? `/${own}` : `${parent}${separator}${own}`
}

/** Why it is no name of a folder; null where it is one. */
export function nameProblem(name: string): string | null {
  const own = name.trim()
  if (own === '') return 'Give the project a name.'
  if (/[\\/:*?"<>|]/.test(own)) return 'A folder cannot be named with any of \\ / : * ? " < > |.'
  return own === '.' || own === '..' ? 'That names another folder.' : null
}

/** A name for the project out of the model's path: its folder where the file itself says nothing. */
export function suggestedName(model: string): string {
  const parts = model.trim().split(/[\\/]/).filter((part) => part !== '')
  if (/^model\.json$/i.test(parts.at(-1) ?? '')) parts.pop()
  const last = (parts.at(-1) ?? '').replace(/\.(json|h5|hdf5|keras|onnx|mat|pb)$/i, '').replaceAll(/[\\/:*?"<>|]/g, '-')
  return last === '' ? '' : `${last}-project`
}

import { VebiError } from '../../../shared/errors.ts'
import type { DraftForm, FieldName } from './draft-form.ts'

/** The field that a refusal of the engine is about; null where it is about none. */
export function fieldOfRefusal(error: unknown, form: DraftForm): FieldName | null {
  if (!(error instanceof VebiError)) return null
  const { code, message } = error
  if (code === 'overlap') return 'test'
  const preprocessing = /^Preprocessing, (\w+):/.exec(message)?.[1]
  if (preprocessing !== undefined) return Object.hasOwn(form, preprocessing) ? (preprocessing as FieldName) : null
  const namesClasses = form.classNames === 'model' && form.labels.trim() === '' ? 'classNames' : 'labels'
  if (message.startsWith('The list of classes')) return namesClasses
  if (message.startsWith('The model takes')) return 'model'
  const isOfClasses = message.includes('not among the classes') || message.includes('has no folder for')
  if (isOfClasses && namesClasses === 'classNames') return 'classNames'
  const named = namedIn(message, form)
  // Outputs and classes that differ in number are put right by naming the classes.
  return named === 'model' && code === 'bad-data' && / has \d+ outputs, but /.test(message) ? namesClasses : named
}

const PATHS = ['model', 'train', 'test', 'masks', 'labels', 'location'] as const

/** The path that the sentence names first; of two that begin there, the longer. */
function namedIn(message: string, form: DraftForm): FieldName | null {
  let found: { field: FieldName; at: number; length: number } | null = null
  for (const field of PATHS) {
    const path = form[field].trim()
    const at = path === '' ? -1 : message.indexOf(path)
    if (at < 0) continue
    if (found === null || at < found.at || (at === found.at && path.length > found.length)) {
      found = { field, at, length: path.length }
    }
  }
  return found?.field ?? null
}

/** The step of the page that a field is on. */
export function stepOfField(field: FieldName): 'model' | 'data' | 'preprocessing' | 'project' {
  switch (field) {
    case 'model':
    case 'filledFrom':
      return 'model'
    case 'train':
    case 'test':
    case 'masks':
    case 'labels':
    case 'format':
    case 'classNames':
      return 'data'
    case 'resize':
    case 'scale':
    case 'mean':
    case 'std':
    case 'order':
      return 'preprocessing'
    case 'location':
    case 'name':
      return 'project'
  }
}

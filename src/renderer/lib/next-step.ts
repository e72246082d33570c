import type { ErrorCode } from '../../shared/errors.ts'

const NEXT_STEPS: Record<ErrorCode, string> = {
  'bad-argument': 'Change the entry that is named and try again.',
  'bad-file': 'Repair or replace that file, or choose another one.',
  'missing-file': 'Check the path, or choose the file again.',
  unsupported: 'Choose something else, or convert it to a form that is read.',
  'bad-model': 'Export the model again, or choose another one.',
  'bad-data': 'Correct the data, or choose others.',
  overlap: 'Take the images that are named out of one of the two sets.',
  busy: 'Wait until it is done, or cancel it.',
  'disk-full': 'Free some space and try again: what was computed is kept.',
  cancelled: '',
  'not-ready': '',
  internal: 'Try again. If it happens again, start VEBI Workbench anew: what was computed is kept.',
}

/** What a user can do about an error of this kind; empty where its sentence says it already. */
export function nextStep(code: ErrorCode): string {
  return NEXT_STEPS[code]
}

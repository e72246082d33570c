import { diagnose } from '../doctor.ts'
import { startEngine } from '../model/engine.ts'
import type { HandlersOf } from './types.ts'

export function engineHandlers(): HandlersOf<'engine'> {
  return {
    'engine.info': () => startEngine(),
    'engine.diagnose': () => diagnose(),
  }
}

import { listImages, maskOf, pictureOf } from '../jobs/images.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function imageHandlers(session: Session): HandlersOf<'images'> {
  return {
    'images.list': (options) => listImages(session.project, options),
    'images.picture': ({ image, view, maxSide }) => pictureOf(session.project, image, view, maxSide),
    'images.mask': ({ image }) => maskOf(session.project, image),
  }
}

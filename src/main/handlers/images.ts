import { addImage, listAddedImages, removeAddedImages } from '../jobs/added-images.ts'
import { listImages, maskOf, pictureOf } from '../jobs/images.ts'
import type { Session } from '../session.ts'
import type { HandlersOf } from './types.ts'

export function imageHandlers(session: Session): HandlersOf<'images'> {
  return {
    'images.list': (options) => listImages(session.project, options),
    'images.picture': ({ image, view, maxSide }) =>
      session.answer((project) => pictureOf(project, image, view, maxSide)),
    'images.add': ({ name, bytes }) => session.answer((project) => addImage(project, name, bytes)),
    'images.added': () => listAddedImages(session.project),
    'images.removeAdded': ({ ids }) => removeAddedImages(session.project, ids),
    'images.mask': ({ image }) => session.answer((project) => maskOf(project, image)),
  }
}

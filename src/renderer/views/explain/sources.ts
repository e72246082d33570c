import type { ImageId } from '../../../shared/images.ts'

/** Where the list of images comes from. */
export type ImageSource = 'test' | 'train' | 'added' | 'folder'

/** The image in an address `explain/<role>/<index>`; null where there is none. */
export function imageOfRoute(params: Readonly<Record<string, unknown>>): ImageId | null {
  const { role, index } = params
  if (role !== 'test' && role !== 'train' && role !== 'added') return null
  return typeof index === 'string' && index !== '' ? `${role}/${Number(index)}` : null
}

export function routeOfImage(image: ImageId): { name: 'explain'; params: { role: string; index: string } } {
  const [role, index] = image.split('/')
  return { name: 'explain', params: { role, index } }
}

/** The list that shows an image: an explained folder shows added images too. */
export function sourceOf(image: ImageId, source: ImageSource): ImageSource {
  const [role] = image.split('/') as ['test' | 'train' | 'added']
  return role === 'added' && source === 'folder' ? 'folder' : role
}

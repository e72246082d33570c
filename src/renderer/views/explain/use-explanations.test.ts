import { expect, test } from 'vitest'
import { effectScope, ref } from 'vue'
import { VebiError } from '../../../shared/errors.ts'
import type { ArgumentOf } from '../../../shared/contract.ts'
import type { ImageId } from '../../../shared/images.ts'
import type { ComputedExplanation } from '../../../shared/results.ts'
import { fakeHost, withHost } from '../../testing/fake-host.ts'
import { useExplainDisplayStore } from './display-store.ts'
import { useExplanations } from './use-explanations.ts'

type Asked = ArgumentOf<'explanations.compute'>
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

function answerTo({ image, method }: Asked): ComputedExplanation {
  const empty = new Float32Array(0)
  return {
    image,
    method,
    predicted: 0,
    confidence: 1,
    classIndex: 0,
    probability: 1,
    features: [],
    heatmaps: { shape: [0, 0, 0], data: empty },
    combined: { shape: [0, 0], data: empty },
  }
}

test('asks once for each chosen method; of images run through, only the last is asked for', async () => {
  const open: (() => void)[] = []
  const asked: Asked[] = []
  const { host } = fakeHost({
    'explanations.compute': (argument) => {
      asked.push(argument)
      return new Promise((resolve) => open.push(() => resolve(answerTo(argument))))
    },
  })
  const image = ref<ImageId | null>('test/0')
  const scope = effectScope()
  const inScope = () =>
    scope.run(() => ({
      store: useExplainDisplayStore(),
      rows: useExplanations(
        () => image.value,
        () => null,
      ),
    }))!
  const { value } = withHost(host, inScope)
  await turn()
  expect(asked.map(({ method }) => method)).toEqual(['ours'])
  for (const next of ['test/1', 'test/2', 'test/3'] as const) {
    image.value = next
    await turn()
  }
  expect(asked).toHaveLength(1)
  open.splice(0).forEach((end) => end())
  await turn()
  open.splice(0).forEach((end) => end())
  await turn()
  expect(asked.map((each) => each.image)).toEqual(['test/0', 'test/3'])
  expect(value.rows.value[0].result.data?.image).toBe('test/3')

  value.store.set({ methods: ['upsampled', 'ours'] })
  await turn()
  expect(value.rows.value.map(({ method }) => method)).toEqual(['ours', 'upsampled'])
  expect(asked.at(-1)).toMatchObject({ method: 'upsampled', image: 'test/3' })
  scope.stop()
})

test('settings of the screen leave the analysis as it is, and go when they are the same again', async () => {
  const { host } = fakeHost({
    'explanations.compute': () => {
      throw new VebiError('not-ready', 'Select features first.')
    },
  })
  const { value: store } = withHost(host, () => useExplainDisplayStore())
  const before = store.explanation
  store.draw({ topFeatures: 7 })
  expect(store.explanation).toEqual({ ...before, topFeatures: 7 })
  expect(store.differs).toBe(true)
  store.draw({ topFeatures: before.topFeatures })
  expect(store.differs).toBe(false)
  store.draw({ strideCorrection: 'none' })
  store.drawAsAnalysis()
  expect(store.explanation).toEqual(before)
})

import { describe, expect, it } from 'vitest'
import { ablationWords, classwiseWords, ownFeatureWords } from './ablation-words.ts'
import { sampleResult } from '../../testing/ablation-result.ts'

const RESULT = sampleResult()
const ALL = RESULT.curves[0]

describe('an ablation in words', () => {
  it('says that the features matter where the curve ends below the band', () => {
    expect(ablationWords(RESULT.original, ALL)).toEqual({
      verdict: 'below',
      sentence:
        'Removing the 10 relevant features of All takes the accuracy from 90.0 % to 20.0 %; removing as many random ' +
        'features of the same layers leaves 70.0 % (95 % band 60.0 to 80.0 %).',
      conclusion: 'The network relies on these features more than on others.',
    })
  })

  it('does not claim it within the band, nor above it', () => {
    expect(ablationWords(RESULT.original, RESULT.curves[1])).toMatchObject({
      verdict: 'within',
      conclusion: 'That is within the band: this does not show that they matter more than random features.',
    })
    const last = { ...ALL.points.at(-1)!, accuracy: 0.85 }
    expect(ablationWords(RESULT.original, { ...ALL, points: [ALL.points[0], last] }).verdict).toBe('above')
    const edge = { ...last, accuracy: last.randomLow }
    expect(ablationWords(RESULT.original, { ...ALL, points: [edge] }).verdict).toBe('within')
  })

  it('says where there is nothing to remove', () => {
    const { verdict, sentence } = ablationWords(RESULT.original, { ...ALL, points: [{ ...ALL.points[0], removed: 0 }] })
    expect(verdict).toBe('none')
    expect(sentence).toBe('All has no relevant features at this μ: there is nothing to remove.')
  })
})

describe('the ablation of one class in words', () => {
  it('names the class', () => {
    expect(ablationWords(0.8, ALL, 'blue').sentence).toMatch(
      /^Removing the 10 relevant features of All takes the accuracy of blue from 80.0 % to 20.0 %; removing as many/,
    )
  })

  it('has its own features, where there are any', () => {
    expect(ownFeatureWords(ALL, 1)).toBe(
      'Its own features with positive weight alone (4) cost it 40.0 points, random features of the same layers 10.0 ' +
        '(95 % band 0.0 to 20.0).',
    )
    expect(ownFeatureWords(ALL, 7)).toBe('')
  })
})

describe('the effects on classes in words', () => {
  it('are means over the classes', () => {
    expect(classwiseWords(ALL)).toBe(
      'Removing only the features of All with positive weight for one class costs that class 50.0 points of accuracy ' +
        'on average and the other classes 2.0; random features of the same layers cost it 10.0.',
    )
    expect(classwiseWords({ ...ALL, classwise: [] })).toBe('No class has a feature of All with positive weight.')
  })
})

import { expect, it } from 'vitest'
import { verdictOn } from './verdict.ts'

const classes = ['ant', 'bee', 'cat', 'dog', 'eel', 'fox', 'gnu', 'hen', 'ibis', 'jay']

function about(accuracy: number, commonest: number, chance = 0.1): ReturnType<typeof verdictOn> {
  const shares = { accuracy, chance, commonest: { classIndex: 1, share: commonest } }
  return verdictOn({ images: 200, unreadable: 0, ...shares }, classes)
}

it('calls an accuracy near guessing bad, by what the network predicts', () => {
  expect(about(0.1, 0.97)).toMatchObject({ kind: 'bad' })
  expect(about(0.1, 0.97).text).toContain('"bee" is predicted for 97 %')
  expect(about(0.06, 0.15)).toMatchObject({ kind: 'bad' })
  expect(about(0.06, 0.15).text).toContain('order than the outputs')
  // 3 standard errors of 200 images at 10 %: 6.4 %.
  expect(about(0.16, 0.15).kind).toBe('bad')
  expect(about(0.17, 0.15).kind).toBe('doubtful')
})

it('doubts a low accuracy, and one class that wins too often', () => {
  expect(about(0.4, 0.2)).toMatchObject({ kind: 'doubtful', title: 'Better than guessing, but low' })
  expect(about(0.55, 0.6)).toMatchObject({ kind: 'doubtful', title: 'One class is predicted too often' })
})

it('is content with a network that is mostly right', () => {
  expect(about(0.68, 0.13).kind).toBe('good')
  // Two classes, one of them commoner: predicting it as often is right.
  expect(about(0.95, 0.7, 0.7).kind).toBe('good')
  expect(about(1, 1, 1).kind).toBe('good')
})

import { computed, type ComputedRef } from 'vue'
import { usePreferencesStore } from '../stores/preferences.ts'

/** Colours of a chart on the screen. Give `ink`, `gridLine` and `background` to the `ChartStyle` of core/charts. */
export interface ChartTheme {
  readonly ink: string
  readonly softInk: string
  readonly gridLine: string
  readonly background: string
  readonly accent: string
  readonly fontFamily: string
  readonly fontSize: number
  /** For `option.tooltip`; drawn on the canvas, because the Content-Security-Policy allows no inline styles. */
  readonly tooltip: {
    readonly renderMode: 'richText'
    readonly backgroundColor: string
    readonly borderColor: string
    readonly textStyle: { readonly color: string; readonly fontSize: number; readonly fontFamily: string }
  }
}

/** The tokens of styles/tokens.css as they are now, read again with every change of the theme. */
export function useChartTheme(): ComputedRef<ChartTheme> {
  const preferences = usePreferencesStore()
  return computed(() => {
    // The theme's class is on the page before anybody asks; this is what makes it asked again.
    void preferences.isDark
    const style = getComputedStyle(document.documentElement)
    const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
    const fontFamily = token('font')
    return {
      ink: token('ink'),
      softInk: token('ink-soft'),
      gridLine: token('chart-grid'),
      background: token('surface'),
      accent: token('accent'),
      fontFamily,
      fontSize: 12,
      tooltip: {
        renderMode: 'richText',
        backgroundColor: token('surface-raised'),
        borderColor: token('line-strong'),
        textStyle: { color: token('ink'), fontSize: 12, fontFamily },
      },
    }
  })
}

let context: CanvasRenderingContext2D | null | undefined

/** Advance width of one line of text in CSS pixels, for `ChartStyle.measureText`. */
export function measureText(text: string, fontSize: number, fontFamily: string): number {
  context ??= document.createElement('canvas').getContext('2d')
  if (!context) return text.length * fontSize * 0.6
  context.font = `${fontSize}px ${fontFamily}`
  return context.measureText(text).width
}

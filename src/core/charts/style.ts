/** Lengths of a chart are in units of the drawing: points in a printed figure, CSS pixels on a screen. */
export interface ChartStyle {
  readonly width: number
  readonly height: number
  readonly fontFamily: string
  readonly fontSize: number
  /** Advance width of one line of text; places legends and axis titles without overlap. */
  readonly measureText: (text: string, fontSize: number) => number
  /** Colours on a screen; those of printed paper where left out. */
  readonly ink?: string
  readonly gridLine?: string
  readonly background?: string
}

/** Okabe and Ito's colour-blind-safe palette without its yellow, which vanishes on white paper. */
export const PALETTE = {
  blue: '#0072b2',
  vermilion: '#d55e00',
  green: '#009e73',
  purple: '#cc79a7',
  skyBlue: '#56b4e9',
  orange: '#e69f00',
  gray: '#7f7f7f',
  black: '#000000',
} as const

/** Ink of axes and text. */
export function inkOf({ ink = '#222222' }: ChartStyle): string {
  return ink
}

export function gridLineOf({ gridLine = '#e3e3e3' }: ChartStyle): string {
  return gridLine
}

export function backgroundOf({ background = '#ffffff' }: ChartStyle): string {
  return background
}

/** Dash patterns that tell lines apart without colour. */
export const DASHES = {
  solid: 'solid',
  dashed: [4, 2],
  dotted: [1, 2],
  dashDotted: [5, 2, 1, 2],
  longDashed: [8, 3],
  sparse: [1, 5],
} as const
export type Dash = (typeof DASHES)[keyof typeof DASHES]

/** echarts takes mutable arrays only. */
export function lineType(dash: Dash): 'solid' | number[] {
  return dash === 'solid' ? dash : [...dash]
}

export function textStyle(style: ChartStyle): { fontFamily: string; fontSize: number; color: string } {
  return { fontFamily: style.fontFamily, fontSize: style.fontSize, color: inkOf(style) }
}

/** The longest beginning of the text that fits, with an ellipsis where something was left out. */
export function shorten(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text
  const letters = [...text]
  while (letters.length > 0 && measure(letters.join('').trimEnd() + '…') > width) letters.pop()
  return letters.length > 0 ? letters.join('').trimEnd() + '…' : ''
}

import * as echarts from 'echarts'
import type { EChartsOption } from 'echarts'
import type { ChartStyle } from '../../core/charts/style.ts'
import { VebiError } from '../../shared/errors.ts'
import { FONT_FAMILIES, fontOfFamily, textWidth } from './font.ts'
import type { FontName } from './font.ts'
import { POINTS_PER_CM, withoutControlCharacters } from './svg.ts'

// echarts measures text on a canvas, which Node has not; its built-in guess is too narrow for DejaVu Sans.
echarts.setPlatformAPI({
  measureText: (text, font = '') => ({
    width: textWidth(
      text,
      Number(/([\d.]+)px/.exec(font)?.[1] ?? 12),
      /bold/.test(font) ? 'bold' : 'regular',
      fontOfFamily(/px\s+(.*)/.exec(font)?.[1] ?? ''),
    ),
  }),
})

export interface ChartSize {
  readonly widthCm: number
  readonly heightCm: number
  /** `sans` by default. */
  readonly font?: FontName
  /** Points; 7 by default, what most journals ask for. */
  readonly fontSizePt?: number
}

/** Draws a chart as SVG at its printed size; one unit of the drawing is one point. */
export function renderChart(chart: (style: ChartStyle) => EChartsOption, size: ChartSize): string {
  const { widthCm, heightCm, font = 'sans', fontSizePt = 7 } = size
  if (!(widthCm >= 4 && heightCm >= 3)) {
    throw new VebiError('bad-argument', `A chart of ${widthCm} x ${heightCm} cm is too small: 4 x 3 cm at least.`)
  }
  const style: ChartStyle = {
    width: widthCm * POINTS_PER_CM,
    height: heightCm * POINTS_PER_CM,
    fontFamily: FONT_FAMILIES[font],
    fontSize: fontSizePt,
    measureText: (text, fontSize) => textWidth(text, fontSize, 'regular', font),
  }
  const instance = echarts.init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: style.width,
    height: style.height,
  })
  try {
    instance.setOption(chart(style))
    return printable(instance.renderToSVGString(), widthCm, heightCm)
  } finally {
    instance.dispose()
  }
}

/**
 * Turns echarts' output into a file for print: size in cm, no hover styles, and none of the identifiers that
 * count up through the life of the process and would make equal figures differ.
 */
function printable(svg: string, widthCm: number, heightCm: number): string {
  return withoutControlCharacters(svg)
    .replace(/<style ?>[\s\S]*?<\/style>\n?/, '')
    .replace(/<[^>]*>/g, (tag) =>
      tag
        .replace(/ class="zr\d+-cls-\d+"/g, '')
        .replace(/ ecmeta_\w+="[^"]*"/g, '')
        .replace(/ pointer-events="visible"/g, '')
        .replace(/\bzr\d+-(c\d+)/g, 'clip-$1'),
    )
    .replace(/^<svg width="[^"]*" height="[^"]*"/, `<svg width="${widthCm}cm" height="${heightCm}cm"`)
}

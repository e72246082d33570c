import { escapeXml } from '../figures/svg.ts'

/** A piece of a page, with everything in it escaped. */
export interface Html {
  readonly html: string
}

type Content = Html | string | number | readonly Content[]

/** Template of a piece of a page: what is put in is escaped, unless it is a piece of a page itself. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return { html: strings.reduce((text, string, i) => text + written(contents[i - 1] ?? '') + string) }
}

/** Text that is HTML already: drawings of this program. */
export function raw(text: string): Html {
  return { html: text }
}

function written(content: Content): string {
  // A number and its sign of per cent stay on one line.
  if (typeof content === 'string') return escapeXml(content.replace(/(\d) %/g, '$1\u00a0%'))
  if (typeof content === 'number') return String(content)
  return 'html' in content ? content.html : content.map(written).join('')
}

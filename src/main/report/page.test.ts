import { describe, expect, it } from 'vitest'
import { sampleIntervals, sampleLines } from '../../core/charts/sample-checks.ts'
import { intervalsChart } from '../../core/charts/check-intervals.ts'
import { linesChart } from '../../core/charts/check-lines.ts'
import { renderChart } from '../figures/chart.ts'
import { html, raw } from './html.ts'
import { reportPage } from './page.ts'
import type { Report } from './types.ts'

const HOSTILE = '</style><script>alert(1)</script> & "cats" \u0007'
const svg = renderChart((style) => linesChart(sampleLines(), style), { widthCm: 8.5, heightCm: 7 })
const other = renderChart((style) => intervalsChart(sampleIntervals(), style), { widthCm: 8.5, heightCm: 4 })

const report: Report = {
  title: `Report of ${HOSTILE}`,
  facts: [['Model', HOSTILE]],
  sections: [
    {
      id: 'first',
      title: HOSTILE,
      parts: [
        { kind: 'heading', id: 'part', title: HOSTILE },
        { kind: 'text', tone: 'plain', text: HOSTILE },
        { kind: 'text', tone: 'missing', text: 'Not computed.' },
        { kind: 'verdict', verdict: 'against', text: `speaks against ${HOSTILE}` },
        { kind: 'list', title: HOSTILE, items: [HOSTILE] },
        { kind: 'facts', rows: [[HOSTILE, HOSTILE]] },
        {
          kind: 'table',
          title: HOSTILE,
          columns: [{ title: HOSTILE, numeric: false }, { title: 'Area', numeric: true }],
          rows: [[HOSTILE, '0.225'], ['b', '–']],
          left: 1,
          csv: { name: 'table.csv', text: 'name,area\r\n"µ, a",0.225\r\n' },
        },
      ],
    },
    {
      id: 'second',
      title: 'Figures',
      parts: [
        { kind: 'figure', svg, caption: HOSTILE },
        { kind: 'figure', svg, caption: 'The same again.' },
        { kind: 'figure', svg: other, caption: 'Another.' },
      ],
    },
  ],
}

/** Everything that is not inside a drawing. */
const outside = (page: string): string => page.replace(/<svg [\s\S]*?<\/svg>/g, '')

describe('html', () => {
  it('escapes what is put in and keeps pieces of a page as they are', () => {
    expect(html`<b>${'<i> & "'}</b>`.html).toBe('<b>&#60;i&#62; &#38; &#34;</b>')
    expect(html`${[html`<i>${1}</i>`, '<', [raw('<br>')]]}${0}`.html).toBe('<i>1</i>&#60;<br>0')
    expect(html``.html).toBe('')
    expect(html`${'98.3 % of 10 %x'}`.html).toBe('98.3\u00a0% of 10\u00a0%x')
  })
})

describe('reportPage', () => {
  const page = reportPage(report)

  it('holds no element that the texts would make', () => {
    expect(page).not.toMatch(/<script/i)
    expect(page.match(/<\/style>/g)).toHaveLength(1)
    expect(page).not.toContain('\u0007')
    expect(page).toContain('&#60;script&#62;alert(1)&#60;/script&#62; &#38; &#34;cats&#34;')
  })

  it('fetches nothing and runs nothing', () => {
    expect(page).toContain('content="default-src &#39;none&#39;; img-src data:; style-src &#39;unsafe-inline&#39;"')
    expect(outside(page)).not.toMatch(/\b(src|srcset|action|xlink:href)=|url\(|@import|\bon\w+=/)
    for (const [, address] of page.matchAll(/ (?:xlink:)?href="([^"]*)"/g)) expect(address).toMatch(/^(#|data:)/)
    // Names of the XML vocabularies are no addresses that are asked.
    expect(page.replace(/ xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(/https?:/)
  })

  it('closes what it opens', () => {
    const stack: string[] = []
    for (const [, closes, name, empty] of outside(page).matchAll(/<(\/?)([a-z0-9]+)(?:\s[^>]*?)?(\/?)>/g)) {
      if (name === 'meta' || empty) continue
      if (closes) expect(stack.pop()).toBe(name)
      else stack.push(name)
    }
    expect(stack).toEqual([])
  })

  it('uses each identifier once and points at none that is missing', () => {
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const used = [...page.matchAll(/url\(#([^)]*)\)| href="#([^"]*)"| aria-labelledby="([^"]*)"/g)]
    expect(used.length).toBeGreaterThan(5)
    for (const [, url, href, label] of used) expect(ids).toContain(url ?? href ?? label)
  })

  it('numbers the figures and names rows, columns and tables', () => {
    expect([...page.matchAll(/<b>(Figure \d+)\.<\/b>/g)].map(([, name]) => name)).toEqual(['Figure 1', 'Figure 2', 'Figure 3'])
    expect(page).toContain('<th scope="col" class="number">Area</th>')
    expect(page).toContain('<td class="number">0.225</td>')
    expect(page).toContain('and 1 more row<')
    expect(page).toContain('<table class="short">')
    expect(page).toContain('<p class="verdict against"><span aria-hidden="true">✗</span> speaks against')
  })

  it('holds a table that is not shown whole as a file, which paper leaves out', () => {
    const [, name, data] = /<a download="([^"]*)" href="data:text\/csv;charset=utf-8;base64,([^"]*)">/.exec(page)!
    expect(name).toBe('table.csv')
    expect(Buffer.from(data, 'base64').toString('utf8')).toBe('name,area\r\n"µ, a",0.225\r\n')
    expect(page).toMatch(/@media print \{[\s\S]*\.save \{ display: none; \}/)
  })

  it('can be printed', () => {
    expect(page).toMatch(/@media print \{[\s\S]*break-inside: avoid/)
  })

  it('is the same text each time', () => {
    expect(reportPage(report)).toBe(page)
  })
})

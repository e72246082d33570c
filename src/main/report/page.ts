import { html, raw, type Html } from './html.ts'
import { REPORT_STYLE } from './style.ts'
import type { Report, ReportPart, ReportSection, ReportTable } from './types.ts'

/** Signs that tell verdicts apart without colour. */
const SIGNS = { for: '✓', against: '✗', open: '?' } as const

/** Nothing runs and nothing is fetched: all that the page shows is in it. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

/** A report as one page that needs nothing else. The same report gives the same text. */
export function reportPage({ title, facts, sections }: Report): string {
  const figures = { count: 0 }
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(REPORT_STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${factList(facts)}
</header>
<nav aria-label="Contents">
<ol>
${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>
`)}</ol>
</nav>
<main>
${sections.map((section) => sectionOf(section, figures))}</main>
</body>
</html>
`
  return page.html
}

function sectionOf({ id, title, parts }: ReportSection, figures: { count: number }): Html {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${parts.map((part) => partOf(part, figures))}</section>
`
}

function partOf(part: ReportPart, figures: { count: number }): Html {
  switch (part.kind) {
    case 'heading':
      return html`<h3 id="${part.id}">${part.title}</h3>
`
    case 'text':
      return part.tone === 'plain' ? html`<p>${part.text}</p>
` : html`<p class="${part.tone}">${part.text}</p>
`
    case 'verdict':
      return html`<p class="verdict ${part.verdict}"><span aria-hidden="true">${SIGNS[part.verdict]}</span> ${part.text}</p>
`
    case 'list':
      return html`<p>${part.title}</p>
<ul>
${part.items.map((item) => html`<li>${item}</li>
`)}</ul>
`
    case 'facts':
      return factList(part.rows)
    case 'table':
      return tableOf(part)
    case 'figure':
      return figureOf(part.svg, part.caption, ++figures.count)
  }
}

function factList(rows: readonly (readonly [string, string])[]): Html {
  if (rows.length === 0) return html``
  return html`<dl>
${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>
`)}</dl>
`
}

/** Rows of a table that stays on one sheet of paper. */
const SHORT = 20
/** Columns of a table that is set smaller, so that it is no wider than the sheet. */
const WIDE = 9

function tableOf({ title, columns, rows, left, csv }: ReportTable): Html {
  const classOf = (i: number): Html => (columns[i]?.numeric ? raw(' class="number"') : html``)
  const first = (cell: string, i: number): Html =>
    i === 0 ? html`<th scope="row"${classOf(i)}>${cell}</th>` : html`<td${classOf(i)}>${cell}</td>`
  return html`<div class="scroll">
<table class="${[...(rows.length <= SHORT ? ['short'] : []), ...(columns.length > WIDE ? ['wide'] : [])].join(' ')}">
<caption>${title}</caption>
<thead><tr>${columns.map((column, i) => html`<th scope="col"${classOf(i)}>${column.title}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map(first)}</tr>
`)}</tbody>
</table>
</div>
${left > 0 ? html`<p class="left">and ${left} more ${left === 1 ? 'row' : 'rows'}</p>
` : html``}${csv ? html`<p class="left save"><a download="${csv.name}" href="${csvAddress(csv.text)}">The whole table as CSV</a></p>
` : html``}`
}

function csvAddress(text: string): string {
  return `data:text/csv;charset=utf-8;base64,${Buffer.from(text, 'utf8').toString('base64')}`
}

/** Identifiers of a drawing hold for the whole page, so each figure gets its own. */
function figureOf(svg: string, caption: string, number: number): Html {
  const own = svg
    .trim()
    .replace(/( id="|url\(#|href="#)/g, `$1figure-${number}-`)
    .replace(/^<svg /, `<svg role="img" aria-labelledby="caption-${number}" `)
  return html`<figure>
${raw(own)}
<figcaption id="caption-${number}"><b>Figure ${number}.</b> ${caption}</figcaption>
</figure>
`
}

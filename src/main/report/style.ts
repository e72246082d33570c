/** Style of a report: for a screen, and for white paper. */
export const REPORT_STYLE = `
:root { color-scheme: light; --ink: #222; --soft: #555; --line: #c8c8c8; --good: #1f6f3d; --warn: #8a5a00; --bad: #a02020; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 21cm; padding: 1cm; color: var(--ink); background: #fff;
  font: 10.5pt/1.45 "DejaVu Sans", Verdana, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 18pt; margin: 0 0 0.4em; }
h2 { font-size: 14pt; margin: 1.8em 0 0.5em; border-bottom: 1px solid var(--line); padding-bottom: 0.15em; }
h3 { font-size: 11.5pt; margin: 1.5em 0 0.4em; }
p { margin: 0.5em 0; }
nav ol { columns: 2; padding-left: 1.6em; }
a { color: #00538a; }
.lead { font-size: 11.5pt; border-left: 3px solid #0072b2; padding-left: 0.7em; }
.missing, .warning { border-left: 3px solid var(--warn); padding-left: 0.7em; }
.missing { color: var(--soft); }
.verdict { font-weight: bold; margin-bottom: 0; }
.verdict.for { color: var(--good); }
.verdict.against { color: var(--bad); }
.verdict.open { color: var(--warn); }
figure { margin: 1em 0; }
figure svg { max-width: 100%; height: auto; }
figcaption { font-size: 9pt; color: var(--soft); margin-top: 0.3em; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.1em 1.2em; margin: 0.6em 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 9pt; margin: 0.8em 0; }
caption { text-align: left; font-weight: bold; padding-bottom: 0.3em; }
th, td { padding: 0.15em 0.7em 0.15em 0; text-align: left; vertical-align: top; border-bottom: 1px solid #e3e3e3; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
thead th { border-bottom: 1px solid var(--line); color: var(--soft); }
tbody th { font-weight: normal; }
table.wide { font-size: 7pt; }
table.wide :is(th, td) { padding-right: 0.5em; }
table.wide tbody th:not(.number) { overflow-wrap: anywhere; min-width: 9em; }
.left { font-size: 9pt; color: var(--soft); }
@media print {
  @page { margin: 1.6cm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  .scroll { overflow: visible; }
  .save { display: none; }
  a { color: inherit; text-decoration: none; }
  h2, h3 { break-after: avoid; }
  figure, .lead, .verdict, dl { break-inside: avoid; }
  tr, table.short { break-inside: avoid; }
  caption, thead { break-after: avoid; }
  thead { display: table-header-group; }
}
`

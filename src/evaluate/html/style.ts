/** The style sheet of the report: light and dark on a screen, light on paper. Contrasts are WCAG AA or better. */
export const STYLE = `
:root {
  color-scheme: light;
  --paper: #ffffff; --ink: #1c2127; --muted: #57606a; --faint: #8b949e; --line: #d8dee4; --wash: #f5f7f9;
  --genuine: #0072b2; --skilled: #c25100; --random: #5c636b; --mark: #0072b2;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --paper: #15181c; --ink: #e4e7ea; --muted: #a3acb5; --faint: #78828c; --line: #343a41; --wash: #1d2126;
    --genuine: #5fb3e6; --skilled: #f0964f; --random: #b3bac1; --mark: #5fb3e6;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 64rem; padding: 2.5rem 1.5rem 4rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.6 Charter, 'Bitstream Charter', 'Sitka Text', Cambria, Georgia, serif;
}
h1, h2, h3, table, figcaption, .label, .figures, nav, code { font-family: system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .3rem; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 3rem 0 .8rem; padding-top: .9rem; border-top: 1px solid var(--line); font-weight: 650; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; font-weight: 650; }
p, ul, dl { max-width: 46rem; margin: 0 0 .9rem; }
p, li, dd, td { overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; }
li { margin-bottom: .3rem; }
.label { color: var(--muted); font-size: .875rem; line-height: 1.5; }
.verdict { background: var(--wash); border-left: 4px solid var(--mark); padding: 1.2rem 1.5rem .6rem; margin: 1.6rem 0 0; }
.verdict h2 { border: 0; margin: 0 0 .6rem; padding: 0; }
.verdict .headline { font-size: 1.2rem; line-height: 1.45; font-weight: 600; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); gap: 1rem 1.5rem; margin: 1.2rem 0; max-width: none; }
.figures div { display: grid; grid-template-rows: 1fr auto; }
.figures dt { align-self: end; line-height: 1.35; font-size: .875rem; color: var(--muted); }
.figures dd { margin: 0; font-size: 1.75rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
.figures small { display: block; font-size: .875rem; font-weight: 400; color: var(--muted); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; margin: 0 0 1rem; }
caption { text-align: left; color: var(--muted); padding-bottom: .5rem; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); }
thead th { border-bottom: 1.5px solid var(--faint); }
tbody th { font-weight: 400; }
td .interval { color: var(--muted); white-space: nowrap; }
.scroll { overflow-x: auto; }
.scroll tbody th { min-width: 11rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.5rem 2rem; align-items: start; }
figure { margin: 0 0 1.2rem; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; max-width: 34rem; overflow: visible; background: none; }
figcaption { color: var(--muted); font-size: .875rem; line-height: 1.5; margin-top: .4rem; max-width: 34rem; }
figcaption b { color: var(--ink); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; list-style: none; padding: 0; margin: 0 0 1rem; max-width: none; }
.legend li { display: flex; align-items: center; gap: .5rem; margin: 0; }
.legend svg { flex: none; }
.errors { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: 1.2rem 2rem; margin: 0 0 1rem; }
.errors figure { margin: 0; }
.errors .images { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; }
.errors img { display: block; width: 100%; height: auto; background: #fff; border: 1px solid var(--line); }
.errors figcaption { margin-top: .2rem; max-width: none; }
.errors .names { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; font-size: .8rem; }
.facts { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .3rem 1.2rem; max-width: none; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; }
pre { background: var(--wash); border: 1px solid var(--line); padding: .8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
code { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: .9em; }
pre code { font-size: 1em; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; }
@media (max-width: 30rem) {
  body { padding: 1.5rem 1rem 3rem; }
  .verdict { padding: 1rem 1rem .4rem; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: .6rem; }
  table { font-size: .85rem; }
  .scroll tbody th { min-width: 0; }
  td .interval { display: block; }
}
@page { size: A4; margin: 16mm 15mm 18mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; line-height: 1.45; }
  h1 { font-size: 16pt; }
  h2 { font-size: 12pt; margin-top: 7mm; break-after: avoid; }
  h3 { font-size: 10pt; break-after: avoid; }
  .verdict .headline { font-size: 11.5pt; }
  .figures dd { font-size: 16pt; }
  table, caption, figcaption, .label, .figures dt, .figures small { font-size: 8.5pt; }
  .figures { grid-template-columns: repeat(4, 1fr); }
  .facts { font-size: 9pt; }
  .pair { grid-template-columns: 1fr 1fr; gap: 5mm; }
  .errors { grid-template-columns: 1fr 1fr; gap: 4mm; }
  section, .keep, tr, figure, pre { break-inside: avoid; }
  section.long { break-inside: auto; }
  .verdict, pre { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  thead { display: table-header-group; }
}
`;

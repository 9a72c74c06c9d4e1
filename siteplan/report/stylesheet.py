"""The looks of a report on paper: sizes in mm and pt, calm colours, rules for page breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siteplan.report.sheet import Sheet

_FONTS = (
    '"Noto Sans KR", "Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic", "NanumGothic", '
    '"Nanum Gothic", "NanumBarunGothic", system-ui, sans-serif'
)


def css_string(text: str) -> str:
    """Return a text as a CSS string that no character of it can end."""
    return '"' + "".join(c if c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'


def stylesheet(sheet: Sheet, *, running: str, foot: str, page_of: tuple[str, str, str]) -> str:
    """Return the CSS of a report.

    Parameters
    ----------
    sheet : Sheet
    running, foot : str
        Running header, and what stands at the foot of each page.
    page_of : (str, str, str)
        What stands before the page's number, before the number of pages, and after it.
    """
    paper = sheet.paper
    before, between, after = map(css_string, page_of)
    pages = f"{before} counter(page) {between} counter(pages) {after}"
    margin_box = f"font: 7pt/1.3 {_FONTS}; color: #5b6670;"
    return (
        f"""
@page {{ size: {paper.width_mm:g}mm {paper.height_mm:g}mm;
  margin: {paper.top_mm:g}mm {paper.side_mm:g}mm {paper.bottom_mm:g}mm;
  @top-left {{ content: {css_string(running)}; {margin_box} vertical-align: bottom;
    padding-bottom: 4mm; }}
  @top-right {{ content: {css_string(sheet.plan.scenario_id)}; {margin_box}
    vertical-align: bottom; padding-bottom: 4mm; }}
  @bottom-left {{ content: {css_string(foot)}; {margin_box} vertical-align: top;
    padding-top: 4mm; }}
  @bottom-right {{ content: {pages}; {margin_box} vertical-align: top; padding-top: 4mm; }} }}
@page :first {{ @top-left {{ content: none; }} @top-right {{ content: none; }} }}
:root {{ --inner: {paper.inner_width_mm:g}mm; --fonts: {_FONTS}; }}
"""
        + _CSS
        + (_WIDE_CSS if sheet.wide else "")
    )


_CSS = """
:root { color-scheme: light; --ink: #16202a; --quiet: #55606b; --line: #cfd6dc; --faint: #f4f6f8;
  --accent: #0b4f7d; --warn: #8a4a00; }
* { box-sizing: border-box; }
html { background: #e4e8ec; }
body { margin: 0 auto; color: var(--ink); background: #fff; font: 9pt/1.5 var(--fonts);
  word-break: keep-all; overflow-wrap: anywhere; font-variant-numeric: tabular-nums;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
@media print { html { background: none; } }
@media screen { body { max-width: calc(var(--inner) + 32mm); padding: 12mm 16mm;
  box-shadow: 0 1px 12px #0003; } table { display: block; overflow-x: auto; }
  table.fixed { display: table; } section { margin-top: 14mm; } }
@media screen and (max-width: 50rem) { body { padding: 1.2rem 1rem; font-size: 15px; }
  table, table.fixed { display: block; overflow-x: auto; }
  .fixed td, .fixed th { min-width: 4rem; } }
p { margin: 0 0 2mm; orphans: 3; widows: 3; }
p.lead { color: var(--quiet); margin-bottom: 3mm; break-after: avoid; }
p.note { color: var(--quiet); font-size: 7.6pt; line-height: 1.45; margin: 1.5mm 0 3mm; }
a { color: inherit; text-decoration: none; }
h1, h2, h3, h4 { line-height: 1.25; break-after: avoid; break-inside: avoid; text-wrap: balance; }
h1 { font-size: 23pt; font-weight: 800; letter-spacing: -.02em; margin: 0 0 3mm; }
h2 { font-size: 15pt; font-weight: 800; letter-spacing: -.01em; margin: 0 0 4mm;
  padding-bottom: 2mm;
  border-bottom: .6mm solid var(--accent); }
h2 .no { color: var(--accent); margin-right: 2.5mm; }
h3 { font-size: 10.5pt; font-weight: 700; margin: 5mm 0 2mm; }
h4 { font-size: 9pt; font-weight: 700; margin: 3mm 0 1mm; }
section { break-inside: auto; margin-top: 10mm; }
section.fresh { break-before: page; margin-top: 0; }
ul { margin: 0 0 3mm; padding-left: 4.5mm; } li { margin: 0 0 1mm; break-inside: avoid; }
li::marker { color: var(--quiet); }
table { width: 100%; border-collapse: collapse; font-size: 7.6pt; line-height: 1.38;
  margin: 0 0 4mm; }
table.fixed { table-layout: fixed; }
thead { display: table-header-group; }
tr, table.short { break-inside: avoid; }
/* A sum never stands alone on the next page, nor the note below a table. */
tbody tr:nth-last-child(-n+3), table + p.note, figure + p.note { break-before: avoid; }
th, td { text-align: left; vertical-align: top; padding: 1.1mm 1.4mm; font-weight: 400;
  border-bottom: .2mm solid var(--line); }
th:first-child, td:first-child { padding-left: 0; }
  th:last-child, td:last-child { padding-right: 0; }
thead th { font-weight: 700; font-size: 7pt; line-height: 1.3; color: var(--quiet);
  vertical-align: bottom; border-bottom: .35mm solid var(--ink); }
tbody th { font-weight: 600; }
.number { text-align: right; }
tr.total th, tr.total td { font-weight: 700; border-top: .35mm solid var(--ink);
  border-bottom: 0; }
tr.group th { font-weight: 700; background: var(--faint); padding-left: 1.4mm; break-after: avoid;
  border-top: .2mm solid var(--line); }
tr.group { break-after: avoid; }
.small { display: block; font-size: 6.8pt; font-weight: 400; line-height: 1.4;
  color: var(--quiet); }
code { font: 6.6pt/1.4 ui-monospace, Consolas, "NanumGothicCoding", monospace; color: var(--quiet);
  overflow-wrap: anywhere; word-break: normal; }
.mark { color: var(--quiet); } .mark.weak { color: var(--warn); font-weight: 600; }
.number-of { display: inline-block; min-width: 4.4mm; padding: 0 1mm;
  border: .25mm solid var(--ink);
  border-radius: 2.4mm; text-align: center; font-size: 6.8pt; line-height: 3.9mm;
  font-weight: 700; }
.own-words { white-space: pre-line; border-left: .8mm solid var(--line); padding-left: 3mm;
  color: var(--quiet); }
.pairs { display: grid; grid-template-columns: 1fr 1fr; gap: 1mm 6mm; margin: 0 0 4mm; }
.pairs > div { display: grid; grid-template-columns: 26mm 1fr; gap: 2mm; break-inside: avoid; }
dt { color: var(--quiet); } dd { margin: 0; }
figure { margin: 0 0 4mm; break-inside: avoid; }
figcaption { color: var(--quiet); font-size: 7.6pt; line-height: 1.45; margin-top: 1.5mm; }
figcaption b { color: var(--ink); font-size: 8.6pt; }
svg { display: block; max-width: 100%; height: auto; }
svg text { font-family: var(--fonts); }
.legend { display: flex; flex-wrap: wrap; gap: 1mm 5mm; margin: 2mm 0 0; padding: 0;
  list-style: none; font-size: 7.8pt; }
.legend li { display: flex; gap: 1.6mm; align-items: center; margin: 0; }
.legend svg { flex: none; }
.legend .note { color: var(--quiet); }
.multiples { display: grid; gap: 3mm 4mm; } .multiples figure { margin: 0; }
.multiples svg { width: 100%; } .multiples b { font-size: 9pt; }
.together { break-inside: avoid; }
.callout { border: .3mm solid var(--line); border-left: 1.4mm solid var(--accent);
  padding: 2.4mm 3.4mm; margin: 0 0 4mm; break-inside: avoid; }
.callout.warn { border-left-color: var(--warn); }
.callout p:last-child { margin-bottom: 0; }
.callout b.sign { color: var(--warn); margin-right: 1.5mm; }
/* the first page */
.cover .eyebrow { color: var(--accent); font-weight: 700; font-size: 10pt; margin: 0 0 2mm; }
.cover .sub { font-size: 11pt; color: var(--quiet); margin: 0 0 5mm; }
.doubts { columns: 2; column-gap: 8mm; font-size: 8.2pt; }
.cover .total { display: flex; align-items: baseline; flex-wrap: wrap; gap: 1mm 4mm;
  margin: 0 0 3mm; }
.cover .total strong { font-size: 27pt; letter-spacing: -.02em; line-height: 1.15; }
.cover .total span { color: var(--quiet); font-size: 11pt; }
.split { list-style: none; display: grid; grid-template-columns: repeat(4, 1fr); gap: 4mm;
  padding: 0; margin: 2.5mm 0 4mm; }
.split li { border-top: 1.2mm solid; padding-top: 1.4mm; margin: 0; }
.split b { display: block; font-size: 13pt; line-height: 1.3; }
.split span { display: block; color: var(--quiet); font-size: 8pt; }
.split .use { color: var(--ink); font-weight: 700; font-size: 9pt; }
.tiles { list-style: none; display: grid; grid-template-columns: repeat(3, 1fr); gap: 0 6mm;
  padding: 0; margin: 0 0 5mm; }
.tiles li { border-top: .2mm solid var(--line); padding: 1.4mm 0; margin: 0; }
.tiles span { display: block; color: var(--quiet); font-size: 7.8pt; }
.tiles b { font-size: 12.5pt; letter-spacing: -.01em; }
.toc { columns: 2; column-gap: 8mm; list-style: none; padding: 0; margin: 0 0 4mm;
  font-size: 8.4pt; }
.toc li { border-bottom: .2mm solid var(--line); padding: .45mm 0; margin: 0; }
.cover nav { break-inside: avoid; }
.toc .no { display: inline-block; min-width: 6mm; color: var(--accent); font-weight: 700; }
.side { display: grid; grid-template-columns: 1fr 1fr; gap: 5mm; align-items: start; }
@media screen and (max-width: 40rem) { .split, .tiles { grid-template-columns: 1fr 1fr; }
  .side, .pairs { grid-template-columns: 1fr; }
  .multiples { grid-template-columns: 1fr 1fr !important; } .toc { columns: 1; } }
"""

_WIDE_CSS = """
@media print { .flow { columns: 2; column-gap: 10mm; }
  #composition, #uncertainty { break-inside: avoid; }
  .flow table, .flow figure { font-size: 7.4pt; } }
.cover { zoom: 1.28; }
.cover .spread { display: grid; grid-template-columns: 1fr 1fr; gap: 12mm; }
.atlas { display: grid; grid-template-columns: 2fr 1fr; gap: 8mm; align-items: start; }
.pairs.four { grid-template-columns: repeat(4, 1fr); }
"""

"""Small style rules that Streamlit's theme does not offer; no rule carries meaning by itself."""

from __future__ import annotations

import streamlit as st

from siteplan.maps.style import USE_COLOURS

_CSS = """
<style>
.block-container { padding-top: 4.6rem; padding-bottom: 2rem; }
.st-key-topline { row-gap: .4rem; }
@media (min-width: 900px) {
  .st-key-topline { flex-wrap: nowrap; }
  .st-key-topline > div:last-child { flex: none; }
}
.sp-use { display: flex; align-items: baseline; gap: .5rem; font-weight: 600; flex-wrap: wrap; }
.sp-dot { width: .8rem; height: .8rem; border-radius: .2rem; flex: none; align-self: center; }
.sp-use .sp-part { font-weight: 400; opacity: .85; font-variant-numeric: tabular-nums; }
.sp-range { position: relative; height: .5rem; border-radius: .25rem; margin: -.2rem 0 .15rem 0;
  background: color-mix(in srgb, currentColor 12%, transparent); }
.sp-range i { position: absolute; top: 0; bottom: 0; border-radius: .25rem; opacity: .55; }
.sp-range b { position: absolute; top: -.2rem; bottom: -.2rem; width: 2px;
  background: currentColor; }
.sp-note { font-size: .82rem; opacity: .85; font-variant-numeric: tabular-nums; }
.sp-stack { display: flex; height: 1.4rem; border-radius: .3rem; overflow: hidden; gap: 1px;
  margin: .2rem 0 .6rem 0; }
.sp-stack span { display: block; }
.sp-pairs, .sp-pairs dt, .sp-pairs dd { margin: 0; padding: 0 !important; font-size: .9rem; }
.sp-pairs div { display: flex; justify-content: space-between; gap: .6rem; }
.sp-pairs dt { font-weight: 400; }
.sp-pairs dd { font-weight: 600; text-align: right; font-variant-numeric: tabular-nums; }
.sp-plain { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
.sp-plain th, .sp-plain td { padding: .25rem .7rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.sp-banner { border-left: .3rem solid #D55E00; padding: .35rem .8rem; border-radius: .25rem;
  background: color-mix(in srgb, #D55E00 9%, transparent); font-size: .9rem; }
.st-key-figures [data-testid="stMetricValue"] { font-size: 1.45rem; }
@media (min-width: 641px) { .st-key-lot-notice { display: none; } }
@media (max-width: 640px) {
  /* On a phone the map comes first, and the figures stand two in a row. */
  .st-key-workspace > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] {
    flex-direction: column-reverse; }
  .st-key-figures [data-testid="stHorizontalBlock"] { flex-direction: row; }
  .st-key-figures [data-testid="stColumn"] { min-width: calc(50% - 1rem); flex: 1 1 40%; }
}
</style>
"""


def apply_looks() -> None:
    """Add the style rules to the page."""
    st.html(_CSS)


def use_dot(use: str) -> str:
    """Return the HTML of a use's colour square; its name always stands beside it."""
    return f'<span class="sp-dot" style="background:{USE_COLOURS[use]}"></span>'

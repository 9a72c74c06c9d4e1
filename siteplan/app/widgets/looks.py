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
  .st-key-topline > div:nth-last-child(-n + 2) { flex: none; }
}
/* Streamlit's captions stay below 4.5:1 on white, and its primary buttons in the dark theme. */
.stApp [data-testid="stCaptionContainer"] { opacity: .82; }
.stApp [data-testid^="stBaseButton-primary"]:not(:disabled),
.stApp [data-testid^="stBaseButton-primary"]:not(:disabled) * {
  color: light-dark(#ffffff, #0d1b26); }
:is(a, button, summary, iframe, [tabindex], [role="radio"]):focus-visible {
  outline: 3px solid light-dark(#0b5d8a, #8fd0f5) !important; outline-offset: 2px; }
.sp-heard, .st-key-page-words,
.st-key-panel-close button [data-testid="stMarkdownContainer"],
[class*="st-key-drop-edit-"] button [data-testid="stMarkdownContainer"] {
  position: absolute !important; width: 1px; height: 1px; margin: -1px; padding: 0 !important;
  overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.sp-use { display: flex; align-items: baseline; gap: .5rem; font-weight: 600; flex-wrap: wrap; }
.sp-dot { width: .8rem; height: .8rem; border-radius: .2rem; flex: none; align-self: center; }
.sp-use .sp-part { font-weight: 400; opacity: .85; font-variant-numeric: tabular-nums; }
.sp-terms { margin: 0; max-height: min(24rem, 55vh); overflow: auto; }
.sp-terms dt { font-weight: 600; font-size: .92rem; }
.sp-terms dd { margin: 0 0 .55rem; font-size: .9rem; }
.sp-figure summary small { font-size: .85rem; }
.sp-figure summary .sp-note { display: block; text-decoration: none; }
.sp-answer { margin: .2rem 0; padding-left: 1.2rem; }
.sp-note { font-size: .82rem; opacity: .85; font-variant-numeric: tabular-nums; }
.sp-pairs, .sp-pairs dt, .sp-pairs dd { margin: 0; padding: 0 !important; font-size: .9rem; }
.sp-pairs div { display: flex; justify-content: space-between; gap: .6rem; }
.sp-pairs dt { font-weight: 400; }
.sp-pairs dd { font-weight: 600; text-align: right; font-variant-numeric: tabular-nums; }
.sp-plain { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
.sp-plain th, .sp-plain td { padding: .25rem .7rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.sp-stack { display: flex; height: 1.4rem; border-radius: .3rem; overflow: hidden; gap: 1px;
  margin: .2rem 0 .6rem 0; }
.sp-stack span { display: block; }
.sp-thin { height: .55rem; margin: .3rem 0; }
.sp-shares { display: flex; flex-wrap: wrap; gap: .1rem .9rem; font-size: .85rem;
  font-variant-numeric: tabular-nums; }
.sp-shares .sp-dot { display: inline-block; }
.sp-said { font-size: .9rem; margin: .35rem 0; white-space: pre-line; overflow-wrap: anywhere; }
.sp-tag { font-size: .75rem; border: 1px solid currentColor; border-radius: .6rem;
  padding: 0 .5rem; margin-left: .4rem; white-space: nowrap; }
.sp-imprint { font-size: .78rem; opacity: .85; border-top: 1px solid
  color-mix(in srgb, currentColor 18%, transparent); padding-top: .4rem; margin-top: .6rem;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.sp-steps { margin: 0; padding-left: 1.1rem; display: grid; gap: .3rem 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(10.5rem, 100%), 1fr)); font-size: .86rem;
  line-height: 1.4; }
.sp-steps span { font-weight: 400; font-size: .8rem; }
.sp-plans { list-style: none; padding: 0; margin: 0; }
.sp-plans b { display: inline-block; min-width: 1.2rem; }
.sp-sides { display: flex; justify-content: space-between; gap: 1rem; flex-wrap: wrap; }
.sp-wide { overflow-x: auto; }
.sp-tall { max-height: 30rem; overflow-y: auto; }
.sp-compare { border-collapse: collapse; min-width: min(100%, 44rem); font-size: .9rem;
  font-variant-numeric: tabular-nums; }
.sp-compare th, .sp-compare td { padding: .3rem .6rem; text-align: right; vertical-align: top;
  border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.sp-compare th[scope="row"] { text-align: left; font-weight: 600; }
.sp-compare th span { font-weight: 400; opacity: .85; margin-left: .4rem; }
.sp-compare small { display: block; opacity: .85; font-weight: 400; white-space: nowrap; }
.sp-banner { border-left: .3rem solid #D55E00; padding: .35rem .8rem; border-radius: .25rem;
  background: color-mix(in srgb, #D55E00 9%, transparent); font-size: .9rem; }
.sp-figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr));
  gap: .4rem .8rem; position: relative; }
.sp-figure summary { list-style: none; cursor: pointer; border-radius: .25rem; }
.sp-figure summary::-webkit-details-marker { display: none; }
.sp-figure summary > span:first-child { font-size: .875rem; text-decoration: underline dotted;
  text-underline-offset: .25em; }
.sp-figure summary b { display: block; font-size: 1.45rem; font-weight: 400; line-height: 1.35;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.sp-figure[open] summary b { text-decoration: underline; text-underline-offset: .2em; }
.sp-figure summary:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
.sp-figure > div { position: absolute; z-index: 20; top: 100%; left: 0; right: 0;
  padding: .6rem .9rem; font-size: .875rem; border-radius: .5rem;
  color: CanvasText; background: Canvas; border: 1px solid currentColor; }
.sp-figure > div p { margin: .2rem 0; }
@media (min-width: 641px) { .st-key-lot-notice { display: none; } }
@media (min-width: 1100px) and (min-height: 700px) {
  /* The programme stays in sight beside a long panel. */
  .st-key-workspace > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"]
    > [data-testid="stColumn"]:first-child > [data-testid="stVerticalBlock"] {
    position: sticky; top: 4rem; max-height: calc(100vh - 5rem); overflow-y: auto;
    scrollbar-width: thin; padding: .4rem; margin: -.4rem; }
}
@media (max-width: 640px) {
  /* On a phone: the map, then the programme, then what is known of the parcel. */
  .st-key-workspace > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] {
    flex-direction: column; }
  .st-key-workspace > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"]
    > [data-testid="stColumn"],
  .st-key-workspace > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"]
    > [data-testid="stColumn"] > [data-testid="stVerticalBlock"] { display: contents; }
  .st-key-workspace [data-testid="stLayoutWrapper"]:has(> .st-key-plan-above) { order: -2; }
  .st-key-workspace [data-testid="stLayoutWrapper"]:has(> .st-key-plan-map) { order: -1; }
  .st-key-workspace [data-testid="stLayoutWrapper"]:has(> .st-key-plan-below) { order: 1; }
}
</style>
"""


def apply_looks() -> None:
    """Add the style rules to the page."""
    st.html(_CSS)


def use_dot(use: str) -> str:
    """Return the HTML of a use's colour square; its name always stands beside it."""
    return f'<span class="sp-dot" style="background:{USE_COLOURS[use]}"></span>'

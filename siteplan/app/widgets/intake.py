"""The page of findings about a file that was handed in: look, answer, set aside, accept."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.intake import (
    MAPPABLE,
    Upload,
    examined_again,
    offer_to_set_aside,
    read_anew,
    told_candidate,
    with_set_aside,
)
from siteplan.io.repaired_copy import write_repaired_copy
from siteplan.issues import SEVERITIES
from siteplan.maps.findings import SEVERITY_NAMES, findings_map, treatment_name, what_it_is
from siteplan.reading import by_subject
from siteplan.text import N_, on_screen

if TYPE_CHECKING:
    from siteplan.app.intake import Intake
    from siteplan.io.examination import Examination
    from siteplan.issues import Issue
    from siteplan.reading import Reading

_ICONS = {"error": ":material/error:", "warning": ":material/warning:", "info": ":material/info:"}
_FACTS = {
    "pnu": N_("PNU"),
    "jibun": N_("Lot number (지번)"),
    "name_ko": N_("Name"),
    "zone": N_("Zone (용도지역)"),
    "site_area_m2": N_("Register area (대장면적)"),
    "jimok": N_("Land category (지목)"),
    "land_price_krw_per_m2": N_("Assessed land price"),
}
_ENCODINGS = ("cp949", "utf-8", "euc-kr", "utf-16")
MOST_IDS_SHOWN = 12
MOST_ROWS = 500


def review(intake: Intake) -> None:
    """Draw everything that was found about the file, and what can be done about it."""
    _ = session.translator()
    lang = session.lang()
    with st.container(border=True, key="intake"):
        st.subheader(_("Findings about {file}").format(file=intake.file.name), anchor=False)
        if intake.refused is not None:
            _refusal(intake)
        examination = intake.examination
        if examination is not None:
            _head(examination)
            _question(examination)
        _answers(intake)
        _beside(intake)
        _decide(intake)
        if examination is None:
            return
        refused = session.kept_in("intake-refused")
        if refused is not None:
            st.error(on_screen(refused.render(lang)), icon=":material/error:")
        if examination.parcels is not None:
            st.iframe(_map_html(examination, lang=lang), height=460)
        _findings(intake, examination)
        _treatments(examination)


def _head(examination: Examination) -> None:
    lang = session.lang()
    lines = what_it_is(examination.report, lang=lang)
    st.markdown("\n".join(f"- **{heading}**: {_plain(text)}" for heading, text in lines.items()))


def _refusal(intake: Intake) -> None:
    """Say why the file is none of parcels, and what it is good for."""
    _ = session.translator()
    lang = session.lang()
    if intake.zones is not None or intake.register is not None:
        what = (
            _("These are zoning polygons ({count}). They can be laid over the parcels on screen.")
            if intake.zones is not None
            else _(
                "This is a list by PNU ({count} rows). It can be joined to the parcels on screen."
            )
        )
        held = intake.zones.names if intake.zones is not None else intake.register
        st.info(what.format(count=len(held or ())), icon=":material/layers:")
        st.button(
            _("Use it for the parcels on screen"),
            type="primary",
            icon=":material/layers:",
            on_click=session.lay_over,
            key="intake-lay-over",
        )
    elif intake.refused is not None:
        st.error(on_screen(intake.refused.render(lang)), icon=":material/error:")


def _question(examination: Examination) -> None:
    """Let the person choose among the coordinate systems that the file may be in."""
    _ = session.translator()
    lang = session.lang()
    candidates = [c for c in examination.diagnosis.candidates if c.fits]
    if examination.parcels is not None or not candidates:
        return
    st.warning(on_screen(examination.diagnosis.reason.render(lang)), icon=":material/help:")
    first = examination.diagnosis.candidates[0]
    choices = {c.code: told_candidate(c, first=c is first, lang=lang) for c in candidates}
    st.radio(
        _("Which coordinate system is the file in?"),
        list(choices),
        index=None,
        format_func=choices.__getitem__,
        key="intake-candidate",
        on_change=_candidate_chosen,
    )


def _candidate_chosen() -> None:
    intake = session.intake()
    if intake is not None:
        chosen = session.shown_in("intake-candidate")
        _read_anew(intake, replace(intake.reading, crs=chosen))


def _beside(intake: Intake) -> None:
    """Draw where zoning polygons and lists by PNU are handed in beside the parcels."""
    _ = session.translator()
    if intake.examination is None:
        return
    with st.expander(_("Add zoning polygons and lists by PNU"), icon=":material/layers:"):
        left, right = st.columns(2)
        left.file_uploader(
            _("Zoning polygons (용도지역도)"), key="intake-zoning", on_change=_beside_given
        )
        right.file_uploader(
            _("Lists by PNU (토지특성, 개별공시지가)"),
            key="intake-registers",
            accept_multiple_files=True,
            on_change=_beside_given,
        )
        st.file_uploader(
            _("Outlines of 법정동: they tell coordinate systems apart that lie some 300 m apart"),
            key="intake-dongs",
            on_change=_beside_given,
        )


def _beside_given() -> None:
    intake = session.intake()
    if intake is None:
        return
    zoning, dongs = session.shown_in("intake-zoning"), session.shown_in("intake-dongs")
    registers = session.shown_in("intake-registers") or []
    after = examined_again(
        replace(
            intake,
            zoning=None if zoning is None else Upload(zoning.name, zoning.getvalue()),
            dongs=None if dongs is None else Upload(dongs.name, dongs.getvalue()),
            registers=tuple(Upload(file.name, file.getvalue()) for file in registers),
        ),
        progress=session.progress_bar(),
    )
    session.show_in("intake-refused", None)
    if after.examination is None:
        # What was examined before stays; only the new file is refused.
        session.show_in("intake-refused", after.refused)
        return
    session.take_in(after)


def _read_anew(intake: Intake, reading: Reading) -> None:
    session.take_in(read_anew(intake, reading, progress=session.progress_bar()))


def _decide(intake: Intake) -> None:
    """Draw the decisions: open, discard, download."""
    _ = session.translator()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Accept all and open"),
            type="primary",
            icon=":material/check:",
            disabled=not intake.ready,
            on_click=session.open_intake,
            key="intake-accept",
        )
        if intake.ready and intake.examination is not None:
            examination = intake.examination
            for ending in (".gpkg", ".geojson", ".shp.zip"):
                st.download_button(
                    _("Repaired copy ({ending})").format(ending=ending),
                    data=partial(_copy, examination, ending=ending),
                    file_name=f"{Path(intake.file.name).name.split('.')[0]}-repaired{ending}",
                    icon=":material/download:",
                    key=f"intake-copy-{ending}",
                )
        st.button(
            _("Discard"),
            icon=":material/close:",
            on_click=session.drop_intake,
            key="intake-discard",
        )
    if intake.ready:
        st.caption(
            _(
                "Accepting takes the repairs and assumptions listed here as they are. The parcels "
                "on screen are replaced, and the work starts from their default scenario."
            )
        )


def _copy(examination: Examination, *, ending: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="siteplan-") as folder:
        return write_repaired_copy(examination, Path(folder) / f"copy{ending}").read_bytes()


def _answers(intake: Intake) -> None:
    """Draw what the person can say of the file: coordinates, encoding, columns."""
    _ = session.translator()
    reading = intake.reading
    session.show_in("intake-crs", reading.crs or "")
    session.show_in("intake-encoding", reading.encoding)
    with st.expander(
        _("Say it otherwise: coordinate system, encoding, columns"),
        icon=":material/tune:",
        expanded=not intake.ready,
    ):
        left, right = st.columns(2)
        left.text_input(
            _("Coordinate system"),
            key="intake-crs",
            placeholder="EPSG:5186",
            help=_("Empty: as the file declares, or as the evidence tells."),
            on_change=_crs_said,
        )
        right.selectbox(
            _("Encoding of the text"),
            [None, *_ENCODINGS],
            key="intake-encoding",
            placeholder=_("decided from the bytes"),
            format_func=lambda name: _("decided from the bytes") if name is None else name,
            on_change=_encoding_said,
        )
        if intake.columns:
            st.caption(_("Which column holds which fact; the scenario remembers what you choose."))
            _columns(intake)


def _columns(intake: Intake) -> None:
    _ = session.translator()
    found = {} if intake.examination is None else intake.examination.report.columns
    places = st.columns(4)
    for number, fact in enumerate(MAPPABLE):
        key = f"intake-column-{fact}"
        now = intake.reading.columns.get(fact, found.get(fact))
        session.show_in(key, now if now in intake.columns else None)
        places[number % 4].selectbox(
            _(_FACTS[fact]),
            [None, *intake.columns],
            key=key,
            placeholder="–",
            format_func=lambda name: "–" if name is None else name,
            on_change=_column_said,
            args=(fact,),
        )


def _crs_said() -> None:
    intake = session.intake()
    if intake is not None:
        said = (session.shown_in("intake-crs") or "").strip() or None
        _read_anew(intake, replace(intake.reading, crs=said))


def _encoding_said() -> None:
    intake = session.intake()
    if intake is not None:
        said = session.shown_in("intake-encoding")
        _read_anew(intake, replace(intake.reading, encoding=said))


def _column_said(fact: str) -> None:
    intake = session.intake()
    if intake is not None:
        column = session.shown_in(f"intake-column-{fact}")
        _read_anew(intake, intake.reading.with_column(fact, column))


def _set_aside(key: str, among: tuple[str, ...]) -> None:
    """Leave parcels out, or take them back: all, or the ones that were picked."""
    intake = session.intake()
    if intake is None:
        return
    shown = session.shown_in(key)
    chosen = tuple(shown) if isinstance(shown, list) else among if shown else ()
    _read_anew(intake, with_set_aside(intake.reading, among=among, chosen=chosen))


def _findings(intake: Intake, examination: Examination) -> None:
    _ = session.translator()
    lang = session.lang()
    report = examination.report
    if not report.issues:
        st.success(_("Nothing to remark."))
    aside = set(intake.reading.set_aside)
    for subject in by_subject(report.issues):
        counts = " · ".join(
            f"{_(SEVERITY_NAMES[severity])} {subject.count(severity)}"
            for severity in SEVERITIES
            if subject.count(severity)
        )
        with st.expander(
            f"{subject.title.render(lang)} ({counts})",
            expanded=any(issue.severity != "info" for issue in subject.issues),
        ):
            for number, issue in enumerate(subject.issues):
                _finding(issue, intake, key=f"intake-aside-{subject.key}-{number}")
    if aside:
        key = "intake-aside-all"
        session.show_in(key, value=True)
        st.checkbox(
            _("{count} parcels are set aside").format(count=len(aside)),
            key=key,
            on_change=_set_aside,
            args=(key, tuple(sorted(aside))),
        )


def _finding(issue: Issue, intake: Intake, *, key: str) -> None:
    _ = session.translator()
    lang = session.lang()
    # Texts of the file may hold anything: they are shown as text, never as Markdown or HTML.
    st.markdown(f"{_ICONS[issue.severity]} {_plain(on_screen(issue.message.render(lang)))}")
    ids = issue.parcel_ids
    named = ", ".join(ids[:MOST_IDS_SHOWN]) + (" …" if len(ids) > MOST_IDS_SHOWN else "")
    lines = ["→ " + _plain(on_screen(issue.fix.render(lang))), *([_plain(named)] if ids else [])]
    offer = offer_to_set_aside(issue, intake)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("  \n".join(lines))
        if offer is not None and not offer.singly:
            session.show_in(key, value=False)
            st.checkbox(
                _("Set aside"),
                key=key,
                on_change=_set_aside,
                args=(key, offer.ids),
                help=_("Leave these parcels out of the study."),
                width="content",
            )
    if offer is not None and offer.singly:
        session.show_in(key, list(offer.aside))
        st.multiselect(
            _("Set single ones aside"),
            offer.ids,
            key=key,
            on_change=_set_aside,
            args=(key, offer.ids),
            placeholder=_("Choose parcels to leave out of the study"),
            # One stays: without any parcel there is nothing to open.
            select_all=False,
            max_selections=_most_picked(intake, already=len(offer.aside)),
        )


def _most_picked(intake: Intake, *, already: int) -> int:
    parcels = None if intake.examination is None else intake.examination.parcels
    left = 0 if parcels is None else len(parcels)
    return max(left - 1 + already, 1)


def _plain(text: str) -> str:
    """Return text whose Markdown signs are shown as they are."""
    return "".join(f"\\{sign}" if sign in r"\`*_[]<>#$~:|" else sign for sign in text)


def _treatments(examination: Examination) -> None:
    _ = session.translator()
    lang = session.lang()
    done = examination.report.treatments[:MOST_ROWS]
    if not done:
        return
    title = _("Repairs, parcel by parcel")
    with st.expander(f"{title} ({len(examination.report.treatments):,})"):
        st.dataframe(
            {
                _("Parcel"): [treatment.parcel_id for treatment in done],
                _("Repair"): [treatment_name(treatment.what, lang=lang) for treatment in done],
                _("Before (m²)"): [round(treatment.before_m2, 2) for treatment in done],
                _("After (m²)"): [round(treatment.after_m2, 2) for treatment in done],
            },
            hide_index=True,
            width="stretch",
        )


def _map_html(examination: Examination, *, lang: str) -> str:
    parcels = examination.parcels
    assert parcels is not None  # noqa: S101 - asked before
    html: str = findings_map(parcels, examination.report.issues, lang=lang).get_root().render()
    return html

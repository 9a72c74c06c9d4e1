"""Data: which parcels are on screen, where they come from, and how to load others."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.app.intake import taken_in_as_before
from siteplan.app.state import AssumeZone, OpenScenario
from siteplan.app.widgets.fetch import fetch_form
from siteplan.app.widgets.figures import m2
from siteplan.app.widgets.findings import issue_table
from siteplan.app.widgets.intake import review
from siteplan.errors import InputError
from siteplan.io import default_scenario
from siteplan.parcels import EVIDENCE
from siteplan.rules import shipped_rules
from siteplan.scenario import Scenario
from siteplan.text import on_screen, sentence

_ENDINGS = [
    "geojson", "json", "gpkg", "parquet", "geoparquet", "zip", "fgb", "kml", "csv", "tsv", "txt",
]  # fmt: skip


def _take_in_uploaded() -> None:
    """Examine the uploaded file; it is opened when the person accepts what was found."""
    uploaded = session.shown_in("upload")
    if uploaded is None:
        session.drop_intake()
        return
    session.show_in("intake-refused", None)
    session.take_in(
        taken_in_as_before(
            uploaded.name,
            uploaded.getvalue(),
            remembered=session.state().scenario.reading,
            progress=session.progress_bar(),
        )
    )


def _open_scenario() -> None:
    """Open the uploaded scenario; on refusal nothing changes and the sentence is kept for show."""
    uploaded = session.shown_in("scenario-upload")
    session.show_in("scenario-refused", None)
    if uploaded is None:
        return
    try:
        opened = Scenario.from_json(uploaded.getvalue().decode("utf-8-sig"))
    except UnicodeDecodeError:
        session.show_in(
            "scenario-refused",
            sentence(
                "{name} cannot be read as text. Choose a .scenario.json file.", name=uploaded.name
            ),
        )
    except InputError as refused:
        session.show_in("scenario-refused", refused.text)
    else:
        session.dispatch(OpenScenario(opened))


def _start_again() -> None:
    session.dispatch(OpenScenario(default_scenario(session.parcels())))


def _zone_assumed() -> None:
    session.dispatch(AssumeZone(session.shown_in("assume-zone")))


_ = session.translator()
lang = session.lang()
parcels = session.parcels()
source = session.source()

st.subheader(_("Parcels on screen"), anchor=False)
kinds = {kind: sum(evidence == kind for evidence in parcels.evidence) for kind in EVIDENCE}
st.write(
    _("{name}: {count} parcels, {area} of site area.").format(
        name=f"`{source}`" if source else _("Shipped Yangjae data"),
        count=len(parcels),
        area=m2(float(parcels.site_area_m2.sum())),
    )
)
st.write(
    _(
        "Outlines: {official} official, {supplied} from your file (not checked), {published} drawn "
        "by siteplan for a published lot number, {schematic} schematic."
    ).format(**kinds)
)
if source is not None:
    st.button(
        _("Back to the shipped Yangjae data"),
        on_click=session.open_shipped_parcels,
        icon=":material/undo:",
    )
if any(zone is None for zone in parcels.zones):
    scenario = session.state().scenario
    session.show_in("assume-zone", scenario.assumed_zone)
    zones = shipped_rules(scenario.rules).zones
    st.selectbox(
        _("Zone to assume for parcels that carry none"),
        [None, *zones],
        key="assume-zone",
        format_func=lambda zone: "–" if zone is None else zones[zone].label.render(lang),
        on_change=_zone_assumed,
    )

st.subheader(_("Load official parcels"), anchor=False)
st.write(
    _(
        "Download the continuous cadastral map (연속지적도) of Seocho-gu from VWorld or the "
        "national geodata portal and hand in the zip file as it is. GeoJSON, GeoPackage, "
        "GeoParquet, FlatGeobuf, KML and zipped Shapefile are read, in any declared coordinate "
        "system; work is done in EPSG:5186."
    )
)
st.file_uploader(
    _("Parcel file"),
    type=_ENDINGS,
    key="upload",
    on_change=_take_in_uploaded,
)
intake = session.intake()
if intake is not None:
    review(intake)
fetch_form()

st.subheader(_("Scenario"), anchor=False)
named = session.state().scenario
st.write(named.name or _("without a name"))
if named.note:
    st.caption(named.note)
st.button(_("Start again from the default scenario"), on_click=_start_again, key="start-again")
st.file_uploader(
    _("Open a scenario file"), type=["json"], key="scenario-upload", on_change=_open_scenario
)
refused_scenario = session.kept_in("scenario-refused")
if refused_scenario is not None:
    st.error(on_screen(refused_scenario.render(lang)), icon=":material/error:")

st.subheader(_("What was found while reading"), anchor=False)
if parcels.issues:
    issue_table(parcels.issues)
else:
    st.success(_("Nothing to remark."))

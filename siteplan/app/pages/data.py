"""Data: which parcels are on screen, where they come from, and how to load others."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.app.state import AssumeZone
from siteplan.app.widgets.figures import m2
from siteplan.app.widgets.findings import issue_table
from siteplan.errors import InputError
from siteplan.io import read_parcels
from siteplan.rules import shipped_rules

_ENDINGS = ["geojson", "json", "gpkg", "parquet", "geoparquet", "zip", "fgb", "kml"]


def _open_uploaded() -> None:
    """Read the uploaded file; on refusal nothing changes and the sentence is kept for show."""
    uploaded = session.shown_in("upload")
    session.show_in("upload-refused", None)
    if uploaded is None:
        return
    crs = (session.shown_in("upload-crs") or "").strip() or None
    try:
        opened = read_parcels(uploaded, name=uploaded.name, crs=crs)
    except InputError as refused:
        session.show_in("upload-refused", refused.text)
        return
    session.open_parcels(opened, source=uploaded.name)


def _zone_assumed() -> None:
    session.dispatch(AssumeZone(session.shown_in("assume-zone")))


_ = session.translator()
lang = session.lang()
parcels = session.parcels()
source = session.source()

st.subheader(_("Parcels on screen"), anchor=False)
kinds = {
    kind: sum(evidence == kind for evidence in parcels.evidence)
    for kind in ("official", "published", "schematic")
}
st.write(
    _("{name}: {count} parcels, {area} of site area.").format(
        name=f"`{source}`" if source else _("Shipped Yangjae data"),
        count=len(parcels),
        area=m2(float(parcels.site_area_m2.sum())),
    )
)
st.write(
    _(
        "Official outlines: {official}. Published lot number, outline drawn by siteplan: "
        "{published}. Schematic, drawn by siteplan: {schematic}."
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
left, right = st.columns([3, 1])
left.file_uploader(
    _("Parcel file"),
    type=_ENDINGS,
    key="upload",
    on_change=_open_uploaded,
)
right.text_input(
    _("Coordinate system, if the file declares none"),
    key="upload-crs",
    placeholder="EPSG:5186",
    on_change=_open_uploaded,
)
refused = session.kept_in("upload-refused")
if refused is not None:
    st.error(refused.render(lang), icon=":material/error:")

st.subheader(_("What was found while reading"), anchor=False)
if parcels.issues:
    issue_table(parcels.issues)
else:
    st.success(_("Nothing to remark."))

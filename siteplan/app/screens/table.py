"""Table and export: every parcel as a row, and the plan as files."""

from __future__ import annotations

import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path

import streamlit as st

from siteplan.app import session
from siteplan.app.widgets.links_between import plan_link
from siteplan.evaluation import Plan
from siteplan.glossary import COLUMNS
from siteplan.io import plan_writer, to_geojson
from siteplan.maps.live import write_map
from siteplan.maps.stakeholder import stakeholder_document
from siteplan.report import PAPERS, report_html

_FILES = {
    "GeoPackage": ("gpkg", "application/geopackage+sqlite3"),
    "GeoParquet": ("parquet", "application/vnd.apache.parquet"),
    "Shapefile (zip)": ("shp.zip", "application/zip"),
    "KML": ("kml", "application/vnd.google-earth.kml+xml"),
    "CSV": ("csv", "text/csv"),
    "DXF (CAD)": ("dxf", "image/vnd.dxf"),
    "CityJSON (3-D)": ("city.json", "application/city+json"),
}
_MOST_ROWS = 5_000
_NAME = "name"
"""Column of the parcels' names; on the screen only, as files hold ids and lot numbers."""

_WIDTHS_PX = {"pnu": 170, "jibun": 150}
"""Columns that are mostly empty are drawn too narrow to be read otherwise."""


def _written(plan: Plan, ending: str) -> bytes:
    """Return the plan as the bytes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan.{ending}"
        write = write_map if ending == "html" else plan_writer(path)
        write(plan, path)
        return path.read_bytes()


def _for_people() -> None:
    """Offer the file for stakeholders and the report; both are made when they are asked for."""
    st.markdown("**" + _("For meetings and for paper") + "**")
    today = datetime.now().astimezone().date()
    titled = session.words(plan.scenario.name) or _("Present plan")
    with st.container(horizontal=True):
        st.download_button(
            _("File for stakeholders (HTML)"),
            lambda: stakeholder_document([plan], names=[titled], lang=lang, made_on=today),
            file_name=f"{name}-share.html",
            mime="text/html",
            icon=":material/groups:",
            help=_("One file with map, figures and assumptions; opens without a network."),
            on_click="ignore",
            key="export-share",
        )
        for paper in PAPERS:
            st.download_button(
                _("Report, {paper}").format(paper=paper.upper()),
                partial(report_html, plan, lang=lang, paper=paper, made_on=today),
                file_name=f"{name}-report-{paper}.html",
                mime="text/html",
                icon=":material/print:",
                help=_("Open it in a browser and print it, or save it as PDF."),
                on_click="ignore",
                key=f"export-report-{paper}",
            )


_ = session.translator()
lang = session.lang()
plan = session.plan()
name = f"siteplan-{plan.scenario_id}"

st.subheader(_("Export"), anchor=False)
if plan.status == "infeasible":
    st.error(
        _("There is no plan to export: the programme does not fit. See the Plan page."),
        icon=":material/error:",
    )
    plan_link()
else:
    with st.container(horizontal=True):
        st.download_button(
            "GeoJSON",
            lambda: to_geojson(plan),
            file_name=f"{name}.geojson",
            mime="application/geo+json",
            icon=":material/download:",
            type="primary",
            on_click="ignore",
        )
        for label, (ending, mime) in _FILES.items():
            st.download_button(
                label,
                partial(_written, plan, ending),
                file_name=f"{name}.{ending}",
                mime=mime,
                on_click="ignore",
                key=f"export-{ending}",
            )
        st.download_button(
            _("Map (HTML, works offline)"),
            lambda: _written(plan, "html"),
            file_name=f"{name}.html",
            mime="text/html",
            on_click="ignore",
        )
        st.download_button(
            _("Scenario"),
            plan.scenario.to_json,
            file_name=f"{name}.scenario.json",
            mime="application/json",
            on_click="ignore",
        )
    _for_people()
    st.caption(
        _(
            "Coordinates: GeoJSON (RFC 7946) and KML in WGS 84, degrees; all other files in "
            "EPSG:5186, metres. The GeoPackage opens in QGIS in the colours of the map. Scenario "
            "id: {id}."
        ).format(id=plan.scenario_id)
    )

st.subheader(_("Parcels"), anchor=False)
only_used = st.toggle(_("Only parcels with floor area"), value=True, key="only-used")
frame = plan.frame.drop(columns="geometry")
called = [plan.parcels.name(row, lang=lang) for row in range(len(plan.parcels))]
frame.insert(0, _NAME, called)
texts = [column.name for column in COLUMNS if column.kind == "text"]
frame[texts] = frame[texts].fillna("")
named = {name: plan.rules.spoken(name).render(lang) for name in frame["zone"].unique() if name}
frame["zone"] = frame["zone"].replace(named)
frame = frame.drop(columns=[name for name in frame if frame[name].isna().all()])
if only_used:
    frame = frame[frame["gfa_total_m2"] > 0]
if frame.empty:
    st.info(
        _(
            "No parcel holds floor area. Switch “Only parcels with floor area” off to see every "
            "parcel with its limits."
        )
    )
if len(frame) > _MOST_ROWS:
    st.info(
        _("{count} rows; the first {most} are shown. Export the plan to see all.").format(
            count=len(frame), most=_MOST_ROWS
        )
    )
    frame = frame.head(_MOST_ROWS)
st.dataframe(
    frame,
    hide_index=True,
    width="stretch",
    height=560,
    column_config={
        _NAME: st.column_config.TextColumn(_("Name"), width=175, pinned=True),
    }
    | {
        column.name: (
            st.column_config.NumberColumn(
                column.label.render(lang) + (f" ({column.unit})" if column.unit else ""),
                help=column.meaning.render(lang),
                format="%,.0f" if column.unit == "m²" else None,
            )
            if column.kind != "text"
            else st.column_config.TextColumn(
                column.label.render(lang),
                help=column.meaning.render(lang),
                width=_WIDTHS_PX.get(column.name),
            )
        )
        for column in COLUMNS
    },
)

"""Writing a plan: the file's ending says the format."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siteplan.crs import WORK_CRS
from siteplan.errors import InputError, UsageError
from siteplan.io.atomic import write_whole
from siteplan.io.cells import to_cell
from siteplan.io.cityjson import to_cityjson
from siteplan.io.dxf import write_dxf
from siteplan.io.export import METADATA_KEY, export_columns, short_names, signature_json
from siteplan.io.geojson import to_geojson
from siteplan.io.kml import to_kml
from siteplan.io.qgis_style import write_style
from siteplan.io.scenario import SCENARIO_ENDING
from siteplan.text import sentence
from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd

    from siteplan.evaluation import Plan

LAYER = "plan"
SIGNATURE_FILE = "siteplan.json"

PathLike = str | os.PathLike[str]


def write_plan(plan: Plan, path: PathLike) -> Path:
    """Write a plan in the format of the path's ending, whole or not at all.

    Parameters
    ----------
    plan : Plan
    path : path
        ``.geojson`` (also ``.json``), ``.gpkg``, ``.parquet``, ``.shp.zip``, ``.csv``, ``.kml``,
        ``.dxf``, ``.city.json`` or ``.scenario.json``. GeoJSON and KML are in WGS 84, the others
        in EPSG:5186.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    UsageError
        The ending names no format.
    InputError
        The folder does not exist or may not be written to, or the plan is infeasible (only its
        scenario can be written then).
    """
    return plan_writer(path)(plan, path)


def plan_writer(path: PathLike) -> Callable[[Plan, PathLike], Path]:
    """Return what writes plans to files with the ending of `path`.

    Raises
    ------
    UsageError
        The ending names no format.
    """
    name = Path(path).name.lower()
    for ending, write in WRITERS.items():
        if name.endswith(ending):
            return lambda plan, target: _written(plan, Path(target), write, ending=ending)
    raise UsageError(
        sentence(
            "{name} has an ending that plans are not written in. Use one of {endings}.",
            name=Path(path).name,
            endings=", ".join([*WRITERS, ".html"]),
        )
    )


def _written(plan: Plan, path: Path, write: Callable[[Plan, Path], None], *, ending: str) -> Path:
    if plan.status == "infeasible" and ending != SCENARIO_ENDING:
        raise InputError(
            sentence(
                "The plan is infeasible, so {name} was not written. Change the scenario first.",
                name=path.name,
            )
        )
    return write_whole(path, lambda draft: write(plan, draft))


def _write_geojson(plan: Plan, path: Path) -> None:
    path.write_text(to_geojson(plan), encoding="utf-8", newline="\n")


def _write_kml(plan: Plan, path: Path) -> None:
    path.write_text(to_kml(plan), encoding="utf-8", newline="\n")


def _write_cityjson(plan: Plan, path: Path) -> None:
    path.write_text(to_cityjson(plan), encoding="utf-8", newline="\n")


def _write_scenario(plan: Plan, path: Path) -> None:
    path.write_text(plan.scenario.to_json(), encoding="utf-8", newline="\n")


def _write_gpkg(plan: Plan, path: Path) -> None:
    import pyogrio

    metadata = {METADATA_KEY: signature_json(plan)}
    pyogrio.write_dataframe(_frame(plan), path, driver="GPKG", layer=LAYER, layer_metadata=metadata)
    write_style(path, layer=LAYER)


def _write_parquet(plan: Plan, path: Path) -> None:
    """Write GeoParquet; the signature goes into the file's own key-value metadata."""
    import pyarrow.parquet as pq

    _frame(plan).to_parquet(path, index=False)
    table = pq.read_table(path)
    metadata = dict(table.schema.metadata or {})
    metadata[METADATA_KEY.encode()] = signature_json(plan).encode()
    pq.write_table(table.replace_schema_metadata(metadata), path)


def _write_shapefile(plan: Plan, path: Path) -> None:
    """Write a zipped Shapefile: names of at most 10 letters, UTF-8 said in a .cpg."""
    import pyogrio

    frame = _frame(plan).rename(columns=short_names())
    frame["zone_verif"] = frame["zone_verif"].astype(int)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        pyogrio.write_dataframe(
            frame, Path(folder) / f"{LAYER}.shp", driver="ESRI Shapefile", encoding="UTF-8"
        )
        (Path(folder) / SIGNATURE_FILE).write_text(signature_json(plan), encoding="utf-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)


def _write_csv(plan: Plan, path: Path) -> None:
    """Write CSV that Excel shows in Korean (a BOM) and QGIS draws (a WKT column).

    A PNU stays bare text. Excel itself turns 19 digits into a rounded number when it opens a
    CSV by double click; import it with the column set to text. The formula that would prevent
    this (="116…") is not a PNU for any other program.

    Text that a spreadsheet would run as a formula (it begins with ``=``, ``+``, ``-`` or ``@``)
    gets an apostrophe before it, numbers do not; reading the file back takes it away again.
    """
    import pandas as pd
    import shapely

    columns: dict[str, Any] = {
        name: [to_cell(value) for value in values] for name, values in export_columns(plan).items()
    }
    columns["crs"] = [WORK_CRS] * len(plan.parcels)
    columns["WKT"] = shapely.to_wkt(plan.parcels.geometry, rounding_precision=3)
    table = pd.DataFrame({name: pd.Series(v, dtype=object) for name, v in columns.items()})
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _frame(plan: Plan) -> gpd.GeoDataFrame:
    """Return the exported columns as a frame in EPSG:5186; integers with gaps stay integers."""
    import geopandas as gpd
    import pandas as pd

    from siteplan.glossary import COLUMNS

    kinds = {column.name: column.kind for column in COLUMNS}
    types = {"integer": "Int64", "number": "float64", "text": "object"}
    series = {
        name: pd.Series(
            values, dtype="bool" if name == "zone_verified" else types[kinds.get(name, "text")]
        )
        for name, values in export_columns(plan).items()
    }
    return gpd.GeoDataFrame(series, geometry=plan.parcels.geometry.copy(), crs=WORK_EPSG)


WRITERS: Mapping[str, Callable[[Plan, Path], None]] = {
    SCENARIO_ENDING: _write_scenario,
    ".city.json": _write_cityjson,
    ".geojson": _write_geojson,
    ".json": _write_geojson,
    ".gpkg": _write_gpkg,
    ".parquet": _write_parquet,
    ".shp.zip": _write_shapefile,
    ".csv": _write_csv,
    ".kml": _write_kml,
    ".dxf": write_dxf,
}
"""Ending -> what fills a file with a plan; longer endings stand before shorter ones."""

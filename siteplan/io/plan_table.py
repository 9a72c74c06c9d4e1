"""Reading an exported plan back: its columns, and the scenario that made it."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siteplan.errors import InputError
from siteplan.glossary import COLUMN_NAMES, COLUMNS, Kind
from siteplan.io.export import METADATA_KEY, short_names
from siteplan.io.plan import SIGNATURE_FILE
from siteplan.io.source import Located, located
from siteplan.io.vectors import read_table
from siteplan.text import sentence
from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    import os

    import geopandas as gpd
    import pandas as pd

MAX_SIGNATURE_BYTES = 64 * 1024**2
"""Far more than any scenario needs; what is longer is cut off, and then no scenario is found."""


@dataclass(frozen=True, eq=False)
class PlanTable:
    """An exported plan as it stands in a file.

    Parameters
    ----------
    scenario_id, version, rules : str or None
        As the file says; None in formats that cannot say (CSV, KML).
    total_gfa_m2 : int
        Sum over the parcels.
    frame : GeoDataFrame
        The glossary's columns in EPSG:5186, one row per parcel.
    scenario : str or None
        JSON of the scenario, for `Scenario.from_json`.
    """

    scenario_id: str | None
    version: str | None
    rules: str | None
    total_gfa_m2: int
    frame: gpd.GeoDataFrame
    scenario: str | None


def read_plan(path: str | os.PathLike[str]) -> PlanTable:
    """Read a plan that `write_plan` wrote.

    Raises
    ------
    InputError
        The file is missing or broken, or lacks columns of a plan.
    """
    with located(path) as found:
        table = read_table(found, encoding=None, layer=None)
        said = _signature(found, path=Path(path), metadata=table.metadata)
    frame = _glossary_frame(table.frame, name=found.name)
    scenario = said.get("scenario")
    return PlanTable(
        scenario_id=_text(said.get("scenario_id")),
        version=_text(said.get("version")),
        rules=_text(said.get("rules")),
        total_gfa_m2=int(frame["gfa_total_m2"].sum()),
        frame=frame,
        scenario=None if scenario is None else json.dumps(scenario, ensure_ascii=False),
    )


def _glossary_frame(raw: gpd.GeoDataFrame, *, name: str) -> gpd.GeoDataFrame:
    import geopandas as gpd

    long_names = {short: full for full, short in short_names().items()}
    named = raw.rename(columns={k: v for k, v in long_names.items() if k in raw and v not in raw})
    missing = [column for column in COLUMN_NAMES if column not in named and column not in _MAY_LACK]
    if missing or named.crs is None:
        raise InputError(
            sentence(
                "{name} is not a plan that siteplan wrote: it lacks {missing}. Choose an "
                "exported plan.",
                name=name,
                missing=", ".join(missing) or "crs",
            )
        )
    work = named.to_crs(WORK_EPSG)
    columns = {column.name: _typed(work, column.name, kind=column.kind) for column in COLUMNS}
    return gpd.GeoDataFrame(columns, geometry=work.geometry.array, crs=WORK_EPSG)


_MAY_LACK = frozenset({"pnu", "jibun", "zone", "dominant_use", "phase"})
"""Columns that some formats leave out where every value is missing."""


def _typed(work: gpd.GeoDataFrame, name: str, *, kind: Kind) -> pd.Series[Any]:
    """Return a column in the glossary's type, whatever the format made of it."""
    import pandas as pd

    if name not in work:
        return pd.Series([None] * len(work), dtype=object, index=work.index)
    column = work[name]
    if kind == "text":
        texts = [
            None if gone else str(value) or None
            for value, gone in zip(column.tolist(), column.isna().tolist(), strict=True)
        ]
        return pd.Series(texts, dtype=object, index=work.index)
    numbers: pd.Series[Any] = pd.to_numeric(column, errors="coerce")
    if kind == "number":
        return numbers.astype("float64")
    return numbers.astype("Int64" if numbers.isna().any() else "int64")


def _signature(found: Located, *, path: Path, metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the member ``siteplan`` from wherever the format keeps it; empty without."""
    try:
        if found.format == "geojson":
            said = json.loads(path.read_text(encoding="utf-8-sig")).get(METADATA_KEY)
        elif found.format == "shp" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive, archive.open(SIGNATURE_FILE) as packed:
                said = json.loads(packed.read(MAX_SIGNATURE_BYTES))
        else:
            said = json.loads(metadata.get(METADATA_KEY, "null"))
    except (KeyError, ValueError, OSError, AttributeError, RecursionError):
        said = None
    return said if isinstance(said, dict) else {}


def _text(value: object) -> str | None:
    return None if value is None else str(value)

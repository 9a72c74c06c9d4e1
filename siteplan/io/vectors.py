"""Files -> one raw frame as the file has it: its rows, text, layer and declared CRS.

The only module that calls GDAL (through pyogrio) to read. Its errors become `InputError` with
one line of what GDAL said; its warnings become issues.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.crs import known_crs, places_points
from siteplan.errors import InputError, SiteplanError
from siteplan.io.cells import from_cell, readable_frame
from siteplan.io.columnar import check_wkt
from siteplan.io.contents import check_driver, opened_by
from siteplan.io.encoding import (
    RAW,
    chosen_encoding,
    dbf_declared,
    decoded,
    named_encoding,
    text_file_encoding,
)
from siteplan.io.limits import check_outlines, check_table_size, with_plain_coordinates
from siteplan.io.source import FORMATS, Located
from siteplan.issues import Issue
from siteplan.text import Text, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd
    import numpy.typing as npt

CRS_COLUMN = "crs"


@dataclass(frozen=True, eq=False)
class RawTable:
    """What stands in one layer of a file.

    Parameters
    ----------
    frame : GeoDataFrame
        n rows, the file's own columns; ``frame.crs`` is what the file declares, None without.
    encoding : str
        How its text was read.
    layer : str or None
    unclosed : ndarray of bool, shape (n,)
        Rows with a ring that did not end where it began; they were closed.
    issues : tuple of Issue
    """

    frame: gpd.GeoDataFrame
    encoding: str
    layer: str | None
    unclosed: npt.NDArray[np.bool_]
    issues: tuple[Issue, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


def read_table(found: Located, *, encoding: str | None, layer: str | None) -> RawTable:
    """Read the layer of a located source that holds polygons.

    Parameters
    ----------
    found : Located
    encoding : str, optional
        What the person says the text is in; else decided from the file.
    layer : str, optional
        What the person says is to be read; else the first layer with polygons.

    Raises
    ------
    InputError
        The file is broken, or has no such layer.
    """
    import geopandas as gpd

    wish = named_encoding(encoding) if encoding else None
    with _plain_errors(found) as said:
        if found.format == "parquet":
            table = _parquet_table(_only_file(found))
        elif found.format == "csv":
            table = _csv_table(_only_file(found), name=found.name, encoding=wish)
        else:
            table = _gdal_table(found, encoding=wish, layer=layer)
        check_table_size(len(table.frame), len(table.frame.columns), name=found.name)
        outlines = with_plain_coordinates(np.asarray(table.frame.geometry.array, dtype=object))
        check_outlines(outlines, name=found.name)
        frame, cleaned = readable_frame(table.frame)
        frame = frame.set_geometry(gpd.GeoSeries(outlines, index=frame.index, crs=frame.crs))
        table = replace(table, frame=frame, issues=(*table.issues, *cleaned))
    if table.frame.crs is not None and not places_points(table.frame.crs):
        frame = table.frame.set_crs(None, allow_override=True)
        table = replace(table, frame=frame)
    told = tuple(Issue("reader_warning", (), {"message": line}) for line in said)
    return replace(table, issues=(*table.issues, *told))


@contextmanager
def _plain_errors(found: Located) -> Iterator[list[str]]:
    """Collect GDAL's warnings; turn any reader's error into one sentence."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield said
        except (SiteplanError, MemoryError):
            raise
        # Readers raise errors of a dozen unrelated classes; each means "this file is broken".
        except Exception as error:
            raise InputError(
                sentence(
                    "{name} cannot be read as {format}: {reason} Export or download it again.",
                    name=found.name,
                    format=FORMATS[found.format],
                    reason=_first_line(error, found=found),
                )
            ) from error
    lines = {_first_line(w.message, found=found) for w in caught if w.category is RuntimeWarning}
    said += sorted(lines)


def _first_line(error: object, *, found: Located) -> str:
    """Return the first line of a message, with the person's file name for our own path."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    text = lines[0]
    for path in found.files.values():
        text = text.replace(f"GeoJSON:{path}", found.name).replace(str(path), found.name)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _only_file(found: Located) -> Path:
    return next(iter(found.files.values()))


def _gdal_table(found: Located, *, encoding: str | None, layer: str | None) -> RawTable:
    import pyogrio

    targets: dict[str, Path | bytes] = dict(found.files)
    used, issues = "utf-8", []
    if found.format == "geojson":
        for stem, path in found.files.items():
            targets[stem], used, more = _utf8(path, encoding=encoding)
            issues += more
    opened = {
        stem: opened_by(target, kind=found.format, name=found.name, folder=found.folder)
        for stem, target in targets.items()
    }
    layers = _layers(opened, file_format=found.format)
    name, target, more = _chosen_layer(layers, found, wish=layer)
    issues += more
    options: dict[str, Any] = {}
    if found.format == "shp":
        options["encoding"] = RAW
    elif found.format in ("gpkg", "kml"):
        options["layer"] = name

    def read(*, on_invalid: str) -> gpd.GeoDataFrame:
        return pyogrio.read_dataframe(target, on_invalid=on_invalid, **options)

    frame, unclosed = _with_closed_rings(read)
    if "geometry" not in frame:
        raise InputError(_no_outlines(found.name))
    info = pyogrio.read_info(target, **options)
    check_driver(str(info["driver"]), kind=found.format, name=found.name)
    frame = _exact_integers(frame, info=info, target=target, options=options)
    if isinstance(target, Path) and found.format == "shp":
        frame, used, more = _decoded_frame(frame, path=target, encoding=encoding)
        issues += more
    # GDAL declares WGS 84 for GeoJSON and KML itself, as their standards do.
    metadata = dict(info.get("layer_metadata") or {})
    return RawTable(frame, used, name, unclosed, tuple(issues), metadata)


def _layers(
    targets: dict[str, Path | str], *, file_format: str
) -> dict[str, tuple[Path | str, str]]:
    """Return layer name -> (file, geometry type) of all files."""
    import pyogrio

    layers: dict[str, tuple[Path | str, str]] = {}
    for stem, target in targets.items():
        for name, kind in pyogrio.list_layers(target).tolist():
            shown = name if file_format in ("gpkg", "kml") else stem
            layers[str(shown)] = (target, str(kind or ""))
    return layers


def _chosen_layer(
    layers: dict[str, tuple[Path | str, str]], found: Located, *, wish: str | None
) -> tuple[str, Path | str, list[Issue]]:
    """Return the layer to read: the wished one, else the first that can hold polygons."""
    names = ", ".join(layers)
    if not layers:
        raise InputError(_no_outlines(found.name))
    if wish is not None:
        if wish not in layers:
            raise InputError(
                sentence(
                    "{name} has no layer {wish}. It has: {names}.",
                    name=found.name,
                    wish=wish,
                    names=names,
                )
            )
        return wish, layers[wish][0], []
    areal = [
        name
        for mark in ("Polygon", "Surface", "Unknown", "Collection")
        for name, (_, kind) in layers.items()
        if mark in kind
    ]
    if not areal:
        raise InputError(_no_outlines(found.name))
    issues = []
    if len(layers) > 1:
        issues.append(Issue("layer_chosen", (), {"layer": areal[0], "layers": names}))
    return areal[0], layers[areal[0]][0], issues


def _no_outlines(name: str) -> Text:
    return sentence(
        "{name} holds no polygons. Hand over the outlines of parcels, not points, lines or tables.",
        name=name,
    )


def _with_closed_rings(
    read: Callable[..., gpd.GeoDataFrame],
) -> tuple[gpd.GeoDataFrame, npt.NDArray[np.bool_]]:
    """Read once; if outlines were refused for open rings, once more with the rings closed."""
    frame = read(on_invalid="ignore")
    none = np.zeros(len(frame), dtype=bool)
    if "geometry" not in frame or not frame.geometry.isna().any():
        return frame, none
    closed = read(on_invalid="fix")
    return closed, (frame.geometry.isna() & closed.geometry.notna()).to_numpy()


def _exact_integers(
    frame: gpd.GeoDataFrame,
    *,
    info: dict[str, Any],
    target: Path | str,
    options: dict[str, Any],
) -> gpd.GeoDataFrame:
    """Return the frame with integer columns that gaps had turned into floats as exact text.

    A PNU has 19 digits, a float holds 15 of them; Arrow keeps integers beside gaps.
    """
    import pyogrio

    kinds = dict(zip(info["fields"].tolist(), info["ogr_types"], strict=True))
    torn = [
        name
        for name, kind in kinds.items()
        if kind == "OFTInteger64" and name in frame and frame[name].dtype.kind == "f"
    ]
    if not torn:
        return frame
    _, table = pyogrio.read_arrow(target, columns=torn, read_geometry=False, **options)
    whole = frame.copy()
    for name in torn:
        whole[name] = np.array(
            [None if value is None else str(value) for value in table[name].to_pylist()],
            dtype=object,
        )
    return whole


def _utf8(path: Path, *, encoding: str | None) -> tuple[Path | bytes, str, list[Issue]]:
    """Return UTF-8 text (the file, or its content recoded) and the encoding that it was in."""
    content = path.read_bytes()
    chosen = text_file_encoding(content)
    name = encoding or chosen.name
    if name in ("utf-8", "utf-8-sig"):
        return path, "utf-8", []
    issues = []
    if encoding is None and chosen.reason is not None:
        issues.append(_encoding_issue(name, chosen.reason))
    return content.decode(name, errors="replace").encode(), name, issues


def _encoding_issue(name: str, reason: Text) -> Issue:
    return Issue("encoding_chosen", (), {"encoding": name, "reason": reason})


def _decoded_frame(
    frame: gpd.GeoDataFrame, *, path: Path, encoding: str | None
) -> tuple[gpd.GeoDataFrame, str, list[Issue]]:
    """Return a Shapefile's frame, read as raw bytes, with its names and text decoded."""
    texts = [
        name for name in frame.columns if name != "geometry" and frame[name].dtype.kind in "OUT"
    ]
    values = {name: frame[name].tolist() for name in texts}
    samples = [str(name).encode(RAW) for name in frame.columns]
    samples += [text.encode(RAW) for column in values.values() for text in column if _is_text(text)]
    issues = []
    if encoding is None:
        chosen = chosen_encoding(samples, declared=_declared(path))
        encoding = chosen.name
        if chosen.reason is not None:
            issues.append(_encoding_issue(encoding, chosen.reason))
    lost = 0
    plain = frame.copy()
    for name, column in values.items():
        read = [
            decoded(text.encode(RAW), encoding=encoding) if _is_text(text) else (None, False)
            for text in column
        ]
        lost += sum(damaged for _, damaged in read)
        plain[name] = np.array([text for text, _ in read], dtype=object)
    if lost:
        issues.append(Issue("text_damaged", (), {"count": lost, "encoding": encoding}))
    names = {name: decoded(str(name).encode(RAW), encoding=encoding)[0] for name in frame.columns}
    return plain.rename(columns=names), encoding, issues


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _declared(path: Path) -> str | None:
    """Return what the parts of a Shapefile say about its encoding."""
    parts = {
        other.suffix.lower(): other
        for other in path.parent.iterdir()
        if other.stem.casefold() == path.stem.casefold()
    }
    cpg = parts[".cpg"].read_text("ascii", errors="ignore") if ".cpg" in parts else None
    with parts[".dbf"].open("rb") as stream:
        head = stream.read(32)
    return dbf_declared(head[29] if len(head) > 29 else 0, cpg)


def _parquet_table(path: Path) -> RawTable:
    import geopandas as gpd
    import pyarrow.parquet as pq

    raw = pq.read_schema(path).metadata or {}
    frame = gpd.read_parquet(path)
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    metadata = {key.decode(): value.decode(errors="replace") for key, value in raw.items()}
    return RawTable(frame, "utf-8", None, np.zeros(len(frame), dtype=bool), (), metadata)


def _csv_table(path: Path, *, name: str, encoding: str | None) -> RawTable:
    """Read a CSV with a WKT column; a `crs` column, as siteplan writes it, declares the CRS."""
    import geopandas as gpd
    import pandas as pd
    import shapely

    chosen = text_file_encoding(path.read_bytes())
    used = encoding or chosen.name
    table = pd.read_csv(path, dtype=str, encoding=used, encoding_errors="replace")
    names = {str(column).strip().casefold(): column for column in table.columns}
    outlines = ("wkt", "geometry", "geom", "the_geom")
    for column in table.columns:
        marked = table[column].str.startswith("'", na=False)
        if marked.any():
            table.loc[marked, column] = table.loc[marked, column].map(from_cell)
    wkt = next((names[key] for key in outlines if key in names), None)
    if wkt is None:
        raise InputError(_no_outlines(name))
    texts = np.array([text if _is_text(text) else None for text in table[wkt]], dtype=object)
    check_wkt(texts, name=name)
    geometry = shapely.from_wkt(texts, on_invalid="ignore")
    declared = table[names[CRS_COLUMN]].dropna().unique().tolist() if CRS_COLUMN in names else []
    frame = gpd.GeoDataFrame(
        table.drop(columns=[wkt]),
        geometry=geometry,
        crs=known_crs(declared[0]) if len(declared) == 1 else None,
    )
    issues = []
    if encoding is None and chosen.reason is not None:
        issues.append(_encoding_issue(used, chosen.reason))
    shown = "utf-8" if used == "utf-8-sig" else used
    return RawTable(frame, shown, None, np.zeros(len(frame), dtype=bool), tuple(issues))

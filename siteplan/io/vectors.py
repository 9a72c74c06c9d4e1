"""Files -> one raw frame as the file has it: its rows, text, layer and declared CRS.

The only module that calls GDAL (through pyogrio) to read. Its errors become `InputError` with
one line of what GDAL said; its warnings become issues.
"""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.crs import places_points
from siteplan.errors import InputError, SiteplanError
from siteplan.io.cells import readable_frame
from siteplan.io.contents import check_driver, opened_by, own_kml, siblings
from siteplan.io.dbf_text import decoded_frame
from siteplan.io.delimited import (
    encoding_issues,
    no_outlines,
    outlines,
    plain_text,
    read_text_table,
)
from siteplan.io.encoding import Encoding, named_encoding, text_file_encoding
from siteplan.io.json_text import GeoJson, as_geojson
from siteplan.io.kml_text import KML_DRAWING, plain_kml
from siteplan.io.layers import chosen_layers, layer_options, layers_of
from siteplan.io.limits import check_outlines, check_table_size, with_plain_coordinates
from siteplan.io.raw_columns import read_raw
from siteplan.io.source import FORMATS, Located
from siteplan.issues import Issue
from siteplan.text import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd
    import numpy.typing as npt


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
    metadata : dict
        What the file's own metadata hold, by key.
    declared_text : str or None
        The text of a .prj, which may hold more than GDAL makes of it.
    """

    frame: gpd.GeoDataFrame
    encoding: str
    layer: str | None
    unclosed: npt.NDArray[np.bool_]
    issues: tuple[Issue, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    declared_text: str | None = None


def read_table(
    found: Located, *, encoding: str | None, layer: str | None, kind: str = "parcels"
) -> RawTable:
    """Read the layer of a located source that holds polygons.

    Parameters
    ----------
    found : Located
    encoding : str, optional
        What the person says the text is in; else decided from the file.
    layer : str, optional
        What the person says is to be read; else the first layer with polygons whose content is
        of the `kind`, else the first with polygons. All folders of a KML are read together.
    kind : str
        "parcels", "zoning" or "buildings": what is looked for among several layers.

    Raises
    ------
    InputError
        The file is broken, or has no such layer.
    """
    import geopandas as gpd

    wish = named_encoding(encoding) if encoding else None
    with plain_errors(found) as said:
        if found.format == "csv":
            table = _csv_table(_only_file(found), name=found.name, encoding=wish)
        elif found.format == "parquet":
            table = _parquet_table(_only_file(found), name=found.name)
        else:
            table = _gdal_table(found, encoding=wish, layer=layer, kind=kind)
        table = replace(table, frame=_with_unique_names(table.frame))
        check_table_size(len(table.frame), len(table.frame.columns), name=found.name)
        shapes = with_plain_coordinates(np.asarray(table.frame.geometry.array, dtype=object))
        check_outlines(shapes, name=found.name)
        frame, cleaned = readable_frame(table.frame)
        frame = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
        table = replace(table, frame=frame, issues=(*table.issues, *cleaned))
    if table.frame.crs is not None and not places_points(table.frame.crs):
        frame = table.frame.set_crs(None, allow_override=True)
        table = replace(table, frame=frame)
    told = tuple(Issue("reader_warning", (), {"message": line}) for line in said)
    return replace(table, issues=(*found.issues, *table.issues, *told))


@contextmanager
def plain_errors(found: Located) -> Iterator[list[str]]:
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
    # Open rings are closed and told row by row.
    lines = {line for line in lines if "UNCLOSED_RING" not in line.upper()}
    said += sorted(lines)


def _first_line(error: object, *, found: Located) -> str:
    """Return the first line of a message, with the person's file name for our own path."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    text = lines[0]
    text = re.sub(rf"{re.escape(str(found.folder))}[\\/][^\s:'\"]+", found.name, text)
    for path in found.files.values():
        text = text.replace(f"GeoJSON:{path}", found.name).replace(str(path), found.name)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _only_file(found: Located) -> Path:
    return next(iter(found.files.values()))


def _gdal_table(found: Located, *, encoding: str | None, layer: str | None, kind: str) -> RawTable:
    import pandas as pd

    texts = _targets(found, encoding=encoding)
    opened = {
        stem: opened_by(target, kind=found.format, name=found.name, folder=found.folder)
        for stem, target in texts.targets.items()
    }
    layers = layers_of(opened, file_format=found.format)
    names, more = chosen_layers(layers, found, wish=layer, kind=kind)
    issues = [*texts.issues, *more]
    used = texts.encodings.get(names[0], texts.encodings.get("", "utf-8"))
    document = texts.documents.get(names[0], GeoJson())
    tables = []
    for name in names:
        target = layers[name][0]
        options = layer_options(found.format, layer=name)
        frame, unclosed, metadata = _read_layer(
            target, options=options, kind=found.format, name=found.name
        )
        if isinstance(target, Path) and found.format == "shp":
            frame, used, more = decoded_frame(frame, path=target, encoding=encoding)
            issues += more
        tables.append((_with_own_names(frame, names=texts.columns), unclosed, metadata))
    frame, unclosed, metadata = tables[0]
    if len(tables) > 1:
        frame = pd.concat([table for table, _, _ in tables], ignore_index=True)
        unclosed = np.concatenate([open_rings for _, open_rings, _ in tables])
    if found.format == "kml":
        frame = frame.drop(columns=[column for column in KML_DRAWING if column in frame])
    # GDAL declares WGS 84 for GeoJSON and KML itself, as their standards do.
    if document.undeclared:
        frame = frame.set_crs(None, allow_override=True)
    elif document.content is not None and document.crs is not None:
        frame = frame.set_crs(document.crs, allow_override=True)
    declared = _prj(layers[names[0]][0]) if found.format == "shp" else None
    return RawTable(frame, used, names[0], unclosed, tuple(issues), metadata, declared)


MAX_PRJ_BYTES = 64 * 1024


def _prj(target: Path | str) -> str | None:
    """Return the text of a Shapefile's .prj, None without one."""
    place = siblings(Path(target)).get("prj")
    if place is None:
        return None
    with place.open("rb") as stream:
        return stream.read(MAX_PRJ_BYTES).decode("utf-8-sig", errors="replace")


def _with_own_names(frame: gpd.GeoDataFrame, *, names: dict[str, str]) -> gpd.GeoDataFrame:
    """Return a frame whose stand-in columns have their own names, joined where there are two."""
    for short, full in names.items():
        if short in frame and full in frame:
            both = frame[full].where(frame[full].notna(), frame[short])
            frame = frame.drop(columns=[short]).assign(**{full: both})
    return frame.rename(columns=names)


def _with_unique_names(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a frame in which the second of two columns of one name is called "name_2"."""
    if frame.columns.is_unique:
        return frame
    seen: dict[str, int] = {}
    names = []
    for name in map(str, frame.columns):
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return frame.set_axis(names, axis=1)


def _read_layer(
    target: Path | str, *, options: dict[str, Any], kind: str, name: str
) -> tuple[gpd.GeoDataFrame, npt.NDArray[np.bool_], dict[str, Any]]:
    """Return one layer as it stands in the file, its rows with open rings, its metadata."""
    import pyogrio

    info = pyogrio.read_info(target, **options)

    def read(*, on_invalid: str) -> gpd.GeoDataFrame:
        if kind == "shp" and isinstance(target, Path):
            frame = read_raw(target, info=info, on_invalid=on_invalid)
            if frame is not None:
                return frame
        return pyogrio.read_dataframe(target, on_invalid=on_invalid, **options)

    frame, unclosed = _with_closed_rings(read)
    if "geometry" not in frame:
        raise InputError(no_outlines(name))
    check_driver(str(info["driver"]), kind=kind, name=name)
    frame = _exact_integers(frame, info=info, target=target, options=options)
    return frame, unclosed, dict(info.get("layer_metadata") or {})


@dataclass(frozen=True)
class _Texts:
    """What GDAL is to open, and what was done to it before.

    Parameters
    ----------
    targets : dict of str to (Path or bytes)
        Layer -> the file, or its text made plain UTF-8.
    columns : dict of str to str
        Stand-in -> name of a column that GDAL would spoil.
    encodings : dict of str to str
        Layer -> what its text was in; under "" for a file whose layers have names of their own.
    documents : dict of str to GeoJson
    issues : list of Issue
    """

    targets: dict[str, Path | bytes]
    columns: dict[str, str] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)
    documents: dict[str, GeoJson] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)


def _targets(found: Located, *, encoding: str | None) -> _Texts:
    """Return what GDAL is to open: text that had to be changed is kept in memory."""
    texts = _Texts(dict(found.files))
    if found.format not in ("geojson", "kml"):
        return texts
    for stem, path in found.files.items():
        content, used, more = _utf8(path, encoding=encoding)
        texts.issues.extend(more)
        texts.encodings[stem] = texts.encodings[""] = used
        changed = used != "utf-8" or any(issue.code == "text_damaged" for issue in more)
        if found.format == "geojson":
            document = texts.documents[stem] = as_geojson(content, name=found.name)
            texts.issues.extend(document.issues)
            if changed or document.content is not None:
                texts.targets[stem] = document.content or content
            continue
        plain = plain_kml(content, names=texts.columns, recoded=changed) or content
        # In a file, as GDAL calls an unnamed layer after it.
        target = path.with_name(f"{path.stem}-own.kml")
        target.write_bytes(own_kml(plain, name=found.name))
        texts.targets[stem] = target
    return texts


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


def _utf8(path: Path, *, encoding: str | None) -> tuple[bytes, str, list[Issue]]:
    """Return a text file's content as UTF-8, and what it was in: "utf-8" where unchanged."""
    content = path.read_bytes()
    chosen = Encoding(encoding) if encoding else text_file_encoding(content)
    if chosen.name in ("utf-8", "utf-8-sig") and _is_utf8(content):
        return content, "utf-8", encoding_issues(chosen)
    text, issues = plain_text(content, chosen=chosen)
    return text.removeprefix("\ufeff").encode(errors="replace"), chosen.name, issues


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parquet_table(path: Path, *, name: str) -> RawTable:
    import geopandas as gpd
    import pyarrow.parquet as pq

    raw = pq.read_schema(path).metadata or {}
    if b"geo" not in raw:
        raise InputError(
            sentence(
                "{name} is a Parquet table that does not say where its outlines are (no “geo” "
                "metadata). Write it as GeoParquet, e.g. with GeoPandas' to_parquet or QGIS.",
                name=name,
            )
        )
    frame = gpd.read_parquet(path)
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    metadata = {key.decode(): value.decode(errors="replace") for key, value in raw.items()}
    return RawTable(frame, "utf-8", None, np.zeros(len(frame), dtype=bool), (), metadata)


def _csv_table(path: Path, *, name: str, encoding: str | None) -> RawTable:
    """Read a CSV with outlines; a `crs` column, as siteplan writes it, declares the CRS."""
    table = read_text_table(path, name=name, encoding=encoding)
    frame = outlines(table, name=name)
    unclosed = np.zeros(len(frame), dtype=bool)
    return RawTable(frame, table.encoding, None, unclosed, table.issues)

"""Large Shapefiles read through Arrow: their text as bytes, recoded in whole columns.

Row by row GDAL and pandas spend more time on the text of a cadastral map than on its outlines.
Only plain files go this way; for any other `read_raw` returns None.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.io.encoding import RAW

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

WORTH_IT = 5_000
"""Rows from which on this way is faster."""

_TYPES = frozenset({"OFTString", "OFTInteger", "OFTInteger64", "OFTReal"})
_SHAPES = frozenset({"Polygon", "MultiPolygon"})


def read_raw(
    path: Path, *, info: dict[str, Any], on_invalid: str, least_rows: int = WORTH_IT
) -> gpd.GeoDataFrame | None:
    """Return a Shapefile's frame with its text as `RAW`, None where this way does not fit.

    Parameters
    ----------
    path : Path
        The .shp.
    info : dict
        What pyogrio tells of it, its names as `RAW`.
    on_invalid : str
        As pyogrio takes it.
    least_rows : int
        Files of fewer rows are left to the other way.
    """
    import geopandas as gpd
    import pyarrow as pa

    if not _plain(info, least_rows=least_rows):
        return None
    try:
        with ThreadPoolExecutor(1) as pool:
            middle = info["features"] // 2
            second = pool.submit(_rows, path, skip=middle, most=None, on_invalid=on_invalid)
            meta, early, first = _rows(path, skip=0, most=middle, on_invalid=on_invalid)
            _, late, rest = second.result()
        table = pa.concat_tables([early, late])
    except (pa.ArrowException, OSError, ValueError, RuntimeError):
        return None  # the other way tells what is wrong
    names = info["fields"].tolist()
    if len(table) != info["features"] or set(table.column_names) != set(names):
        return None
    columns: dict[str, Any] = {}
    for name, kind in zip(names, info["dtypes"], strict=True):
        column = table.column(name).combine_chunks()
        if pa.types.is_string(column.type) and column.null_count == len(column):
            columns[name] = np.full(len(column), None, dtype=object)
        elif pa.types.is_string(column.type):
            text = _as_letters(column.cast(pa.binary()))
            if text is None:
                return None
            columns[name] = _series(text)
        elif column.null_count or column.type != pa.from_numpy_dtype(np.dtype(kind)):
            return None
        else:
            columns[name] = column.to_numpy()
    return gpd.GeoDataFrame(columns, geometry=np.concatenate([first, rest]), crs=meta["crs"])


def _rows(
    path: Path, *, skip: int, most: int | None, on_invalid: Any
) -> tuple[dict[str, Any], pa.Table, npt.NDArray[np.object_]]:
    """Return what pyogrio tells of a file, some of its rows, and their outlines."""
    import pyogrio
    import shapely

    # GDAL hands over the bytes as they are when told that they are UTF-8.
    meta, table = pyogrio.read_arrow(path, encoding="UTF-8", skip_features=skip, max_features=most)
    shape = meta["geometry_name"] or "wkb_geometry"
    outlines = shapely.from_wkb(np.asarray(table.column(shape)), on_invalid=on_invalid)
    return meta, table.drop_columns([shape]), np.asarray(outlines, dtype=object)


def _plain(info: dict[str, Any], *, least_rows: int) -> bool:
    names = info["fields"].tolist()
    return (
        info["features"] >= max(least_rows, 1)
        and info["geometry_type"] in _SHAPES
        and set(info["ogr_types"]) <= _TYPES
        and set(info["ogr_subtypes"]) <= {"OFSTNone"}
        and all(name.isascii() for name in names)
        and len(set(names) | {"geometry", "wkb_geometry"}) == len(names) + 2
    )


def _as_letters(column: pa.BinaryArray) -> pa.StringArray | None:
    """Return bytes as text, each byte one letter; None where that cannot be done at once."""
    import pyarrow as pa

    joined = _joined(column)
    if joined is None:
        return None
    return column.cast(pa.string()) if joined.isascii() else _parted(joined.decode(RAW), column)


def recoded(texts: pd.Series[Any], *, encoding: str) -> pd.Series[Any] | None:
    """Return a `RAW` column in its encoding, None where that cannot be done at once.

    Parameters
    ----------
    texts : Series of str, shape (n,)
        Held by Arrow.
    encoding : str
        One in which ASCII stands for itself.
    """
    column = arrow_text(texts)
    joined = None if column is None else _joined(column)
    if column is None or joined is None or not len(column):
        return None
    if joined.isascii():
        return texts
    try:
        plain = joined.decode().encode(RAW).decode(encoding)
        done = _parted(plain, column)
    except UnicodeError:
        return None
    return None if done is None else _series(done)


def samples_of(columns: list[pd.Series[Any]], *, most: int) -> list[bytes] | None:
    """Return the distinct values that are not ASCII, as bytes; None where Arrow holds them not.

    Of more than `most` different ones only such as lie evenly spread in their order are returned.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    found = []
    for texts in columns:
        column = arrow_text(texts)
        if column is None:
            return None
        found.append(column.filter(pc.invert(pc.string_is_ascii(column.cast(pa.string())))))
    if not found:
        return []
    values = pc.unique(pa.concat_arrays(found).drop_null())
    # UTF-8 keeps the order of letters, and here each letter is a byte.
    ordered = values.take(pc.array_sort_indices(values))
    step = max(1, -(-len(ordered) // most))
    spread = ordered.take(pa.array(np.arange(0, len(ordered), step)))
    return [value.decode().encode(RAW) for value in spread.to_pylist()]


def arrow_text(texts: pd.Series[Any]) -> pa.BinaryArray | None:
    """Return a column's text as UTF-8 bytes without copying, None where Arrow does not hold it."""
    import pandas as pd
    import pyarrow as pa

    if not isinstance(texts.dtype, pd.StringDtype) or texts.dtype.storage != "pyarrow":
        return None
    column = pa.array(texts)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return column.cast(pa.large_binary()).cast(pa.binary())


def _joined(column: pa.BinaryArray) -> bytes | None:
    """Return all values, a line feed between two; None where one holds a line feed itself."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(column):
        return b""
    full = column.fill_null(b"") if column.null_count else column
    ends = pa.array([0, len(full)], pa.int32())
    joined: bytes = pc.binary_join(pa.ListArray.from_arrays(ends, full), b"\n")[0].as_py()
    return joined if joined.count(b"\n") == len(full) - 1 else None


def _parted(text: str, column: pa.BinaryArray) -> pa.StringArray | None:
    """Return joined text as a column again, with the gaps of the one it was joined from."""
    import pyarrow as pa
    import pyarrow.compute as pc

    content = text.encode()
    breaks = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n"))
    if len(breaks) != len(column) - 1:
        return None
    body = content.replace(b"\n", b"")
    ends = np.concatenate([[0], breaks - np.arange(len(breaks)), [len(body)]]).astype(np.int32)
    parted = pa.StringArray.from_buffers(len(column), pa.py_buffer(ends), pa.py_buffer(body))
    if column.null_count:
        parted = pc.if_else(column.is_valid(), parted, pa.scalar(None, pa.string()))
    return parted


def _series(column: pa.StringArray) -> pd.Series[Any]:
    """Return a column of text as pandas holds it, without making letters of each value."""
    import pandas as pd

    dtype: Any = pd.StringDtype("pyarrow", na_value=np.nan)
    return pd.Series(dtype.__from_arrow__(column))

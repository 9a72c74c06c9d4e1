"""What is looked at in Parquet, WKB and WKT before it is unpacked: size and depth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from siteplan.errors import InputError
from siteplan.io import limits
from siteplan.io.names import shown_name
from siteplan.io.sniff import damaged
from siteplan.text import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

_DEEP_WKT = re.compile(r"COLLECTION|COMPOUND|CURVEPOLYGON|MULTI", re.IGNORECASE)
# Heads of the WKB types that hold geometries (4 to 12), little and big endian, with Z and M as
# ISO (thousands) or as PostGIS (high bits) writes them.
_WKB_HEAD = re.compile(
    rb"\x01(?:[\x04-\x0c]\x00|[\xec-\xf4]\x03|[\xd4-\xdc]\x07|[\xbc-\xc4]\x0b)\x00[\x00-\xe0]"
    rb"|\x00[\x00-\xe0]\x00(?:\x00[\x04-\x0c]|\x03[\xec-\xf4]|\x07[\xd4-\xdc]|\x0b[\xbc-\xc4])",
    re.DOTALL,
)


def check_wkt(texts: Iterable[object], *, name: str) -> None:
    """Refuse outlines in WKT that are nested deeper than GEOS' stack.

    Raises
    ------
    InputError
        One of them holds more than `limits.MAX_NESTING` collections.
    """
    for row, text in enumerate(texts):
        if isinstance(text, str) and len(text) > limits.MAX_NESTING * 10:
            found = _DEEP_WKT.finditer(text)
            if sum(1 for _ in zip(found, range(limits.MAX_NESTING + 1), strict=False)) > (
                limits.MAX_NESTING
            ):
                raise _nested(row, name=name)


def check_texts(texts: Iterable[object], *, name: str) -> None:
    """Refuse outlines in WKT, in hexadecimal WKB or in GeoJSON that are nested too deep.

    Raises
    ------
    InputError
        One of them holds more than `limits.MAX_NESTING` collections.
    """
    given = list(texts)
    check_wkt(given, name=name)
    for row, text in enumerate(given):
        if not isinstance(text, str) or len(text) <= limits.MAX_NESTING * 10:
            continue
        start = text.lstrip()
        if start.startswith("{") and text.count('"type"') > limits.MAX_NESTING:
            raise _nested(row, name=name)
        if start.startswith(("00", "01")) and not start.startswith(_PLAIN_WKB):
            try:
                blob = bytes.fromhex(start.strip())
            except ValueError:
                continue
            if _is_deep(blob):
                raise _nested(row, name=name)


_PLAIN_WKB = ("0103000000", "0000000003")
"""Heads of polygons, which hold no other geometries."""


def _nested(row: int, *, name: str) -> InputError:
    return InputError(
        sentence(
            "The outline in row {row} of {name} is a collection of more than {limit} collections. "
            "Export the outlines as polygons.",
            row=row + 1,
            name=name,
            limit=limits.MAX_NESTING,
        )
    )


def check_parquet(path: Path, *, name: str) -> None:
    """Refuse what a Parquet file announces, or holds, beyond the limits."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            about = file.metadata
            limits.check_table_size(about.num_rows, about.num_columns, name=name)
            groups = [about.row_group(i) for i in range(about.num_row_groups)]
            columns = [group.column(i) for group in groups for i in range(group.num_columns)]
            values = max((column.num_values for column in columns), default=0)
            limits.check_table_size(values, 0, name=name)
            unpacked = sum(column.total_uncompressed_size for column in columns)
            largest = max((_decoded_bytes(column) for column in columns), default=0)
            if unpacked > limits.MAX_UNPACKED_BYTES or (
                largest > limits.MAX_UNPACKED_BYTES and _is_bomb(path)
            ):
                raise InputError(
                    sentence(
                        "{name} unpacks to more than {limit} GB. Cut the area you need out of it "
                        "first.",
                        name=name,
                        limit=limits.MAX_UNPACKED_BYTES // limits.GB,
                    )
                )
            _check_wkb(file, name=name)
    except (pa.ArrowException, OSError, ValueError, KeyError, OverflowError) as error:
        reason = shown_name(f"{error}".splitlines()[0] if f"{error}" else "damaged")
        reason = reason.replace(str(path), name).rstrip(".")
        raise damaged(name, kind="parquet", reason=f"{reason}.") from error


def _decoded_bytes(column: object) -> int:
    """Return the most that a column can come to: each value as long as all its packed ones."""
    values: int = column.num_values  # type: ignore[attr-defined]
    size: int = column.total_uncompressed_size  # type: ignore[attr-defined]
    physical: str = column.physical_type  # type: ignore[attr-defined]
    return values * (size if "BYTE_ARRAY" in physical else 8)


def _is_bomb(path: Path) -> bool:
    """Tell whether the texts come to more than the limit once written out.

    Read as dictionaries, each different text is held once, however often it is repeated.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    texts = [
        column.name
        for column in schema
        if pa.types.is_string(column.type) or pa.types.is_binary(column.type)
    ]
    total = 0
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        for number in range(file.num_row_groups):
            for name in texts:
                for chunk in file.read_row_group(number, columns=[name]).column(name).chunks:
                    lengths = pc.binary_length(chunk.dictionary).take(chunk.indices)
                    total += pc.sum(lengths).as_py() or 0
    return total > limits.MAX_UNPACKED_BYTES


def _check_wkb(file: object, *, name: str) -> None:
    """Refuse outlines in WKB that are nested deeper than GEOS' stack."""
    import pyarrow as pa
    import pyarrow.compute as pc

    schema = file.schema_arrow  # type: ignore[attr-defined]
    binary = [
        column.name
        for column in schema
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)
    ]
    row = 0
    for batch in file.iter_batches(columns=binary) if binary else ():  # type: ignore[attr-defined]
        for column in batch.columns:
            # Byte 1 or 4 says the type, by byte order; 3 is a polygon, which holds none.
            holds = pc.invert(
                pc.is_in(
                    pc.binary_slice(column, 0, 5),
                    value_set=pa.array([b"\x01\x03\x00\x00\x00", b"\x00\x00\x00\x00\x03"]),
                )
            )
            for place in pc.indices_nonzero(holds).to_pylist():
                blob = column[place].as_py()
                if blob is not None and _is_deep(blob):
                    raise _nested(row + place, name=name)
        row += len(batch)


def _is_deep(blob: bytes) -> bool:
    found = _WKB_HEAD.finditer(blob)
    least = limits.MAX_NESTING + 1
    return sum(1 for _ in zip(range(least), found, strict=False)) == least

"""How much a file may ask for, and the sentence when it asks for more.

The limits stand far above what a planner has (all of Seoul's continuous cadastral map is about
a million parcels) and far below what exhausts an office computer. They are ours, not anyone's
standard. Each is checked before the work that it bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.errors import InputError
from siteplan.text import N_, sentence

if TYPE_CHECKING:
    import numpy.typing as npt
    import shapely

    Objects = npt.NDArray[np.object_]

GB = 1024**3

MAX_FILE_BYTES = 4 * GB
"""A file as it lies on disk; reading takes several times its size in memory."""

MAX_UNPACKED_BYTES = 4 * GB
"""All that is unpacked from one source, inner zips included; counted while it is written."""

MAX_RATIO = 250
"""Unpacked bytes for each packed one. Tables padded with blanks reach about 100; a bomb 1,000."""

RATIO_FROM_BYTES = 64 * 1024**2
"""Below this much unpacked, a high ratio does no harm and is not looked at."""

MAX_MEMBERS = 10_000
MAX_DIRECTORY_BYTES = 8 * 1024**2
"""The list of members inside a zip is held in memory whole, so its size is bounded first."""

MAX_INNER_ZIPS = 50
"""Portals pack one zip for each district into one; Seoul has 25 of them."""

MAX_PART_BYTES = 64 * 1024
"""A .prj or .cpg holds one line."""

MAX_ROWS = 2_000_000
MAX_COLUMNS = 2_000
MAX_VERTICES = 50_000_000
MAX_OUTLINE_VERTICES = 2_000_000
"""Forest lots follow ridges with some ten thousand vertices; two million is no lot."""

MAX_NESTING = 32
"""Geometry collections inside each other; readers in C run out of stack at a few thousand."""

MAX_XML_DEPTH = 100

MAX_COORDINATE = 1e15
"""Squares of larger ones leave the range of numbers; the Earth is 4e7 m round."""

MIN_COORDINATE = 1e-100
"""Smaller ones than this come from broken bytes, are no other place than 0, and upset GEOS."""

TANGLE_FROM_VERTICES = 64
MAX_CROSSINGS = 200_000
"""Pairs of edges of one invalid outline whose boxes meet: mending that many takes seconds, and
the time grows faster than their number."""

MAX_CROSSINGS_IN_ALL = 2_000_000

MAX_STACK = 50_000_000
"""Pairs of outlines whose boxes meet; neighbours make about 3 for each parcel."""

SAMPLE = 256
"""Edges or outlines that are asked; the rest is taken to be like them."""


def check_file_bytes(size: int, *, name: str) -> None:
    """Refuse a file that is too large to be read.

    Raises
    ------
    InputError
        It is larger than `MAX_FILE_BYTES`.
    """
    if size > MAX_FILE_BYTES:
        raise InputError(
            sentence(
                "{name} is larger than {limit} GB. Cut the area you need out of it first.",
                name=name,
                limit=MAX_FILE_BYTES // GB,
            )
        )


def check_table_size(rows: int, columns: int, *, name: str) -> None:
    """Refuse a table of more rows or columns than any cadastral map has.

    Raises
    ------
    InputError
        More than `MAX_ROWS` rows or `MAX_COLUMNS` columns.
    """
    for count, limit, text in (
        (
            rows,
            MAX_ROWS,
            N_(
                "{name} has {count} rows; at most {limit} can be read. Cut the area you need out "
                "of it first."
            ),
        ),
        (
            columns,
            MAX_COLUMNS,
            N_(
                "{name} has {count} columns; at most {limit} can be read. Leave out those that "
                "you do not need."
            ),
        ),
    ):
        if count > limit:
            raise InputError(sentence(text, name=name, count=f"{count:,}", limit=f"{limit:,}"))


def with_plain_coordinates(geometry: Objects) -> Objects:
    """Return the outlines with coordinates that all later steps can calculate with.

    Coordinates that are no numbers or lie beyond `MAX_COORDINATE` become infinite (unlike
    not-a-number, infinity equals itself, so rings stay closed); rows with such are then set aside.
    Those below `MIN_COORDINATE` become 0. So do heights: they are not used, and a ring that ends
    at another height than it began would come apart in another coordinate system.
    """
    import shapely

    has_z = shapely.has_z(geometry)
    size = np.abs(shapely.get_coordinates(geometry))
    absurd = np.zeros(len(geometry), dtype=bool)
    plain_ones = (size <= MAX_COORDINATE) & ((size >= MIN_COORDINATE) | (size == 0))
    if not plain_ones.all():
        _, owner = shapely.get_coordinates(geometry, return_index=True)
        absurd[owner[~plain_ones.all(axis=1)]] = True
    if not (has_z | absurd).any():
        return geometry

    def plain(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        size = np.abs(points)
        moved = np.where(size <= MAX_COORDINATE, points, np.inf)
        moved[size < MIN_COORDINATE] = 0.0
        moved[:, 2:] = 0.0
        return moved

    work = geometry.copy()
    for rows, include_z in ((has_z, True), (absurd & ~has_z, False)):
        if rows.any():
            work[rows] = shapely.transform(work[rows], plain, include_z=include_z)
    return work


def check_outlines(geometry: Objects, *, name: str) -> None:
    """Refuse outlines whose repair or overlay would take memory or time without bound.

    Parameters
    ----------
    geometry : ndarray of shapely geometries or None, shape (n,)
        As read, in any unit.

    Raises
    ------
    InputError
        Too many vertices, in all or in one outline; an outline that crosses itself too often;
        too many outlines on top of each other.

    Notes
    -----
    Crossings and stacks are estimated from the boxes of a seeded sample of `SAMPLE` edges or
    outlines, so the answer for the same file is always the same.
    """
    import shapely

    vertices = shapely.get_num_coordinates(geometry)
    total = int(vertices.sum(dtype=np.int64))
    if total > MAX_VERTICES:
        raise InputError(
            sentence(
                "{name} has {count} vertices; at most {limit} can be read. Cut the area you need "
                "out of it first.",
                name=name,
                count=f"{total:,}",
                limit=f"{MAX_VERTICES:,}",
            )
        )
    row = int(vertices.argmax()) if len(vertices) else 0
    if len(vertices) and vertices[row] > MAX_OUTLINE_VERTICES:
        raise InputError(
            sentence(
                "The outline in row {row} of {name} has {count} vertices; at most {limit} can be "
                "read. Simplify it in the source file.",
                row=row + 1,
                name=name,
                count=f"{int(vertices[row]):,}",
                limit=f"{MAX_OUTLINE_VERTICES:,}",
            )
        )
    _check_tangles(geometry, vertices=vertices, name=name)
    _check_stack(geometry, name=name)


def _check_tangles(geometry: Objects, *, vertices: npt.NDArray[np.int32], name: str) -> None:
    """Refuse outlines that cross themselves too often to be mended."""
    import shapely

    large = np.flatnonzero(vertices >= TANGLE_FROM_VERTICES)
    finite = np.isfinite(shapely.bounds(geometry[large])).all(axis=1)
    large = large[finite]
    crossings = 0.0
    for row in large[~shapely.is_valid(geometry[large])].tolist():
        here = _crossings(geometry[row])
        crossings += here
        if here > MAX_CROSSINGS or crossings > MAX_CROSSINGS_IN_ALL:
            raise InputError(
                sentence(
                    "The outline in row {row} of {name} crosses itself too often to be repaired. "
                    "Draw it again in the source file, or leave that row out.",
                    row=row + 1,
                    name=name,
                )
            )


def _crossings(outline: shapely.Geometry) -> float:
    """Return about how many pairs of an outline's edges have boxes that meet."""
    import shapely

    points = shapely.get_coordinates(outline)
    points = points[np.isfinite(points).all(axis=1)]
    edges = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    return _meeting_pairs(np.asarray(edges, dtype=object))


def _check_stack(geometry: Objects, *, name: str) -> None:
    """Refuse tables in which each outline meets the boxes of too many others."""
    import shapely

    present = geometry[~(shapely.is_missing(geometry) | shapely.is_empty(geometry))]
    pairs = _meeting_pairs(present)
    if pairs > MAX_STACK:
        raise InputError(
            sentence(
                "The outlines of {name} lie on top of each other, about {count} on every one. "
                "Export one layer of parcels, without copies.",
                name=name,
                count=f"{2 * pairs / len(present):,.0f}",
            )
        )


def _meeting_pairs(geometry: Objects) -> float:
    """Estimate the pairs whose boxes meet; fewer than `SAMPLE` are all asked."""
    import shapely

    n = len(geometry)
    if n < 2:
        return 0.0
    asked = geometry
    if n > SAMPLE:
        asked = geometry[np.random.default_rng(0).choice(n, SAMPLE, replace=False)]
    meetings = len(shapely.STRtree(geometry).query(asked)[0]) - len(asked)
    return meetings / len(asked) * n / 2

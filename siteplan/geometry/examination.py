"""Everything that is asked of a file's outlines, in one call and in the order that costs least."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.geometry.duplicates import same_shapes
from siteplan.geometry.gaps import GAP_MAX_WIDTH_M, Gaps, gaps
from siteplan.geometry.neighbours import overlaps
from siteplan.geometry.snapping import SNAP_TOLERANCE_M, Snapping, snapped
from siteplan.geometry.topology import topology
from siteplan.geometry.treatment import Clinic, treated

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.int64]
    Objects = npt.NDArray[np.object_]

COPY = "a copy of another row"
"""Why a row with the PNU and the shape of another one is set aside."""


@dataclass(frozen=True, eq=False)
class Examination:
    """What became of n outlines, and how the ones that are kept meet. Rows are those given.

    Parameters
    ----------
    geometry : ndarray of valid shapely (Multi)Polygons, shape (n_kept,)
        Treated, snapped, in the order of their rows.
    kept : ndarray of bool, shape (n,)
    set_aside : ndarray of str or None, shape (n,)
        Why a row was set aside: None just where it is kept.
    clinic : Clinic
    copy_of : ndarray of int, shape (n,)
        The row of which a row is a copy (PNU and shape); -1 for all others.
    same_shape : ndarray of int, shape (s, 2)
        Kept rows of one shape that are no copies, the smaller first.
    same_pnu : tuple of ndarray of int
        Kept rows of one PNU but other shapes, a group each.
    snapping : Snapping
        Of the kept rows, by their place among them.
    overlap_pairs, overlap_m2 : ndarray, shapes (m, 2) and (m,)
        Kept rows that overlap, and by how much.
    gaps : Gaps
        With `neighbours` as rows.
    """

    geometry: Objects
    kept: Bools
    set_aside: Objects
    clinic: Clinic
    copy_of: Integers
    same_shape: Integers
    same_pnu: tuple[Integers, ...]
    snapping: Snapping
    overlap_pairs: Integers
    overlap_m2: Floats
    gaps: Gaps


def examined(
    geometry: Objects,
    *,
    pnus: Sequence[str | None] | None = None,
    unclosed: Bools | None = None,
    curved: Bools | None = None,
    snap_tolerance_m: float = SNAP_TOLERANCE_M,
    gap_max_width_m: float = GAP_MAX_WIDTH_M,
    progress: Callable[[float], None] | None = None,
) -> Examination:
    """Treat outlines, set copies aside, snap neighbours, and look for overlaps and gaps.

    Parameters
    ----------
    geometry : ndarray of shapely geometries or None, shape (n,)
        In EPSG:5186.
    pnus : sequence of (str or None), optional
        PNU of each row; without any, no row is a copy.
    unclosed, curved : ndarray of bool, shape (n,), optional
        See `treated`.
    snap_tolerance_m, gap_max_width_m : float
        See `snapped` and `gaps`; 0 leaves either out.
    progress : callable, optional
        Told the share that is done, rising from 0 to 1.
    """
    told = progress or _nobody
    told(0.0)
    clinic = treated(geometry, unclosed=unclosed, curved=curved)
    told(0.35)
    rows = np.flatnonzero(clinic.kept)
    codes = _codes(pnus, rows=rows)
    first = same_shapes(clinic.geometry)
    copy, alike = _copies(first, codes=codes)
    copy_of = np.full(len(clinic.kept), -1, dtype=np.int64)
    copy_of[rows[copy]] = rows[first[copy]]
    set_aside = clinic.set_aside.copy()
    set_aside[rows[copy]] = COPY
    told(0.4)
    staying = clinic.geometry[~copy] if copy.any() else clinic.geometry
    net = topology(staying, rings=None if copy.any() else clinic.rings)
    with ThreadPoolExecutor(1) as pool:
        # Snapping changes few outlines; overlaps of those alone are looked for once more.
        early = pool.submit(overlaps, staying, net=net)
        snapping = snapped(staying, tolerance_m=snap_tolerance_m, net=net)
        told(0.65)
        final = snapping.geometry
        found = gaps(final, max_width_m=gap_max_width_m, net=snapping.net)
        told(0.8)
        pairs, overlap_m2 = _renewed(early.result(), final, changed=snapping.changed)
    told(1.0)
    rows, codes = rows[~copy], codes[~copy]
    kept = np.zeros(len(clinic.kept), dtype=bool)
    kept[rows] = True
    return Examination(
        geometry=final,
        kept=kept,
        set_aside=set_aside,
        clinic=clinic,
        copy_of=copy_of,
        same_shape=np.flatnonzero(clinic.kept)[alike],
        same_pnu=tuple(rows[group] for group in _groups_of(codes)),
        snapping=snapping,
        overlap_pairs=rows[pairs],
        overlap_m2=overlap_m2,
        gaps=Gaps(
            found.geometry,
            found.area_m2,
            found.places_m,
            tuple(rows[near] for near in found.neighbours),
        ),
    )


def _renewed(
    before: tuple[Integers, Floats], geometry: Objects, *, changed: Bools
) -> tuple[Integers, Floats]:
    """Return the overlaps after some outlines have changed."""
    import shapely

    if not changed.any():
        return before
    _, near = shapely.STRtree(geometry).query(geometry[changed])
    rows = np.unique(near)
    pairs, area_m2 = overlaps(geometry[rows])
    pairs = rows[pairs]
    now, still = changed[pairs].any(axis=1), ~changed[before[0]].any(axis=1)
    all_pairs = np.concatenate([before[0][still], pairs[now]])
    all_m2 = np.concatenate([before[1][still], area_m2[now]])
    order = np.lexsort((all_pairs[:, 1], all_pairs[:, 0]))
    return all_pairs[order], all_m2[order]


def _nobody(share: float) -> None:
    """Tell nobody."""
    del share


def _codes(pnus: Sequence[str | None] | None, *, rows: Integers) -> Integers:
    """Return a number for each PNU of these rows, -1 where there is none."""
    import pandas as pd

    if pnus is None:
        return np.full(len(rows), -1, dtype=np.int64)
    texts = np.array([text or None for text in pnus], dtype=object)[rows]
    codes: Integers = pd.factorize(texts)[0].astype(np.int64)
    return codes


def _copies(first: Integers, *, codes: Integers) -> tuple[Bools, Integers]:
    """Return which rows repeat shape and PNU of their first, and the other pairs of one shape."""
    repeats = np.flatnonzero(first != np.arange(len(first)))
    copy = np.zeros(len(first), dtype=bool)
    alike: list[tuple[int, int]] = []
    seen: dict[tuple[int, int], int] = {}
    for row in repeats.tolist():
        head = int(first[row])
        if codes[row] >= 0:
            seen.setdefault((head, int(codes[head])), head)
            twin = seen.setdefault((head, int(codes[row])), row)
            if twin != row:
                copy[row] = True
                first[row] = twin
                continue
        alike.append((head, row))
    return copy, np.array(alike, dtype=np.int64).reshape(-1, 2)


def _groups_of(codes: Integers) -> list[Integers]:
    """Return the places that share a number, a group each, in the order of their first place."""
    counts = np.bincount(codes[codes >= 0])
    shared = np.flatnonzero((codes >= 0) & (counts[codes] > 1)) if len(counts) else codes[:0]
    order = shared[np.argsort(codes[shared], kind="stable")]
    cuts = np.flatnonzero(np.diff(codes[order])) + 1
    return np.split(order, cuts) if len(order) else []

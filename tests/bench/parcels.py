"""Made-up parcels that look like a Seoul low-rise quarter, for timing only.

Blocks stand between streets. Each block is two rows of lots, back to back; the two rows are cut
in different places, so that lots meet in T-junctions, and every corner on a shared edge belongs
to both sides of it: the lots are a valid coverage. Corners are shifted, so hardly an angle is
right, and some neighbours are merged. Outlines, lot numbers and zones belong to no real place;
only the ground that they lie on is Yangjae's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from siteplan.io import read_context
from siteplan.parcels import Parcels

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]

MIDDLE_M = (203_150.0, 541_700.0)
"""Between Yangjae station and the Citizens' Forest, EPSG:5186."""

ACROSS = 9
"""Lots of a block's front row before merging; the back row, cut elsewhere, has one fewer."""

WIDTH_M, DEPTH_M = 13.5, 19.0
STREET_M, AVENUE_M = 7.0, 22.0
BLOCKS_BETWEEN_AVENUES = 6
TURN = np.deg2rad(-17.0)
MERGED = 0.07
"""Part of the neighbouring pairs that are merged into one lot."""

ZONES = (
    ("제1종일반주거지역", 0.15),
    ("제2종일반주거지역", 0.40),
    ("제3종일반주거지역", 0.18),
    ("준주거지역", 0.13),
    ("일반상업지역", 0.09),
    ("자연녹지지역", 0.05),
)
"""Zones by block and how often: a mix like that of the quarter's, not its map."""


def made_up_parcels(count: int, *, seed: int = 1) -> Parcels:
    """Return lot-like parcels with shared edges, and the shipped surroundings.

    Parameters
    ----------
    count : int
        Number of parcels.
    seed : int
        Equal seeds and counts give equal parcels.

    Returns
    -------
    Parcels
        In EPSG:5186, in a compact shape round `MIDDLE_M`; all verified and called official, as
        a land register would be, so that the map draws them the way it draws a register.
    """
    if count < 1:
        raise ValueError("count must be at least 1")
    random = np.random.default_rng(seed)
    blocks = _blocks(_blocks_for(count))
    lots, block = _lots(blocks, random=random)
    lots, block = _some_merged(lots, block, random=random)
    lots, block = lots[:count], block[:count]
    chosen = random.choice(len(ZONES), size=len(blocks), p=[part for _, part in ZONES])
    numbers = [f"{1 + b}-{1 + i % 9999}" for i, b in enumerate(block.tolist())]
    return Parcels(
        ids=tuple(f"lot-{row:05d}" for row in range(count)),
        geometry=lots,
        site_area_m2=np.round(shapely.area(lots), 1),
        zones=tuple(ZONES[kind][0] for kind in chosen[block].tolist()),
        zone_verified=np.ones(count, dtype=bool),
        evidence=("official",) * count,
        pnus=(None,) * count,
        jibuns=tuple(f"양재동 {number}" for number in numbers),
        names_ko=(None,) * count,
        names_en=(None,) * count,
        sources=("made up for timing",) * count,
        context=read_context(),
    )


def write_parcels(parcels: Parcels, path: Path) -> Path:
    """Write parcels as GeoParquet, or as GeoPackage by that ending, and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gpkg":
        parcels.frame.to_file(path, driver="GPKG", engine="pyogrio")
    else:
        parcels.frame.to_parquet(path)
    return path


def _blocks_for(count: int) -> int:
    """Return a number of blocks that holds `count` lots also after merging."""
    least = (2 * ACROSS - 1) * (1 - 2 * MERGED)
    return int(np.ceil(count / least)) + 1


def _blocks(count: int) -> Floats:
    """Return the south-western corner of each block, nearest to the middle first, (b, 2)."""
    reach = int(np.ceil(np.sqrt(count))) + 2
    step = np.arange(-reach, reach + 1)
    avenues_m = np.floor_divide(step, BLOCKS_BETWEEN_AVENUES) * (AVENUE_M - STREET_M)
    x_m = step * (ACROSS * WIDTH_M + STREET_M) + avenues_m
    y_m = step * (2 * DEPTH_M + STREET_M) + avenues_m
    corners = np.stack(np.meshgrid(x_m, y_m, indexing="ij"), axis=-1).reshape(-1, 2)
    far = np.hypot(corners[:, 0], corners[:, 1])
    nearest: Floats = corners[np.argsort(far, kind="stable")[:count]]
    return nearest


def _lots(
    blocks: Floats, *, random: np.random.Generator
) -> tuple[npt.NDArray[np.object_], Integers]:
    """Return the lots of all blocks, block by block, and the block of each.

    A block seen from above, its corners as they are numbered in `_corners`::

        n0      n1      n2      n3      n4      back row's street
        |       |       |       |       |
        m0--m1----m2--m3--m4--m5--m6---m7       where the two rows meet
        |   |         |       |         |
        s0  s1        s2      s3        s4      front row's street
    """
    corners, front, back = _corners(blocks, random=random)
    rings, of_lot = [], []
    for number, ring in enumerate((*front, *back)):
        rings.append(corners[:, ring].reshape(-1, 2))
        order = np.arange(len(blocks)) * (len(front) + len(back)) + number
        of_lot.append(np.repeat(order, len(ring)))
    coordinates, indices = np.concatenate(rings), np.concatenate(of_lot)
    order = np.argsort(indices, kind="stable")
    closed = shapely.linearrings(coordinates[order], indices=indices[order])
    lots = shapely.polygons(closed)
    return lots, np.repeat(np.arange(len(blocks)), len(front) + len(back))


def _corners(
    blocks: Floats, *, random: np.random.Generator
) -> tuple[Floats, list[list[int]], list[list[int]]]:
    """Return the corners of all blocks (b, c, 2), and the rings of both rows as corner numbers."""
    b = len(blocks)
    south = np.arange(ACROSS + 1.0)
    north = np.concatenate([[0.0], np.arange(1, ACROSS - 1) + 0.5, [float(ACROSS)]])
    south_cuts, north_cuts = (
        cuts + np.pad(random.uniform(-0.22, 0.22, (b, cuts.size - 2)), ((0, 0), (1, 1)))
        for cuts in (south, north)
    )
    # Where the rows meet, both rows' inner cuts stand in turn: s1 n1 s2 n2 .. s(last).
    inner = np.empty((b, south.size + north.size - 4))
    inner[:, 0::2], inner[:, 1::2] = south_cuts[:, 1:-1], north_cuts[:, 1:-1]
    meet_cuts = np.concatenate([south_cuts[:, :1], inner, south_cuts[:, -1:]], axis=1)
    along_m = np.concatenate([south_cuts, meet_cuts, north_cuts], axis=1) * WIDTH_M
    sizes = (south.size, meet_cuts.shape[1], north.size)
    across_m = np.broadcast_to(np.repeat([0.0, DEPTH_M, 2 * DEPTH_M], sizes), along_m.shape)
    corners = np.stack([along_m, across_m], axis=-1)
    corners = corners + random.uniform(-0.3, 0.3, corners.shape) + blocks[:, None, :]
    m, n = sizes[0], sizes[0] + sizes[1]

    def met(first: int, last: int, *, offset: int) -> list[int]:
        """Return the corners on the meeting line from one inner cut of a row to the next."""
        west = 0 if first == 0 else 1 + 2 * (first - 1) + offset
        final = sizes[offset * 2] - 1
        east = sizes[1] - 1 if last == final else 1 + 2 * (last - 1) + offset
        return [m + place for place in range(west, east + 1)]

    front = [[i, i + 1, *reversed(met(i, i + 1, offset=0))] for i in range(sizes[0] - 1)]
    back = [[*met(i, i + 1, offset=1), n + i + 1, n + i] for i in range(sizes[2] - 1)]
    return np.round(_on_the_ground(corners), 3), front, back


def _on_the_ground(local_m: Floats) -> Floats:
    """Bend the grid a little, turn it and put it in its place."""
    x_m, y_m = local_m[..., 0], local_m[..., 1]
    bent_x = x_m + 14.0 * np.sin(y_m / 310.0) + 5.0 * np.sin(x_m / 170.0)
    bent_y = y_m + 11.0 * np.sin(x_m / 370.0 + 1.0) + 4.0 * np.sin(y_m / 190.0)
    cos, sin = np.cos(TURN), np.sin(TURN)
    east = MIDDLE_M[0] + bent_x * cos - bent_y * sin
    north = MIDDLE_M[1] + bent_x * sin + bent_y * cos
    return np.stack([east, north], axis=-1)


def _some_merged(
    lots: npt.NDArray[np.object_], block: Integers, *, random: np.random.Generator
) -> tuple[npt.NDArray[np.object_], Integers]:
    """Merge some lots with the next one of their row; the next one goes."""
    per_block = 2 * ACROSS - 1
    place = np.arange(len(lots)) % per_block
    last = np.isin(place, (ACROSS - 1, per_block - 1))
    merge = (random.uniform(size=len(lots)) < MERGED) & ~last
    # A lot that is merged into the one before it starts no merger of its own.
    merge[1:] &= ~merge[:-1]
    first = np.flatnonzero(merge)
    joined = lots.copy()
    joined[first] = shapely.union(lots[first], lots[first + 1])
    kept: Bools = np.ones(len(lots), dtype=bool)
    kept[first + 1] = False
    return joined[kept], block[kept]

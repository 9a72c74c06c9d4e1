"""Outline massing: floors, footprint and height that hold a parcel's FAR area.

A first picture, not a design: the footprint takes the BCR limit of the part available, floors
follow, and the footprint is then what the floors need.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Massing:
    """Outline of what stands on each parcel, n of them.

    Parameters
    ----------
    floors : ndarray of int, shape (n,)
        Floors above ground, 0 where nothing is placed.
    footprint_m2, height_m : ndarray of float, shape (n,)
    """

    floors: npt.NDArray[np.int64]
    footprint_m2: Floats
    height_m: Floats


def massing_of(
    use_far_area_m2: Floats,
    *,
    site_area_m2: Floats,
    available_pct: Floats,
    bcr_limit_pct: Floats,
    storey_height_m: tuple[float, ...],
) -> Massing:
    """Return floors, footprint and height of each parcel.

    Parameters
    ----------
    use_far_area_m2 : ndarray, shape (n, k)
        FAR area by use.
    site_area_m2, available_pct, bcr_limit_pct : ndarray, shape (n,)
    storey_height_m : tuple of float, length k
        Height of a storey by use; a parcel's height is floors times their mean by FAR area.
    """
    far_area_m2 = use_far_area_m2.sum(axis=1)
    built = far_area_m2 > 0
    ground_m2 = np.where(built, site_area_m2 * available_pct / 100 * bcr_limit_pct / 100, 1.0)
    # The tolerance keeps 3.0000000001 floors from becoming four.
    floors = np.where(built, np.ceil(far_area_m2 / ground_m2 - 1e-9), 0).astype(np.int64)
    floors = np.where(built, np.maximum(floors, 1), 0)
    footprint_m2 = np.where(built, far_area_m2 / np.maximum(floors, 1), 0.0)
    mean_storey_m = np.where(
        built, use_far_area_m2 @ np.array(storey_height_m) / np.where(built, far_area_m2, 1), 0.0
    )
    return Massing(
        floors=floors, footprint_m2=footprint_m2, height_m=floors.astype(np.float64) * mean_storey_m
    )

"""Small coverages, perfect and spoilt, for the tests of neighbours."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from tests.nasty import X, Y


def lots(columns: int, lines: int, *, seed: int, size_m: float = 12.0) -> NDArray[np.object_]:
    """Return a perfect coverage: a grid whose corners are shifted, some lots cut in two."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(columns + 1.0), np.arange(lines + 1.0), indexing="ij")
    corners = np.stack([x, y], axis=-1) * size_m + rng.uniform(-3, 3, (columns + 1, lines + 1, 2))
    corners += (X, Y)
    found = []
    for i in range(columns):
        for j in range(lines):
            a, b, c, d = corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1]
            whole = shapely.Polygon([a, b, c, d])
            if rng.uniform() < 0.3:
                found += [shapely.Polygon([a, b, c]), shapely.Polygon([a, c, d])]
            else:
                found.append(whole)
    return np.array(found, dtype=object)


def jittered(geometry: NDArray[np.object_], *, reach_m: float, seed: int) -> NDArray[np.object_]:
    """Return outlines whose every corner strays by up to `reach_m`, each outline by itself."""
    rng = np.random.default_rng(seed)
    points, ring = shapely.get_coordinates(geometry, return_index=True)
    angle, way_m = rng.uniform(0, 2 * np.pi, len(points)), rng.uniform(0, reach_m, len(points))
    points = points + np.stack([np.cos(angle), np.sin(angle)], axis=1) * way_m[:, None]
    first = np.flatnonzero(np.concatenate([[True], ring[1:] != ring[:-1]]))
    last = np.concatenate([first[1:], [len(points)]]) - 1
    points[last] = points[first]
    return np.asarray(shapely.set_coordinates(geometry.copy(), points))

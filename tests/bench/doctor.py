"""Reading, checking and repairing a cadastral file against the bare read of the same file.

``python -m tests.bench.doctor SIZE RUNS`` prints one size as JSON. The steps run in turns in one
process; peak memory is taken from processes that do nothing but the bare read, or the whole.
Each size comes as a sound file, and as one in which a lot in a thousand is spoilt.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.figures import ROOT, Figure, compared, python, run_timed, timed

PART = "Cadastral doctor"
AIM = 2.5
BARE, WHOLE = "pyogrio.read_dataframe", "siteplan: read, check and repair"
EXAMINE = "of it: outlines and neighbours"
FILES = {"sound": False, "one lot in 1,000 spoilt": True}
NAME = "LSMD_CONT_LDREG_11650_202611.shp"
LETTERS = ("대", "전", "답", "도", "구")


def doctor_figures(*, sizes: tuple[int, ...], runs: int) -> list[Figure]:
    """Time the whole at each size."""
    figures = []
    for size in sizes:
        arguments = ("-m", "tests.bench.doctor", str(size), str(runs))
        answer = subprocess.run(
            python(*arguments), cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        )
        figures += [
            Figure(**{**found, "runs_s": tuple(found["runs_s"])})
            for found in json.loads(answer.stdout)
        ]
    return figures


def write_cadastre(count: int, folder: Path, *, spoilt: bool = True) -> Path:
    """Write made-up lots as the national download has them; return the path of the .shp.

    A Shapefile in EPSG:5186, its text in CP949 without a .cpg, rings clockwise. Where it is
    `spoilt`, one lot in a thousand is so in turn: a bow-tie, a repeated point, a spike, a corner
    1 cm astray, and the same row twice.
    """
    import geopandas as gpd
    import shapely

    from tests.bench.parcels import made_up_parcels

    lots = made_up_parcels(count).geometry.copy()
    for turn, row in enumerate(range(500, count - 1, 1_000) if spoilt else ()):
        points = shapely.get_coordinates(lots[row])[:-1]
        kind = turn % 5
        if kind == 0:
            points[[1, 2]] = points[[2, 1]]
        elif kind == 1:
            points = np.insert(points, 1, points[1], axis=0)
        elif kind == 2:
            points = np.insert(points, 1, [points[0] - (0.0, 8.0), points[0]], axis=0)
        elif kind == 3:
            points[1] += (0.007, -0.007)
        lots[row] = lots[row + 1] if kind == 4 else shapely.Polygon(points)
    number = np.arange(count)
    if spoilt:
        number[list(range(4_500, count - 1, 5_000))] += 1
    frame = gpd.GeoDataFrame(
        {
            "PNU": [f"1165010200{1}{1 + n // 50:04d}{n % 50:04d}" for n in number.tolist()],
            "JIBUN": [f"{1 + n // 50}-{n % 50}{LETTERS[n % 5]}" for n in number.tolist()],
            "BCHK": "1",
            "SGG_OID": number,
            "COL_ADM_SE": "11650",
        },
        geometry=lots,
        crs=5186,
    )
    path = folder / NAME
    frame.to_file(path, encoding="cp949", engine="pyogrio")
    path.with_suffix(".cpg").unlink()
    return path


def bare(path: Path) -> object:
    """Read the file and do nothing else."""
    import pyogrio

    return pyogrio.read_dataframe(path)


def whole(path: Path) -> object:
    """Read, check and repair, as ``siteplan check`` does."""
    from siteplan.io.parcels import read_parcels_report

    return read_parcels_report(path, context=None)


def size_figures(size: int, *, runs: int) -> list[Figure]:
    """Time one size, sound and spoilt."""
    figures = []
    for kind, spoilt in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = write_cadastre(size, Path(folder), spoilt=spoilt)
            figures += _file_figures(path, size=size, runs=runs, kind=kind)
    return figures


def _file_figures(path: Path, *, size: int, runs: int, kind: str) -> list[Figure]:
    """Time one file, the ways taking turns."""
    from siteplan.geometry import examined

    frame: Any = bare(path)
    outlines = np.asarray(frame.geometry.array, dtype=object)
    pnus = frame["PNU"].tolist()
    ways: dict[str, Callable[[], object]] = {
        BARE: lambda: bare(path),
        WHOLE: lambda: whole(path),
        EXAMINE: lambda: examined(outlines, pnus=pnus),
    }
    for way in ways.values():  # once each, so that files and code are at hand
        way()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            taken[name].append(timed(way))
    peaks_mb = {
        BARE: run_timed(python("-m", "tests.bench.doctor", "bare", str(path)))[1],
        WHOLE: run_timed(python("-m", "tests.bench.doctor", "whole", str(path)))[1],
    }
    return [
        replace(
            figure,
            aim=AIM if figure.what == WHOLE else None,
            peak_mb=peaks_mb.get(figure.what),
            note=kind,
        )
        for figure in compared(taken, base=BARE, part=PART, size=size)
    ]


def main(arguments: list[str]) -> None:
    """Print one size as JSON, or do one way once for its memory."""
    first, second = arguments
    if first in ("bare", "whole"):
        {"bare": bare, "whole": whole}[first](Path(second))
        return
    fields = tuple(Figure.__dataclass_fields__)
    found = [
        {field: getattr(figure, field) for field in fields}
        for figure in size_figures(int(first), runs=int(second))
    ]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])

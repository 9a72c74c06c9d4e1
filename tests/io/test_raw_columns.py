"""Shapefiles read through Arrow come out as GDAL reads them row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from siteplan.io.dbf_text import decoded_frame
from siteplan.io.encoding import RAW
from siteplan.io.raw_columns import read_raw, recoded, samples_of


def written(folder: Path, *, encoding: str, **columns: Any) -> Path:
    count = len(next(iter(columns.values())))
    squares = shapely.box(range(count), [0] * count, range(1, count + 1), [1] * count)
    frame = gpd.GeoDataFrame(columns, geometry=squares, crs=5186)
    path = folder / "lots.shp"
    frame.to_file(path, encoding=encoding, engine="pyogrio")
    path.with_suffix(".cpg").unlink()
    return path


def both(path: Path) -> tuple[gpd.GeoDataFrame | None, gpd.GeoDataFrame]:
    info = pyogrio.read_info(path, encoding=RAW)
    arrow = read_raw(path, info=info, on_invalid="ignore", least_rows=1)
    return arrow, pyogrio.read_dataframe(path, encoding=RAW, on_invalid="ignore")


@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_frame_is_that_of_the_other_way(tmp_path: Path, encoding: str, count: int) -> None:
    path = written(
        tmp_path,
        encoding=encoding,
        JIBUN=[f"{n + 1}-{n}대" for n in range(count)],
        NOTE=["양재동" if n % 3 else None for n in range(count)],
        CODE=["11650"] * count,
        N=list(range(count)),
        AREA=[n + 0.25 for n in range(count)],
    )
    arrow, other = both(path)
    assert arrow is not None
    assert list(arrow.columns) == list(other.columns)
    for name in other.columns:  # older pandas keeps text as objects, so types may differ
        assert arrow[name].isna().tolist() == other[name].isna().tolist()
        filled = other[name].notna()
        assert arrow[name][filled].tolist() == other[name][filled].tolist()
    assert arrow.crs == other.crs
    one, two = (decoded_frame(frame, path=path, encoding=None) for frame in (arrow, other))
    assert one[1:] == two[1:]
    assert one[0]["JIBUN"].tolist() == [f"{n + 1}-{n}대" for n in range(count)]
    assert one[0]["NOTE"].isna().tolist() == [n % 3 == 0 for n in range(count)]


def test_integers_with_gaps_and_names_beyond_ascii_go_the_other_way(tmp_path: Path) -> None:
    gappy = written(
        tmp_path, encoding="cp949", N=pd.array([1, None], dtype="Int64"), A=["가", "나"]
    )
    assert both(gappy)[0] is None
    named = written(tmp_path, encoding="cp949", 지번=["1", "2"])
    assert both(named)[0] is None


def test_a_file_cut_short_goes_the_other_way(tmp_path: Path) -> None:
    path = written(tmp_path, encoding="cp949", A=["가"] * 50)
    info = pyogrio.read_info(path, encoding=RAW)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    frame = read_raw(path, info={**info, "features": 51}, on_invalid="ignore", least_rows=1)
    assert frame is None


def test_a_value_that_cannot_be_decoded_is_left_to_the_careful_way() -> None:
    raw = pd.Series(["가".encode("cp949").decode(RAW), "\x80"], dtype="str")
    assert recoded(raw, encoding="cp949") is None


def test_a_line_feed_in_a_value_is_left_to_the_careful_way() -> None:
    raw = pd.Series(["\xb0\xa1\n", "1"], dtype="str")
    assert recoded(raw, encoding="cp949") is None


def test_samples_are_distinct_in_order_and_spread_evenly() -> None:
    texts = [chr(code) for code in range(255, 127, -1)]
    column = pd.Series([*texts, *texts, "plain", None], dtype="string[pyarrow]")
    assert samples_of([column], most=1000) == [bytes([code]) for code in range(128, 256)]
    assert samples_of([column, column], most=64) == [bytes([code]) for code in range(128, 256, 2)]

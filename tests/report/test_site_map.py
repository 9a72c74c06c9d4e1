"""Maps on paper: names apart from each other, distances true to the scale that is told."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.maps.style import colours
from siteplan.report import PAPERS
from siteplan.report.labels import Box, Name, placed, text_width_mm
from siteplan.report.sheet import Sheet
from siteplan.report.site_map import lot_tag, site_map, site_window
from siteplan.report.window import scale_bar, window_round
from tests.browser.apps.grid import grid_parcels, grid_plan

FRAME = Box(0, 0, 180, 120)


@given(
    spots=st.lists(st.tuples(st.floats(0, 180), st.floats(0, 120)), max_size=60),
    texts=st.lists(st.sampled_from(["1 · 223", "양재동 산12-3", "Y2-E1-04"]), min_size=60),
)
def test_no_name_lies_over_another_or_leaves_the_frame(
    spots: list[tuple[float, float]], texts: list[str]
) -> None:
    names = [Name(text, *at, size_mm=2.5) for text, at in zip(texts, spots, strict=False)]
    taken = Box(0, 100, 40, 120)
    found = placed(names, frame=FRAME, taken=[taken])
    boxes = [place.box for place in found if place is not None]
    assert all(box.within(FRAME) and not box.meets(taken) for box in boxes)
    assert not any(one.meets(other) for one, other in itertools.combinations(boxes, 2))
    for place in found:
        if place is not None:
            width_mm = text_width_mm(place.name.text, size_mm=2.5)
            assert place.box.east - place.box.west >= width_mm


def test_a_name_with_room_stays_on_its_spot() -> None:
    (place,) = placed([Name("223", 90, 60, size_mm=2.5)], frame=FRAME)
    assert place is not None
    assert not place.moved
    assert place.middle == pytest.approx((90, 60))


def test_names_on_one_spot_step_aside_the_weightiest_stays() -> None:
    found = placed([Name("223", 90, 60, size_mm=2.5)] * 6, frame=FRAME)
    assert [place.moved for place in found if place is not None] == [False] + [True] * 5


def test_a_name_without_room_is_told() -> None:
    assert placed([Name("223", 2, 2, size_mm=2.5)], frame=Box(0, 0, 3, 3)) == [None]


@given(
    west=st.floats(200_000, 205_000),
    wide_m=st.floats(1, 30_000),
    high_m=st.floats(1, 30_000),
    width_mm=st.floats(60, 380),
)
def test_the_whole_ground_is_on_the_map_at_the_scale_told(
    west: float, wide_m: float, high_m: float, width_mm: float
) -> None:
    box = (west, 540_000.0, west + wide_m, 540_000.0 + high_m)
    window = window_round(box, width_mm=width_mm, most_height_mm=200)
    corners = window.project(np.array([[box[0], box[1]], [box[2], box[3]]]))
    assert (corners >= -1e-6).all()
    assert (corners <= np.array([window.width_mm, window.height_mm]) + 1e-6).all()
    across_mm, up_mm = corners[1] - corners[0]
    assert across_mm == pytest.approx(wide_m * 1000 / window.scale, abs=1e-6)
    assert -up_mm == pytest.approx(high_m * 1000 / window.scale, abs=1e-6)


@pytest.mark.parametrize("wide_m", [80, 700, 2_400, 9_000])
def test_the_scale_bar_is_as_long_as_it_says(wide_m: float) -> None:
    window = window_round((0, 0, wide_m, wide_m), width_mm=178, most_height_mm=200)
    bar = scale_bar(window)
    told = re.search(r">([\d,]+) m<", bar)
    drawn = re.findall(
        r'<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="1.2" fill="none"', bar
    )
    assert told is not None
    bar_m = float(told[1].replace(",", ""))
    assert float(drawn[0]) == pytest.approx(bar_m * 1000 / window.scale, abs=0.01)


@pytest.mark.parametrize("count", [16, 100])
def test_each_lot_used_carries_its_number_or_is_counted(count: int) -> None:
    # Many lots carry their number alone, and those without room are told in the caption.
    parcels = grid_parcels(count)
    plan = grid_plan(parcels, total_m2=4_000 * count)
    sheet = Sheet(plan, "en", PAPERS["a4"], "t", dt.date(2026, 11, 28))
    window = site_window(sheet, width_mm=90, most_height_mm=70)
    drawn = site_map(sheet, colours(plan, lang="en"), window=window)
    used = int((plan.parcel_gfa_m2 > 0).sum())
    tags = {lot_tag(sheet, row) for row in sheet.used_rows}
    shown = set(re.findall(r">([^<]+)</text>", drawn)) & tags
    left_out = re.search(r"(\d+) parcels have no room", drawn)
    assert len(shown) + (int(left_out[1]) if left_out else 0) == used
    assert len(shown) > 5


def test_a_lot_is_called_by_its_number_without_its_place() -> None:
    lots = ("양재동 223", "양재동 산 12-3", None, "223-1")
    parcels = replace(grid_parcels(4), jibuns=lots)
    sheet = Sheet(grid_plan(parcels), "ko", PAPERS["a4"], "t", dt.date(2026, 11, 28))
    assert [sheet.lot(row) for row in range(4)] == ["223", "산 12-3", "lot-2", "223-1"]

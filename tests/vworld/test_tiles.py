"""Boxes cut into tiles: exact cover, within the service's limits."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteplan.errors import InputError
from siteplan.io.vworld.areas import DONGS, MAX_PNUS, parsed_area
from siteplan.io.vworld.tiles import (
    MAX_SIDE_DEGREES,
    MAX_TILE_M2,
    MIN_SIDE_DEGREES,
    UNITS_PER_DEGREE,
    Box,
    count_tiles,
    quarters,
    tiles,
)


@st.composite
def boxes(draw: st.DrawFn, *, most: float = 0.06) -> Box:
    west, south = draw(st.floats(124.5, 131.9)), draw(st.floats(33.0, 38.6))
    wide, high = draw(st.floats(1e-6, most)), draw(st.floats(1e-6, most))
    return Box(west, south, west + wide, south + high)


def units(box: Box) -> list[int]:
    return [round(side * UNITS_PER_DEGREE) for side in (box.west, box.south, box.east, box.north)]


def units_area(box: Box) -> int:
    west, south, east, north = units(box)
    return (east - west) * (north - south)


def shape(box: Box) -> shapely.Geometry:
    drawn: shapely.Geometry = shapely.box(*units(box))
    return drawn


@given(box=boxes())
def test_tiles_cover_the_box_exactly(box: Box) -> None:
    cut = tiles(box)
    assert len(cut) == count_tiles(box)
    assert shapely.union_all([shape(tile) for tile in cut]).equals(shape(box))
    assert sum(units_area(tile) for tile in cut) == units_area(box)  # so none overlap


@given(box=boxes())
def test_tiles_are_within_the_limits(box: Box) -> None:
    for tile in tiles(box):
        west, south, east, north = units(tile)
        assert 0 < east - west <= MAX_SIDE_DEGREES * UNITS_PER_DEGREE
        assert 0 < north - south <= MAX_SIDE_DEGREES * UNITS_PER_DEGREE
        assert tile.area_m2 <= MAX_TILE_M2


@given(box=boxes())
def test_quarters_cover_their_box_or_there_are_none(box: Box) -> None:
    cut = quarters(box)
    if min(box.east - box.west, box.north - box.south) < 2 * MIN_SIDE_DEGREES:
        assert cut == []
    else:
        assert len(cut) == 4
        assert shapely.union_all([shape(tile) for tile in cut]).equals(shape(box))


@given(box=boxes())
def test_the_text_of_a_box_is_its_numbers(box: Box) -> None:
    assert Box(*(float(side) for side in str(box).split(","))) == box
    assert "e" not in str(box)


def test_area_of_a_known_box() -> None:
    # 0.01° of latitude is 1111.95 m on the mean sphere; of longitude cos(37.465°) times that.
    assert Box(127.03, 37.46, 127.04, 37.47).area_m2 == pytest.approx(
        1111.95**2 * 0.79372, rel=1e-4
    )


class TestAreas:
    def test_dongs_by_code_and_name(self) -> None:
        assert parsed_area("양재동, 1165010300").dongs == tuple(DONGS)
        assert parsed_area(["1165010200", "Yangjae-dong"]).dongs == ("1165010200",)

    def test_a_box_as_text_and_as_numbers(self) -> None:
        box = Box(127.03, 37.46, 127.04, 37.47)
        assert parsed_area("127.03,37.46,127.04,37.47").box == box
        assert parsed_area((127.03, 37.46, 127.04, 37.47)).box == box

    def test_pnus_once_each_and_not_beside_their_dong(self) -> None:
        pnu, other = "1165010200102230000", "1165010300101410000"
        assert parsed_area(f"{pnu}\n{other} {pnu}").pnus == (pnu, other)
        mixed = parsed_area(f"{pnu} {other} 1165010200")
        assert (mixed.dongs, mixed.pnus) == (("1165010200",), (other,))

    @pytest.mark.parametrize(
        ("wish", "said"),
        [
            ("", "Nothing is asked for"),
            ("  ,\n", "Nothing is asked for"),
            ("양재3동", "no dong code"),
            ("116501020", "no dong code"),
            ("1165010200002230000", "the eleventh 1 or 2"),  # the buildings register's 0
            ("1.16501020010223e18", "no dong code"),
            ("37.46,127.03,37.47,127.04", "longitude first"),
            ("127.04,37.46,127.03,37.47", "no box in Korea"),
            ("127.03,37.46,127.03,37.47", "no box in Korea"),
            ("127.03,37.46,127.030000001,37.47", "no box in Korea"),
            ("0,0,1,1", "no box in Korea"),
            ("126,36,128,38", "would take"),
            (" ".join(f"11650102001{n:08}" for n in range(MAX_PNUS + 1)), "more than 1000"),
        ],
    )
    def test_what_cannot_be_asked_for_gets_a_sentence(self, wish: str, said: str) -> None:
        with pytest.raises(InputError, match=said):
            parsed_area(wish)

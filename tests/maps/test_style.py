"""Colours of the map: each parcel in the class that its figures call for, each class in words."""

from __future__ import annotations

import colorsys
import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.evaluation import Plan
from siteplan.maps.classes import Apart, classed, sequence
from siteplan.maps.looks import Swatch
from siteplan.maps.style import (
    CLOSED,
    COLOUR_BYS,
    GROUND,
    USE_COLOURS,
    ZONE_COLOURS,
    MapStyle,
    area_text,
    colour_choices,
    colours,
)
from siteplan.rules import LEGAL_ZONES
from siteplan.uses import USES
from tests.browser.apps.grid import grid_parcels, grid_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return grid_plan(grid_parcels(60))


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("colour_by", COLOUR_BYS)
class TestEveryColouring:
    def test_each_parcel_has_a_swatch(self, plan: Plan, colour_by: str, lang: str) -> None:
        style = colours(plan, colour_by=colour_by, lang=lang)
        assert style.index.shape == (len(plan.parcels),)
        assert style.index.dtype == np.uint8
        assert style.index.max() < len(style.palette)

    def test_each_class_on_the_map_has_words(self, plan: Plan, colour_by: str, lang: str) -> None:
        style = colours(plan, colour_by=colour_by, lang=lang)
        assert set(style.index.tolist()) <= {entry.swatch for entry in style.legend}
        assert all(entry.text for entry in style.legend)
        assert style.title == colour_choices(lang=lang)[colour_by]


def test_use_is_the_one_with_most_floor_area(plan: Plan) -> None:
    style = colours(plan, colour_by="use", lang="en")
    for row, use in enumerate(plan.dominant_use):
        fill = style.palette[style.index[row]].fill
        assert (fill == USE_COLOURS[use]) if use else (fill not in USE_COLOURS.values())


def test_legend_of_uses_tells_the_totals(plan: Plan) -> None:
    legend = colours(plan, colour_by="use", lang="en").legend
    told = [int(e.note.partition(" m²")[0].replace(",", "")) for e in legend[: len(USES)]]
    assert told == plan.uses_gfa_m2.tolist()


def test_legend_of_uses_tells_where_their_colour_is_and_where_it_is_not(plan: Plan) -> None:
    gfa_m2 = np.zeros_like(plan.gfa_m2)
    gfa_m2[0] = [60, 0, 0, 40]
    gfa_m2[1] = [60, 0, 40, 0]
    gfa_m2[2] = [10, 0, 90, 0]
    mixed = dataclasses.replace(plan, gfa_m2=gfa_m2)
    assert [entry.note for entry in colours(mixed, lang="en").legend[: len(USES)]] == [
        "130 m² · main use on 2 parcels",
        "0 m²",
        "130 m² · main use on 1 parcel",
        "40 m² · with other uses on 1 parcel",
    ]
    culture = colours(mixed, lang="ko").legend[USES.index("culture")]
    assert culture.note == "40 m² (12평) · 다른 용도와 함께 1필지"


def test_parcels_without_part_are_quieter(plan: Plan) -> None:
    style = colours(plan, colour_by="use", lang="en")
    opacity = np.array([style.palette[swatch].opacity for swatch in style.index])
    used = plan.parcel_gfa_m2 > 0
    left_out = plan.capacity.available_pct == 0
    assert left_out.any()
    assert opacity[left_out].max() < opacity[~used & ~left_out].min() < opacity[used].min()


def test_use_that_is_not_allowed_has_no_score_class(plan: Plan) -> None:
    allowed = plan.capacity.allowed.copy()
    allowed[3] = False
    shut = dataclasses.replace(plan, capacity=dataclasses.replace(plan.capacity, allowed=allowed))
    style = colours(shut, colour_by="score:housing", lang="en")
    words = {entry.swatch: entry.text for entry in style.legend}
    assert words[int(style.index[3])] == "Use not allowed"


def test_utilisation_classes_are_steps_of_twenty_percent(plan: Plan) -> None:
    style = colours(plan, colour_by="utilisation", lang="en")
    used = plan.parcel_gfa_m2 > 0
    steps = np.minimum(plan.utilisation_pct[used] // 20, 4)
    assert style.index[used].tolist() == steps.tolist()


def test_mixed_parcels_are_striped_with_their_second_use(plan: Plan) -> None:
    gfa_m2 = np.zeros_like(plan.gfa_m2)
    gfa_m2[0] = [100, 0, 0, 0]
    gfa_m2[1] = [96, 4, 0, 0]  # 4 % do not count
    gfa_m2[2] = [60, 0, 40, 0]
    gfa_m2[3] = [30, 50, 20, 0]
    style = colours(dataclasses.replace(plan, gfa_m2=gfa_m2), colour_by="mix", lang="en")
    looks = [style.palette[swatch] for swatch in style.index.tolist()[:5]]
    words = {entry.swatch: entry for entry in style.legend}
    told = [words[swatch].text for swatch in style.index.tolist()[:4]]
    assert told == [
        "Research alone",
        "Research alone",
        "Research, then Housing",
        "Campus, then Research and more",
    ]
    assert [look.hatch for look in looks] == [None, None, "stripes", "grid", None]
    assert (looks[2].fill, looks[2].ink) == (USE_COLOURS["research"], USE_COLOURS["housing"])
    assert (looks[3].fill, looks[3].ink) == (USE_COLOURS["campus"], USE_COLOURS["research"])
    assert words[int(style.index[0])].note == "2 parcels, 200 m²"


def test_mix_counts_every_m2_once(plan: Plan) -> None:
    style = colours(plan, colour_by="mix", lang="en")
    notes = [entry.note.partition(", ")[2] for entry in style.legend]
    areas_m2 = [int(note.removesuffix(" m²").replace(",", "")) for note in notes if note]
    assert sum(areas_m2) == plan.total_gfa_m2


@pytest.mark.parametrize(
    ("floors", "text"),
    [(1, "1–3 floors"), (3, "1–3 floors"), (4, "4–7 floors"), (24, "15–24 floors"),
     (25, "25 floors or more"), (80, "25 floors or more")],
)  # fmt: skip
def test_storeys_fall_into_their_class(plan: Plan, floors: int, text: str) -> None:
    used = int(np.flatnonzero(plan.parcel_gfa_m2)[0])
    storeys = plan.massing.floors.copy()
    storeys[used] = floors
    massing = dataclasses.replace(plan.massing, floors=storeys)
    style = colours(dataclasses.replace(plan, massing=massing), colour_by="floors", lang="en")
    assert {entry.swatch: entry.text for entry in style.legend}[int(style.index[used])] == text


def test_a_criterion_shows_its_value_and_says_where_it_is_unknown(plan: Plan) -> None:
    value = np.linspace(0, 1, len(plan.parcels))
    known = dataclasses.replace(plan.suitability, value={"station": value})
    told = dataclasses.replace(plan, suitability=known)
    style = colours(told, colour_by="criterion:station", lang="en")
    assert style.index.tolist() == np.minimum(value // 0.2, 4).astype(int).tolist()
    words = [entry.text for entry in style.legend]
    assert words == ["0–20", "20–40", "40–60", "60–80", "80–100"]  # as suitability is told
    assert "of 100" in style.remark
    blank = colours(told, colour_by="criterion:ai_hub", lang="en")
    assert [entry.text for entry in blank.legend][-1] == "Surroundings not known"
    assert len(set(blank.index.tolist())) == 1


@given(st.lists(st.integers(2026, 2045), min_size=1, max_size=12, unique=True))
def test_classes_of_years_get_one_step_each(years: list[int]) -> None:
    years.sort()
    value = np.array([*years, 0])
    none = np.zeros(len(value), dtype=np.uint8)
    none[-1] = 1
    style = classed(
        value,
        edges=[year - 0.5 for year in years[1:]],
        texts=[str(year) for year in years],
        apart=Apart(none, (Swatch(CLOSED),), ("Not built",)),
        colour_by="phase",
        title="Phase",
        lang="en",
    )
    words = {entry.swatch: entry.text for entry in style.legend}
    assert [words[swatch] for swatch in style.index.tolist()] == [*map(str, years), "Not built"]


def test_a_sequence_grows_darker() -> None:
    brightness = [channels(swatch.fill).sum() for swatch in sequence(9)]
    assert all(np.diff(brightness) < 0)


def test_unknown_colouring_names_the_ones_that_exist(plan: Plan) -> None:
    with pytest.raises(ValueError, match="utilisation"):
        colours(plan, colour_by="price")


def test_areas_are_told_in_pyeong_in_korean_only() -> None:
    assert area_text(4000, lang="ko") == "4,000 m² (1,210평)"
    assert area_text(4000, lang="en") == "4,000 m²"


def channels(colour: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def linear(colour: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    c = channels(colour)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


# Viénot, Brettel & Mollon 1999: what a dichromat sees, in linear RGB.
DICHROMATS = {
    "protan": np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]),
    "deutan": np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]),
}


@pytest.mark.parametrize("kind", DICHROMATS)
def test_uses_stay_apart_for_colour_blind_eyes(kind: str) -> None:
    seen = [DICHROMATS[kind] @ linear(colour) for colour in USE_COLOURS.values()]
    for one, other in itertools.combinations(seen, 2):
        assert np.abs(one - other).max() > 0.07


def zoned(plan: Plan, *names: str | None) -> MapStyle:
    zones = (*names, *[None] * (len(plan.parcels) - len(names)))
    capacity = dataclasses.replace(plan.capacity, zones=zones)
    return colours(dataclasses.replace(plan, capacity=capacity), colour_by="zone", lang="ko")


def test_zones_have_the_colours_of_korean_planning_maps() -> None:
    assert set(ZONE_COLOURS) == set(LEGAL_ZONES)
    hues = {"주거": (20, 60), "상업": (335, 350), "공업": (255, 275), "녹지": (95, 145)}
    for kind, (low, high) in hues.items():
        for zone, colour in ZONE_COLOURS.items():
            if kind in zone:
                assert low <= colorsys.rgb_to_hsv(*channels(colour))[0] * 360 <= high


@pytest.mark.parametrize("kind", ["주거", "상업", "공업", "녹지", "관리"])
def test_denser_zones_are_darker_step_by_step(kind: str) -> None:
    light = [0.2126, 0.7152, 0.0722] @ np.array(
        [linear(colour) for zone, colour in ZONE_COLOURS.items() if kind in zone]
    ).T
    assert (light[1:] / light[:-1] < 0.93).all()


def test_a_zone_keeps_its_colour_whatever_else_is_there(plan: Plan) -> None:
    style = zoned(plan, "유통상업지역", "유통상업지역", "준주거지역")
    fills = [style.palette[swatch].fill for swatch in style.index[:3].tolist()]
    assert fills == [ZONE_COLOURS[z] for z in ("유통상업지역", "유통상업지역", "준주거지역")]
    alone = zoned(plan, "준주거지역")
    assert alone.palette[alone.index[0]].fill == ZONE_COLOURS["준주거지역"]
    assert style.legend[-1].text == "용도지역 모름"


def test_wordings_and_zones_that_the_law_does_not_name_stay_apart(plan: Plan) -> None:
    plain, remark = "제2종일반주거지역", "제2종일반주거지역(7층이하)"
    style = zoned(plan, plain, plain, remark, *(f"Zone {n}" for n in range(7)))
    looks = [style.palette[swatch] for swatch in style.index[:10].tolist()]
    assert looks[0].fill == looks[2].fill == ZONE_COLOURS[plain]
    assert (looks[0].hatch, looks[2].hatch) == (None, "lines")
    assert len({look.fill for look in looks[3:7]} | set(ZONE_COLOURS.values())) == 25
    assert len({look.fill for look in looks[7:]}) == 1
    words = {entry.swatch: entry for entry in style.legend}
    assert words[int(style.index[9])].note == "3필지"


@pytest.mark.parametrize("theme", GROUND)
def test_uses_stand_out_from_the_ground(theme: str) -> None:
    ground = channels(GROUND[theme]["ground"])
    for colour in USE_COLOURS.values():
        assert np.abs(channels(colour) - ground).max() > 0.3
        assert colorsys.rgb_to_hsv(*channels(colour))[1] > 0.35

"""Recipes of figures: what each is made of, as data.

A recipe is a sum of products of drivers and factors, so one formula serves every reader: with
numbers it gives the figure, with arrays of draws its spread (`siteplan.uncertainty`), with units
the check of its dimension (in the tests), with words the sentence on screen (`siteplan.metrics`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from siteplan.text import Label, Text, sentence
from siteplan.uses import ALL_USES, USES

Group = Literal["people", "movement", "cost", "energy", "green", "area"]

GROUPS: dict[Group, Label] = {
    "people": Label("사람과 주거", "People and homes"),
    "movement": Label("이동과 주차", "Movement and parking"),
    "cost": Label("공사비", "Cost"),
    "energy": Label("에너지와 탄소", "Energy and carbon"),
    "green": Label("녹지와 공개공지", "Green and open space"),
    "area": Label("면적과 밀도", "Area and density"),
}
"""Groups of figures, in the order in which they are shown."""

LARGE = (
    "jobs",
    "students",
    "households",
    "parking_stalls",
    "construction_cost_krw",
    "operational_co2_t_per_year",
)
"""Figures that matter most: they stand large, on the Figures page and in the shared file."""


@dataclass(frozen=True)
class Term:
    """A product: a driver or an earlier figure, times factors, over factors or drivers."""

    of: str
    times: tuple[str, ...] = ()
    over: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """How a figure is made.

    Parameters
    ----------
    key, label, unit, group
        As in `Metric`; the unit is written as in the ledger.
    terms : tuple of Term
    combine : {"sum", "most"}
        Terms are added, or the largest counts (a law's "at least").
    scale : float
        Factor of the unit's prefix: 0.001 from kg to t, 100 to percent.
    overlap : Text or None
        What is counted twice inside the sum.
    """

    key: str
    label: Label
    unit: str
    group: Group
    terms: tuple[Term, ...]
    combine: Literal["sum", "most"] = "sum"
    scale: float = 1.0
    overlap: Text | None = None


def _per_use(family: str, *, first: str = "gfa", extra: Mapping[str, str] | None = None) -> Any:
    more = extra or {}
    return tuple(
        Term(f"{first}.{use}", (f"{family}.{use}", *([more[use]] if use in more else [])))
        for use in USES
    )


_HOMES = Term("gfa.housing", ("far_ratio.housing",), ("m2_per_household.housing",))

RECIPES: tuple[Recipe, ...] = (
    Recipe(
        "far_area_m2",
        Label("용적률 산정용 연면적", "FAR area"),
        "m²",
        "area",
        _per_use("far_ratio"),
    ),
    Recipe(
        "far_achieved_pct",
        Label("달성 용적률", "FAR achieved"),
        "%",
        "area",
        (Term("far_area_m2", over=("site.part",)),),
        scale=100,
    ),
    Recipe(
        "capacity_used_pct",
        Label("수용력 사용률", "Capacity used"),
        "%",
        "area",
        (Term("far_area_m2", over=("site.capacity",)),),
        scale=100,
    ),
    Recipe(
        "jobs",
        Label("일자리", "Jobs"),
        "job",
        "people",
        (Term("gfa.research", over=("m2_per_job.research",)),),
        overlap=None,
    ),
    Recipe(
        "researchers",
        Label("연구원", "Researchers"),
        "job",
        "people",
        (Term("jobs", ("researcher_share.research",)),),
    ),
    Recipe(
        "students",
        Label("학생", "Students"),
        "student",
        "people",
        (Term("gfa.campus", over=("m2_per_student.campus",)),),
    ),
    Recipe("households", Label("세대", "Homes"), "household", "people", (_HOMES,)),
    Recipe(
        "residents",
        Label("거주자", "Residents"),
        "resident",
        "people",
        (Term("households", ("persons_per_household.housing",)),),
    ),
    Recipe(
        "people_on_site",
        Label("일자리 + 학생 + 거주자", "Jobs + students + residents"),
        "person",
        "people",
        (Term("jobs"), Term("students"), Term("residents")),
        overlap=sentence("Residents who also work or study on the site are counted twice."),
    ),
    Recipe(
        "visitors_per_year",
        Label("문화시설 방문", "Visits to culture"),
        "visit/year",
        "people",
        (Term("gfa.culture", ("visits_per_m2_year.culture",)),),
    ),
    Recipe(
        "dormitory_gfa_m2",
        Label("학생 모두를 위한 기숙사 연면적", "Dormitory floor if all students lived on site"),
        "m²",
        "people",
        (Term("students", ("m2_per_dormitory_bed",)),),
    ),
    Recipe(
        "housing_parking_stalls",
        Label("주거 주차대수", "Parking stalls, housing"),
        "stall",
        "movement",
        (
            Term(
                "gfa.housing",
                ("far_ratio.housing", "exclusive_share.housing"),
                ("parking_m2_per_stall.housing",),
            ),
            Term("households", ("stalls_per_household.housing",)),
        ),
        combine="most",
    ),
    Recipe(
        "parking_stalls",
        Label("법정 주차대수", "Parking stalls by ordinance"),
        "stall",
        "movement",
        (
            *(
                Term(f"gfa.{use}", over=(f"parking_m2_per_stall.{use}",))
                for use in ("research", "campus", "culture")
            ),
            Term("housing_parking_stalls"),
        ),
    ),
    Recipe(
        "trips_per_day",
        Label("하루 통행", "Person-trips a day"),
        "trip/day",
        "movement",
        (
            *(Term(f"gfa.{use}", (f"trips.{use}",)) for use in ("research", "campus", "culture")),
            Term("households", ("trips.housing",)),
        ),
        overlap=sentence("A trip between two uses of the site is counted at both ends."),
    ),
    Recipe(
        "construction_cost_krw",
        Label("공사비", "Construction cost"),
        "KRW",
        "cost",
        _per_use(
            "construction_cost", extra={"campus": "cost_index.2017", "culture": "cost_index.2017"}
        ),
    ),
    Recipe(
        "energy_kwh_per_year",
        Label("운영 에너지", "Operational energy"),
        "kWh/year",
        "energy",
        _per_use("energy_intensity"),
    ),
    Recipe(
        "operational_co2_t_per_year",
        Label("운영 탄소", "Operational CO₂"),
        "tCO2/year",
        "energy",
        (Term("energy_kwh_per_year", ("grid_co2",)),),
        scale=0.001,
    ),
    Recipe(
        "embodied_co2_t",
        Label("내재 탄소", "Embodied carbon"),
        "tCO2",
        "energy",
        _per_use("embodied_co2"),
        scale=0.001,
    ),
    Recipe(
        "zeb_kwh_per_year",
        Label("목표 ZEB 등급에 필요한 생산량", "Own generation for the ZEB grade aimed at"),
        "kWh/year",
        "energy",
        (Term("energy_kwh_per_year", ("zeb_self_sufficiency",)),),
    ),
    Recipe(
        "green_m2",
        Label("의무 조경면적", "Landscaping required"),
        "m²",
        "green",
        tuple(
            Term(f"landscape_lots.{size}", (f"landscape_share.{size}",))
            for size in ("large", "middle", "small")
        ),
    ),
    Recipe(
        "open_space_m2",
        Label("의무 공개공지", "Public open space required"),
        "m²",
        "green",
        (Term("open_space_lots", ("open_space_share",)),),
    ),
)
"""Every figure that rests on factors. A term names only drivers and recipes above it."""

BY_KEY: Mapping[str, Recipe] = {recipe.key: recipe for recipe in RECIPES}

DRIVERS: Mapping[str, Label] = {
    **{f"gfa.{u.key}": Label(f"{u.label.ko} 연면적", f"{u.label.en} GFA") for u in ALL_USES},
    "site.part": Label("사용 필지의 참여 면적", "available area of the parcels used"),
    "site.capacity": Label("참여 필지의 수용면적", "capacity of all parcels that take part"),
    "landscape_lots.large": Label(
        "연면적 2,000㎡ 이상인 대지", "lots with 2,000 m² of GFA or more"
    ),
    "landscape_lots.middle": Label("연면적 1,000–2,000㎡인 대지", "lots with 1,000 to 2,000 m²"),
    "landscape_lots.small": Label("더 작은 대지", "smaller lots"),
    "open_space_lots": Label("문화 연면적 5,000㎡ 이상인 대지", "lots with 5,000 m² of culture"),
}
"""What recipes start from, in m²; `plan_drivers` gives their figures."""


def reckon(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figure of every recipe.

    Parameters
    ----------
    known : Mapping[str, number, ndarray or quantity with a unit]
        Drivers and factors by key. Arrays of draws give arrays back.

    Returns
    -------
    dict
        By recipe key, in the order of `RECIPES`.
    """
    values = dict(known)
    found = {}
    for recipe in RECIPES:
        parts = [_product(term, values) for term in recipe.terms]
        whole = parts[0]
        for part in parts[1:]:
            whole = whole + part if recipe.combine == "sum" else np.maximum(whole, part)
        found[recipe.key] = values[recipe.key] = whole * recipe.scale
    return found


def _product(term: Term, values: Mapping[str, Any]) -> Any:
    result = values[term.of]
    for key in term.times:
        result = result * values[key]
    for key in term.over:
        # Only an area can be 0 (nothing is built): then there is nothing to divide either.
        empty = isinstance(values[key], float) and values[key] == 0
        result = result * 0.0 if empty else result / values[key]
    return result


def recipe_factors(recipe: Recipe) -> tuple[str, ...]:
    """Return the keys of the factors that a figure rests on, through earlier figures too."""
    return _traced(recipe, wanted=lambda key: key not in DRIVERS)


def recipe_drivers(recipe: Recipe) -> tuple[str, ...]:
    """Return the areas that a figure grows with, through earlier figures too."""
    return _traced(recipe, wanted=DRIVERS.__contains__)


def _traced(recipe: Recipe, *, wanted: Callable[[str], bool]) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for term in recipe.terms:
        for key in (term.of, *term.times, *term.over):
            if key in BY_KEY:
                keys |= dict.fromkeys(_traced(BY_KEY[key], wanted=wanted))
            elif wanted(key):
                keys[key] = None
    return tuple(keys)


HEADS = frozenset({"job", "student", "resident", "person"})
"""Units that count heads: figures in them are readily added, so shared drivers are flagged."""


def shared_with(recipe: Recipe) -> tuple[Recipe, ...]:
    """Return the other head counts that share a driver with this one: not to be added to it."""
    if recipe.unit not in HEADS:
        return ()
    own = set(recipe_drivers(recipe))
    return tuple(
        other
        for other in RECIPES
        if other is not recipe and other.unit in HEADS and own & set(recipe_drivers(other))
    )

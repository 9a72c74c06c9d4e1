"""Figures of a plan, each with its formula, its parts filled in, and what drives it.

What a figure is made of stands in `siteplan.recipes`; here it gets its numbers and its words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.ledger import Factor, figure, unit_label
from siteplan.recipes import (
    BY_KEY,
    DRIVERS,
    RECIPES,
    Group,
    Recipe,
    Term,
    recipe_drivers,
    recipe_factors,
    reckon,
    shared_with,
)
from siteplan.text import Joined, Label, Text, sentence
from siteplan.units import Pyeong
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    from siteplan.evaluation import Plan


@dataclass(frozen=True)
class Metric:
    """One figure.

    Parameters
    ----------
    key : str
        Name in JSON; ends in its unit where it has one.
    label : Label
    value : float
    unit : str
        Empty for a count or a ratio.
    formula : Text
        How the value comes about, with the numbers filled in.
    sources : tuple of Text
        Where its factors come from, with value, range and mark.
    group : str
        Key of `GROUPS`.
    factors : tuple of Factor
        The factors that it rests on.
    drivers : tuple of str
        The floor and site areas that it grows with.
    counted_twice : tuple of Text
        What this figure counts twice by itself, or would if it were added to another.
    """

    key: str
    label: Label
    value: float
    unit: str
    formula: Text
    sources: tuple[Text, ...] = ()
    group: Group = "area"
    factors: tuple[Factor, ...] = ()
    drivers: tuple[str, ...] = ()
    counted_twice: tuple[Text, ...] = ()


def plan_drivers(plan: Plan) -> dict[str, float]:
    """Return the figure of each of `DRIVERS`, m².

    Lots are counted with the part that is available. Landscaping is asked of lots of 200 m² or
    more by their GFA (서울특별시 건축 조례 §24), public open space of lots with 5,000 m² of
    culture (§26; research, campus and housing do not trigger it).
    """
    gfa_m2 = plan.parcel_gfa_m2
    part_m2 = plan.available_m2
    lot = (gfa_m2 > 0) & (plan.parcels.site_area_m2 >= 200)
    small = lot & ((gfa_m2 < 1000) | (plan.parcels.site_area_m2 < 300))
    large = lot & ~small & (gfa_m2 >= 2000)
    culture_m2 = plan.gfa_m2[:, USES.index("culture")]
    return {
        **{f"gfa.{use}": float(v) for use, v in zip(USES, plan.uses_gfa_m2, strict=True)},
        "site.part": float(part_m2[gfa_m2 > 0].sum()),
        "site.capacity": float(plan.capacity.far_area_m2.sum()),
        "landscape_lots.large": float(part_m2[large].sum()),
        "landscape_lots.middle": float(part_m2[lot & ~small & ~large].sum()),
        "landscape_lots.small": float(part_m2[small].sum()),
        "open_space_lots": float(part_m2[culture_m2 >= 5000].sum()),
    }


def metric_values(metrics: tuple[Metric, ...]) -> Mapping[str, float]:
    """Return key -> value, for JSON."""
    return {metric.key: metric.value for metric in metrics}


def plan_metrics(plan: Plan) -> tuple[Metric, ...]:
    """Return every figure of a plan: areas and densities first, then what factors make of them."""
    factors = plan.ledger.factors
    known = plan_drivers(plan) | {key: factor.value for key, factor in factors.items()}
    values = known | reckon(known)
    made = {recipe.key: _metric(recipe, values=values, factors=factors) for recipe in RECIPES}
    density = {metric.key: metric for metric in _densities(plan)}
    first = ("far_area_m2", "parcels_used", "far_achieved_pct", "far_allowed_pct")
    then = ("bcr_achieved_pct", "bcr_allowed_pct", "capacity_used_pct", "site_area_used_m2")
    areas = [(made | density)[key] for key in (*first, *then)]
    rest = [metric for key, metric in made.items() if metric.group != "area"]
    return (*_by_use(plan), *areas, *rest, _zeb_grade(factors))


def _metric(
    recipe: Recipe, *, values: Mapping[str, float], factors: Mapping[str, Factor]
) -> Metric:
    value = float(values[recipe.key])
    used = tuple(factors[key] for key in recipe_factors(recipe))
    unit = _shown_unit(recipe.unit)
    parts = Joined(
        tuple(_Product(term, values, factors) for term in recipe.terms),
        separator=" + " if recipe.combine == "sum" else " | ",
    )
    scaled = {0.001: " ÷ 1,000", 100.0: " × 100"}.get(recipe.scale, "")
    if scaled and len(recipe.terms) > 1:
        parts = Joined(("(", parts, ")"), separator="")
    filled = {"parts": Joined((parts, scaled), separator=""), "value": figure(value), "unit": unit}
    formula = (
        sentence("{parts} = {value} {unit}", **filled)
        if recipe.combine == "sum"
        else sentence("the largest of: {parts} = {value} {unit}", **filled)
    )
    twice = [] if recipe.overlap is None else [recipe.overlap]
    shared = shared_with(recipe)
    if shared:
        twice.append(
            sentence(
                "Rests on the same floor area as {others}: added together, it is counted twice.",
                others=Joined(tuple(other.label for other in shared)),
            )
        )
    return Metric(
        recipe.key,
        recipe.label,
        value,
        recipe.unit,
        formula,
        tuple(factor.citation for factor in used),
        recipe.group,
        used,
        recipe_drivers(recipe),
        tuple(twice),
    )


class _Product:
    """A term with its numbers filled in, such as "Research GFA 121,500 m² ÷ 25 m²/job"."""

    def __init__(
        self, term: Term, values: Mapping[str, float], factors: Mapping[str, Factor]
    ) -> None:
        self._term = term
        self._values = values
        self._factors = factors

    def render(self, lang: str) -> str:
        said = self._said(self._term.of, lang=lang)
        for key in self._term.times:
            said += f" × {self._said(key, lang=lang)}"
        for key in self._term.over:
            said += f" ÷ {self._said(key, lang=lang)}"
        return said

    def _said(self, key: str, *, lang: str) -> str:
        number = figure(self._values[key])
        if key in self._factors:
            return f"{number} {unit_label(self._factors[key].unit).render(lang)}".rstrip()
        if key in BY_KEY:
            unit = _shown_unit(BY_KEY[key].unit).render(lang)
            return f"{BY_KEY[key].label.render(lang)} {number} {unit}"
        return f"{DRIVERS[key].render(lang)} {number} m²"


def _shown_unit(unit: str) -> Label:
    return Label("%", "%") if unit == "%" else unit_label(unit)


def _zeb_grade(factors: Mapping[str, Factor]) -> Metric:
    """Return the grade that the self-sufficiency aimed at reaches: 5 is the first, 0 means 1+."""
    aim = factors["zeb_self_sufficiency"]
    steps = [factors[f"zeb_threshold.{name}"] for name in ("5", "4", "3", "2", "1", "1plus")]
    reached = sum(aim.value >= step.value - 1e-9 for step in steps)
    names = ("–", "5", "4", "3", "2", "1", "1+")
    formula = sentence(
        "self-sufficiency aimed at {aim:.0f} %, grade {grade} asks for {least:.0f} % or more",
        aim=aim.value * 100,
        grade=names[max(reached, 1)],
        least=steps[max(reached, 1) - 1].value * 100,
    )
    return Metric(
        "zeb_grade",
        Label("목표 ZEB 등급", "ZEB grade aimed at"),
        float(6 - reached),
        "",
        formula,
        (aim.citation, *(step.citation for step in steps)),
        "energy",
        (aim, *steps),
    )


def zeb_grade_name(value: float) -> str:
    """Return the name of the value of ``zeb_grade``: "5" to "1", "1+" for 0, "–" for none."""
    return {6: "–", 0: "1+"}.get(round(value), f"{value:.0f}")


def _by_use(plan: Plan) -> list[Metric]:
    return [
        Metric(
            f"gfa_{use.key}_m2",
            Label(f"{use.label.ko} 연면적", f"{use.label.en} GFA"),
            float(gfa_m2),
            "m²",
            sentence(
                "sum over the parcels that hold it ({count}) = {gfa:,} m² = {pyeong}",
                count=int((plan.gfa_m2[:, i] > 0).sum()),
                gfa=int(gfa_m2),
                pyeong=Pyeong(int(gfa_m2)),
            ),
            drivers=(f"gfa.{use.key}",),
        )
        for i, (use, gfa_m2) in enumerate(zip(ALL_USES, plan.uses_gfa_m2, strict=True))
    ]


def _densities(plan: Plan) -> tuple[Metric, ...]:
    """Return the figures that rest on no factor: parcels used, FAR and BCR allowed and achieved."""
    built = plan.parcel_gfa_m2 > 0
    each_part_m2 = plan.available_m2
    part_m2 = float(each_part_m2[built].sum())
    over = DRIVERS["site.part"]
    bcr_m2 = float(np.nansum((plan.capacity.bcr_limit_pct / 100 * each_part_m2)[built]))
    site_m2 = float(plan.parcels.site_area_m2[built].sum())
    return (
        Metric(
            "parcels_used",
            Label("사용 필지", "Parcels used"),
            float(built.sum()),
            "",
            sentence(
                "parcels with floor area: {used} of {all}",
                used=int(built.sum()),
                all=len(plan.parcels),
            ),
        ),
        _percent(
            "far_allowed_pct",
            Label("용적률 한도", "FAR limit"),
            float(plan.capacity.far_area_m2[built].sum()),
            part_m2,
            over=over,
        ),
        _percent(
            "bcr_achieved_pct",
            Label("계획 건폐율", "BCR achieved"),
            float(plan.massing.footprint_m2.sum()),
            part_m2,
            over=over,
        ),
        _percent("bcr_allowed_pct", Label("건폐율 한도", "BCR limit"), bcr_m2, part_m2, over=over),
        Metric(
            "site_area_used_m2",
            Label("사용 필지 대지면적", "Site area of parcels used"),
            site_m2,
            "m²",
            sentence(
                "site area of the {used} parcels used = {area:,.1f} m²",
                used=int(built.sum()),
                area=site_m2,
            ),
        ),
    )


def _percent(key: str, label: Label, part: float, whole: float, *, over: Label) -> Metric:
    value = part / whole * 100 if whole > 0 and math.isfinite(part) else 0.0
    return Metric(
        key,
        label,
        value,
        "%",
        sentence(
            "{part:,.0f} m² ÷ {whole:,.0f} m² ({over}) = {value:,.1f} %",
            part=part,
            whole=whole,
            over=over,
            value=value,
        ),
    )

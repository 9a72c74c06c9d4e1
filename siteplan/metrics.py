"""Figures of a plan, each with its formula and its parts filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.text import Label, Text, sentence
from siteplan.units import pyeong
from siteplan.uses import ALL_USES

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
        Where its factors come from.
    """

    key: str
    label: Label
    value: float
    unit: str
    formula: Text
    sources: tuple[Text, ...] = ()


def metric_values(metrics: tuple[Metric, ...]) -> Mapping[str, float]:
    """Return key -> value, for JSON."""
    return {metric.key: metric.value for metric in metrics}


def plan_metrics(plan: Plan) -> tuple[Metric, ...]:
    """Return the headline figures: GFA by use, FAR area, parcels used, FAR and BCR achieved."""
    built = plan.parcel_gfa_m2 > 0
    site_m2 = float(plan.parcels.site_area_m2[built].sum())
    part_m2 = float((plan.parcels.site_area_m2 * plan.capacity.available_pct / 100)[built].sum())
    far_area_m2 = float(plan.far_area_m2.sum())
    footprint_m2 = float(plan.massing.footprint_m2.sum())
    allowed_m2 = float(plan.capacity.far_area_m2[built].sum())
    total_capacity_m2 = float(plan.capacity.far_area_m2.sum())
    by_use = [
        Metric(
            f"gfa_{use.key}_m2",
            Label(f"{use.label.ko} 연면적", f"{use.label.en} GFA"),
            float(gfa_m2),
            "m²",
            sentence(
                "sum over {count} parcels = {gfa:,} m² = {pyeong:,.0f} 평",
                count=int((plan.gfa_m2[:, i] > 0).sum()),
                gfa=int(gfa_m2),
                pyeong=pyeong(int(gfa_m2)),
            ),
        )
        for i, (use, gfa_m2) in enumerate(zip(ALL_USES, plan.uses_gfa_m2, strict=True))
    ]
    ratios = " + ".join(
        f"{ratio:g} × {gfa_m2:,}"
        for ratio, gfa_m2 in zip(plan.far_ratio.tolist(), plan.uses_gfa_m2.tolist(), strict=True)
    )
    return (
        *by_use,
        Metric(
            "far_area_m2",
            Label("용적률 산정용 연면적", "FAR area"),
            far_area_m2,
            "m²",
            sentence("{parts} = {area:,.0f} m²", parts=ratios, area=far_area_m2),
            tuple(
                sentence(
                    "FAR ratio of {use}: {value:g} ({mark}, {source})",
                    use=use.label,
                    value=plan.ledger.value(f"far_ratio.{use.key}"),
                    mark=plan.ledger.factors[f"far_ratio.{use.key}"].mark,
                    source=plan.ledger.factors[f"far_ratio.{use.key}"].source,
                )
                for use in ALL_USES
            ),
        ),
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
            "far_achieved_pct",
            Label("계획 용적률", "FAR achieved"),
            far_area_m2,
            part_m2,
            over=Label("사용 필지의 참여 면적", "available area of the parcels used"),
        ),
        _percent(
            "far_allowed_pct",
            Label("용적률 한도", "FAR limit"),
            allowed_m2,
            part_m2,
            over=Label("사용 필지의 참여 면적", "available area of the parcels used"),
        ),
        _percent(
            "bcr_achieved_pct",
            Label("계획 건폐율", "BCR achieved"),
            footprint_m2,
            part_m2,
            over=Label("사용 필지의 참여 면적", "available area of the parcels used"),
        ),
        _percent(
            "bcr_allowed_pct",
            Label("건폐율 한도", "BCR limit"),
            float(
                np.nansum(
                    (
                        plan.capacity.bcr_limit_pct
                        / 100
                        * plan.parcels.site_area_m2
                        * plan.capacity.available_pct
                        / 100
                    )[built]
                )
            ),
            part_m2,
            over=Label("사용 필지의 참여 면적", "available area of the parcels used"),
        ),
        _percent(
            "capacity_used_pct",
            Label("수용 용량 사용률", "Capacity used"),
            far_area_m2,
            total_capacity_m2,
            over=Label("참여 필지의 수용 가능 면적", "capacity of all parcels that take part"),
        ),
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
    value = part / whole * 100 if whole > 0 else 0.0
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

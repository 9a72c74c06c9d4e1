"""What a comparison needs of a plan: one that was evaluated, or one read back from a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from siteplan.errors import InputError
from siteplan.evaluation import Plan
from siteplan.placement import Status
from siteplan.text import Label, Text, sentence
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Amount:
    """One figure of one plan: what it is called, its value and its unit (empty for a count)."""

    label: Label
    value: float
    unit: str


@dataclass(frozen=True, eq=False)
class Side:
    """What a comparison needs of one plan: n lots, k uses.

    Parameters
    ----------
    title : str
    parcel_ids : tuple of str
        Unique, n of them.
    gfa_m2 : ndarray of int, shape (n, k)
    site_area_m2 : ndarray of float, shape (n,)
    amounts : Mapping[str, Amount]
        By the keys of `Plan.metrics`, in their order.
    label_of : callable
        Row -> what to call the lot.
    status, scenario_id, rules, gap_pct
        As of `Plan`; None where an exported file does not say.
    factors : Mapping[str, float]
        Factors that the figures rest on; empty where not known.
    notes : tuple of Text
        What a person should know of this side.
    """

    title: str
    parcel_ids: tuple[str, ...]
    gfa_m2: Integers
    site_area_m2: Floats
    amounts: Mapping[str, Amount]
    label_of: Callable[[int], Label]
    status: Status | None = None
    scenario_id: str | None = None
    rules: str | None = None
    gap_pct: float | None = None
    factors: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()

    @property
    def places(self) -> bool:
        """Whether there is an allocation to compare: an infeasible plan places nothing."""
        return self.status != "infeasible"

    @cached_property
    def uses_gfa_m2(self) -> Mapping[str, int]:
        """GFA by use."""
        return dict(zip(USES, self.gfa_m2.sum(axis=0).tolist(), strict=True))

    @property
    def total_gfa_m2(self) -> int:
        """GFA of all uses."""
        return int(self.gfa_m2.sum())

    @property
    def shares_pct(self) -> Mapping[str, float]:
        """Share of each use in the total, percent; 0 where nothing is placed."""
        whole = self.total_gfa_m2 or 1
        return {use: gfa_m2 / whole * 100 for use, gfa_m2 in self.uses_gfa_m2.items()}

    @property
    def parcels_used(self) -> int:
        """Lots with floor area."""
        return int((self.gfa_m2 > 0).any(axis=1).sum())


def side_of(plan: Plan, *, title: str | None = None) -> Side:
    """Return a plan as one side of a comparison; its scenario's name is its title."""
    lots = plan.parcels
    return Side(
        title=plan.scenario.name if title is None else title,
        parcel_ids=lots.ids,
        gfa_m2=plan.gfa_m2,
        site_area_m2=lots.site_area_m2,
        amounts={m.key: Amount(m.label, m.value, m.unit) for m in plan.metrics},
        label_of=lambda row: Label(lots.name(row, lang="ko"), lots.name(row, lang="en")),
        status=plan.status,
        scenario_id=plan.scenario_id,
        rules=plan.rules_id,
        gap_pct=plan.gap_pct if plan.status != "infeasible" else None,
        factors={key: factor.value for key, factor in plan.ledger.factors.items()},
    )


def side_of_export(
    frame: gpd.GeoDataFrame,
    *,
    title: str,
    scenario_id: str | None = None,
    rules: str | None = None,
) -> Side:
    """Return an exported plan that was read back as one side of a comparison.

    Parameters
    ----------
    frame : GeoDataFrame
        The glossary's columns, one row per lot, as `siteplan.read_plan` gives them.
    title : str
    scenario_id, rules : str, optional
        As the file says.

    Raises
    ------
    InputError
        A lot has no id, an id stands twice, or a floor area is missing or negative.
    """
    import pandas as pd

    ids = frame["parcel_id"].tolist()
    columns = [pd.to_numeric(frame[f"gfa_{use}_m2"], errors="coerce") for use in USES]
    if None in ids or len(set(ids)) < len(ids):
        raise InputError(
            sentence(
                "{name} has lots without an id or with the same one, so they cannot be matched. "
                "Export the plan again.",
                name=title,
            )
        )
    if any(bool(column.isna().any()) or bool((column < 0).any()) for column in columns):
        raise InputError(
            sentence(
                "{name} lacks floor areas of some lots, or has negative ones. Export the plan "
                "again.",
                name=title,
            )
        )
    gfa_m2 = np.column_stack([column.to_numpy(dtype=np.int64) for column in columns])
    return Side(
        title=title,
        parcel_ids=tuple(ids),
        gfa_m2=gfa_m2,
        site_area_m2=frame["site_area_m2"].to_numpy(dtype=float, na_value=np.nan),
        amounts=_amounts_of_columns(frame, gfa_m2=gfa_m2),
        label_of=lambda row: _lot_label(frame, row),
        scenario_id=scenario_id,
        rules=rules,
        notes=_sums_that_differ(frame, gfa_m2=gfa_m2, title=title),
    )


def _amounts_of_columns(frame: gpd.GeoDataFrame, *, gfa_m2: Integers) -> dict[str, Amount]:
    """Return the figures that the exported columns alone make up, by the keys of the metrics."""
    used = (gfa_m2 > 0).any(axis=1)
    site_m2 = frame["site_area_m2"].to_numpy(dtype=float, na_value=np.nan)
    far_m2 = float(frame["far_area_m2"].sum())
    capacity_m2 = float(frame["far_capacity_m2"].sum())
    return {
        **{
            f"gfa_{use.key}_m2": Amount(
                Label(f"{use.label.ko} 연면적", f"{use.label.en} GFA"),
                float(gfa_m2[:, column].sum()),
                "m²",
            )
            for column, use in enumerate(ALL_USES)
        },
        "far_area_m2": Amount(Label("용적률 산정용 연면적", "FAR area"), far_m2, "m²"),
        "parcels_used": Amount(Label("사용 필지", "Parcels used"), float(used.sum()), ""),
        "capacity_used_pct": Amount(
            Label("수용력 사용률", "Capacity used"),
            far_m2 / capacity_m2 * 100 if capacity_m2 > 0 else 0.0,
            "%",
        ),
        "site_area_used_m2": Amount(
            Label("사용 필지 대지면적", "Site area of parcels used"),
            float(site_m2[used].sum()),
            "m²",
        ),
    }


def _lot_label(frame: gpd.GeoDataFrame, row: int) -> Label:
    name = frame["jibun"].iloc[row] or frame["parcel_id"].iloc[row]
    return Label(str(name), str(name))


def _sums_that_differ(frame: gpd.GeoDataFrame, *, gfa_m2: Integers, title: str) -> tuple[Text, ...]:
    said_m2 = frame["gfa_total_m2"].to_numpy(dtype=float, na_value=np.nan)
    count = int((said_m2 != gfa_m2.sum(axis=1)).sum())
    if count == 0:
        return ()
    return (
        sentence(
            "{name}: on {count} lot(s) the total GFA is not the sum of the uses, so the file was "
            "changed elsewhere. The uses count here.",
            name=title,
            count=count,
        ),
    )

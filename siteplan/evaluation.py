"""The one path from facts and decisions to results: ``evaluate(parcels, scenario) -> Plan``.

The app, the command line and the exports all call it, so they cannot disagree.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from siteplan.allocation import (
    Allocation,
    allocate,
    allocate_within,
    feasible_ranges,
    shortfall,
    whole_m2,
)
from siteplan.capacity import Capacity, capacity_of
from siteplan.cautions import check_capacity, check_permissions
from siteplan.composition import Composition, check_parking, compose
from siteplan.explain import explain_shortfall
from siteplan.glossary import COLUMN_NAMES
from siteplan.issues import Issue
from siteplan.ledger import Ledger, check_factors, shipped_ledger
from siteplan.lots import check_lots, edited
from siteplan.massing import Ground, Massing, check_setback, inset_areas_m2, massing_of
from siteplan.metrics import Metric, plan_metrics
from siteplan.programme import Programme, UseTarget, rebalance
from siteplan.rules import RuleSet, shipped_rules
from siteplan.suitability import Suitability, suitability_of
from siteplan.text import Text, sentence
from siteplan.units import WORK_EPSG
from siteplan.uses import USES, use_index
from siteplan.version import __version__

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from siteplan.parcels import Parcels
    from siteplan.scenario import Scenario

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

Status = Literal["optimal", "feasible", "infeasible"]


@dataclass(frozen=True, eq=False)
class Plan:
    """The result of a scenario on parcels: n parcels, k uses in the order of `USES`.

    Parameters
    ----------
    parcels, scenario, rules, ledger
        What went in.
    status : {"optimal", "feasible", "infeasible"}
        Infeasible plans place nothing; `explanation` says why.
    gfa_m2 : ndarray of int, shape (n, k)
        Gross floor area (연면적) by parcel and use, whole m², sums exact.
    capacity : Capacity
    suitability : Suitability
    composition : Composition
        How the GFA is made up: FAR area, parking, basements.
    massing : Massing
    ranges_m2 : ndarray of float, shape (k, 2)
        Least and most GFA that each use may take under the present locks and bounds; NaN where
        nothing is feasible.
    objective, bound : float
        Σ score × GFA, of the plan in whole m² and its proven upper bound.
    explanation : tuple of Text
    issues : tuple of Issue
        What a person should know: findings of the data, assumptions, consents used.
    """

    parcels: Parcels
    scenario: Scenario
    rules: RuleSet
    ledger: Ledger
    status: Status
    gfa_m2: Integers
    capacity: Capacity
    suitability: Suitability
    composition: Composition
    massing: Massing
    ranges_m2: Floats
    objective: float
    bound: float
    explanation: tuple[Text, ...]
    issues: tuple[Issue, ...]

    @property
    def rules_id(self) -> str:
        """Name of the rule set that the plan was checked against."""
        return self.rules.id

    @cached_property
    def scenario_id(self) -> str:
        """12 hexadecimal digits made from parcels, decisions, rules, factors and version.

        Outlines count to 1 mm, so an exported plan that is read back (coordinates to 1 cm) has
        another id although areas, decisions and floor areas are the same.
        """
        return scenario_id(self.parcels, self.scenario, rules=self.rules, ledger=self.ledger)

    @property
    def gap_pct(self) -> float:
        """How far the plan can be from the best at most, percent of the bound."""
        if self.status == "infeasible" or self.bound == 0:
            return 0.0
        return max(0.0, (self.bound - self.objective) / abs(self.bound) * 100)

    @cached_property
    def far_ratio(self) -> Floats:
        """Part of each use's GFA that FAR counts, shape (k,)."""
        return np.array(self.ledger.by_use("far_ratio"))

    @cached_property
    def far_area_m2(self) -> Floats:
        """FAR area (용적률 산정용 연면적) placed on each parcel, shape (n,)."""
        area_m2: Floats = self.gfa_m2 @ self.far_ratio
        return area_m2

    @cached_property
    def far_pct(self) -> Floats:
        """Programme's FAR area over the whole site area, percent, shape (n,)."""
        return self.far_area_m2 / self.parcels.site_area_m2 * 100

    @cached_property
    def bcr_pct(self) -> Floats:
        """Programme's footprint over the whole site area, percent, shape (n,)."""
        return self.massing.footprint_m2 / self.parcels.site_area_m2 * 100

    @property
    def floors(self) -> Integers:
        """Floors above ground, shape (n,)."""
        return self.massing.floors

    @property
    def height_m(self) -> Floats:
        """Height above ground, shape (n,)."""
        return self.massing.height_m

    @property
    def score(self) -> Floats:
        """Suitability by parcel and use, 0 to 1, shape (n, k); says nothing of permission."""
        return self.suitability.score

    @cached_property
    def uses_gfa_m2(self) -> Integers:
        """GFA of each use, shape (k,)."""
        sums_m2: Integers = self.gfa_m2.sum(axis=0)
        return sums_m2

    @property
    def total_gfa_m2(self) -> int:
        """GFA of all uses."""
        return int(self.uses_gfa_m2.sum())

    @cached_property
    def parcel_gfa_m2(self) -> Integers:
        """GFA of each parcel, shape (n,)."""
        sums_m2: Integers = self.gfa_m2.sum(axis=1)
        return sums_m2

    @cached_property
    def utilisation_pct(self) -> Floats:
        """FAR area placed over FAR capacity, percent, 0 where there is no capacity, shape (n,)."""
        held = self.capacity.far_area_m2
        return np.where(held > 0, self.far_area_m2 / np.where(held > 0, held, 1) * 100, 0.0)

    @cached_property
    def dominant_column(self) -> Integers:
        """Column of the use with the most GFA, -1 where nothing is placed, shape (n,)."""
        return np.where(self.parcel_gfa_m2 > 0, self.gfa_m2.argmax(axis=1), -1)

    @property
    def dominant_use(self) -> tuple[str | None, ...]:
        """Key of the use with the most GFA by parcel, None where nothing is placed."""
        return tuple(USES[c] if c >= 0 else None for c in self.dominant_column.tolist())

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """Figures of the plan, each with its formula."""
        return plan_metrics(self)

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """A new GeoDataFrame in EPSG:5186 with the glossary's columns, one row per parcel."""
        import geopandas as gpd

        columns: dict[str, object] = {
            "parcel_id": list(self.parcels.ids),
            "pnu": list(self.parcels.pnus),
            "jibun": list(self.parcels.jibuns),
            "zone": list(self.capacity.zones),
            "site_area_m2": self.parcels.site_area_m2.copy(),
            "far_capacity_m2": self.capacity.far_area_m2.copy(),
            **{f"gfa_{use}_m2": self.gfa_m2[:, i] for i, use in enumerate(USES)},
            "gfa_total_m2": self.parcel_gfa_m2,
            "far_area_m2": self.far_area_m2,
            "far_pct": self.far_pct,
            "bcr_pct": self.bcr_pct,
            "floors": self.floors,
            "height_m": self.height_m,
            "dominant_use": list(self.dominant_use),
            "phase": [None] * len(self.parcels),
            "evidence": list(self.parcels.evidence),
        }
        return gpd.GeoDataFrame(
            {name: columns[name] for name in COLUMN_NAMES},
            geometry=self.parcels.geometry.copy(),
            crs=WORK_EPSG,
        )


def evaluate(
    parcels: Parcels,
    scenario: Scenario,
    *,
    rules: RuleSet | None = None,
    ledger: Ledger | None = None,
) -> Plan:
    """Turn facts and decisions into a plan.

    Parameters
    ----------
    parcels : Parcels
    scenario : Scenario
    rules : RuleSet, optional
        A planner's own rules; left out, the shipped set that the scenario names.
    ledger : Ledger, optional
        Factors before the scenario's own values; left out, the shipped ones.

    Returns
    -------
    Plan
        Infeasible is a status with its explanation, not an exception. Its parcels are those after
        the scenario's merges and cuts (`siteplan.lots.edited`).

    Raises
    ------
    InputError
        The scenario names rules or factors that do not exist.
    """
    parcels = edited(parcels, scenario.edits)
    rules = shipped_rules(scenario.rules) if rules is None else rules
    ledger = (shipped_ledger() if ledger is None else ledger).with_overrides(scenario.factors)
    capacity = capacity_of(
        parcels, scenario, rules=rules, storey_height_m=ledger.by_use("storey_height_m")
    )
    suitability = suitability_of(
        parcels.criterion_distances_m, n=len(parcels), weights=scenario.weights, ledger=ledger
    )
    far_ratio = np.array(ledger.by_use("far_ratio"))
    found, gfa_m2 = _allocated(
        capacity, suitability, scenario.programme, far_ratio=far_ratio, order=parcels.id_order
    )
    explanation: tuple[Text, ...] = ()
    status: Status = found.status
    if gfa_m2 is None:
        status = "infeasible"
        explanation = _why_infeasible(
            found.status, scenario.programme, parcels, capacity, far_ratio=far_ratio
        )
        gfa_m2 = np.zeros((len(parcels), len(USES)), dtype=np.int64)
    gfa_m2.flags.writeable = False
    composition, massing = _built(parcels, scenario, capacity, gfa_m2=gfa_m2, ledger=ledger)
    return Plan(
        parcels=parcels,
        scenario=scenario,
        rules=rules,
        ledger=ledger,
        status=status,
        gfa_m2=gfa_m2,
        capacity=capacity,
        suitability=suitability,
        composition=composition,
        massing=massing,
        ranges_m2=use_ranges_m2(capacity, scenario.programme, far_ratio=far_ratio),
        objective=float((suitability.score * gfa_m2).sum()),
        bound=float(found.bound) if status != "infeasible" else math.nan,
        explanation=explanation,
        issues=(
            *(
                issue
                for issue in parcels.issues
                if issue.code != "zone_missing" or scenario.assumed_zone is None
            ),
            *check_lots(parcels, scenario.edits, rules=rules, zones=capacity.zones),
            *check_capacity(parcels, scenario, capacity),
            *check_factors(ledger),
            *check_permissions(capacity, gfa_m2, ids=parcels.ids),
            *check_parking(composition, ids=parcels.ids),
            *check_setback(massing, ids=parcels.ids),
        ),
    )


def _built(
    parcels: Parcels, scenario: Scenario, capacity: Capacity, *, gfa_m2: Integers, ledger: Ledger
) -> tuple[Composition, Massing]:
    """Return how the GFA is made up, and the floors that hold it."""
    setback_m = scenario.setback_m
    if setback_m is None:
        setback_m = ledger.value("setback_m")
    inset_m2 = inset_areas_m2(
        parcels, np.flatnonzero(gfa_m2.any(axis=1)), setback_m=float(setback_m)
    )
    max_floors = np.minimum(
        capacity.floors_limit, np.floor(capacity.height_limit_m / capacity.storey_m + 1e-9)
    )
    ground = Ground(
        most_m2=np.nan_to_num(capacity.ground_m2),
        inset_m2=inset_m2 * capacity.available_pct / 100,
        max_floors=max_floors,
    )
    with np.errstate(invalid="ignore"):
        most_above_m2 = np.nan_to_num(ground.most_m2 * max_floors, posinf=np.inf)
    composition = compose(gfa_m2, ledger=ledger, most_above_m2=most_above_m2)
    massing = massing_of(
        composition.far_m2,
        parking_m2=composition.parking_above_m2,
        below_m2=composition.below_m2,
        ground=ground,
        storey_height_m=ledger.by_use("storey_height_m"),
        parking_height_m=ledger.value("storey_height_m.parking"),
        stack=scenario.stack,
    )
    return composition, massing


def scenario_id(parcels: Parcels, scenario: Scenario, *, rules: RuleSet, ledger: Ledger) -> str:
    """Return 12 hexadecimal digits that name this very input: same digits, same plan."""
    blake = hashlib.blake2b(digest_size=6)
    decisions = {k: v for k, v in scenario.to_dict().items() if k not in ("name", "note")}
    blake.update(json.dumps(decisions, sort_keys=True, ensure_ascii=False).encode())
    for part in (parcels.digest, rules.digest, repr(ledger), __version__):
        blake.update(part.encode())
    return blake.hexdigest()


def move_use(parcels: Parcels, scenario: Scenario, *, use: str, gfa_m2: float) -> Scenario:
    """Return the scenario after one use is moved and the unlocked others have absorbed it.

    The others absorb in proportion (`siteplan.programme.rebalance`). Where that would not fit
    on the parcels although some split would, each in turn is held within what the ones before
    it leave feasible.
    """
    parcels = edited(parcels, scenario.edits)
    programme = rebalance(scenario.programme, use, gfa_m2)
    rules = shipped_rules(scenario.rules)
    ledger = shipped_ledger().with_overrides(scenario.factors)
    capacity = capacity_of(
        parcels, scenario, rules=rules, storey_height_m=ledger.by_use("storey_height_m")
    )
    far_ratio = np.array(ledger.by_use("far_ratio"))
    return replace(
        scenario,
        programme=_held_feasible(programme, capacity, use=use, far_ratio=far_ratio),
    )


def _held_feasible(
    programme: Programme, capacity: Capacity, *, use: str, far_ratio: Floats
) -> Programme:
    """Return the programme with its unlocked targets shifted only as far as capacity demands."""
    moved = use_index(use)
    fixed = [
        i == moved or (t.locked and t.target_m2 is not None)
        for i, t in enumerate(programme.targets)
    ]
    entries = list(programme.targets)
    for i, entry in enumerate(programme.targets):
        if fixed[i] or entry.target_m2 is None:
            continue
        others = tuple(
            _free(e) if not fixed[j] and e.target_m2 is not None else e
            for j, e in enumerate(entries)
        )
        low, high = _ranges(
            capacity, Programme(programme.total_gfa_m2, others), far_ratio=far_ratio
        )[i]
        if math.isnan(low):
            return programme
        held = int(min(max(entry.target_m2, low), high))
        entries[i] = replace(entry, target_m2=held)
        fixed[i] = True
    return Programme(programme.total_gfa_m2, tuple(entries))


def _free(entry: UseTarget) -> UseTarget:
    return replace(entry, target_m2=None, locked=False)


def use_ranges_m2(capacity: Capacity, programme: Programme, *, far_ratio: Floats) -> Floats:
    """Return the least and most whole m² of GFA that each use may take, shape (k, 2).

    Locked uses stay, unlocked ones may move between their bounds, the total is kept. A locked
    use's own range is what it could take if its lock were opened.
    """
    opened = tuple(e if e.locked else _free(e) for e in programme.targets)
    ranges = _ranges(capacity, replace(programme, targets=opened), far_ratio=far_ratio)
    for i, entry in enumerate(programme.targets):
        if entry.locked:
            free = tuple(_free(e) if i == j else e for j, e in enumerate(opened))
            ranges[i] = _ranges(capacity, replace(programme, targets=free), far_ratio=far_ratio)[i]
    return ranges


def _ranges(capacity: Capacity, programme: Programme, *, far_ratio: Floats) -> Floats:
    bounds_m2 = np.array(programme.bounds_m2(), dtype=float)
    # A parcel holds whole square metres of a use: the fraction above the last one is no room.
    whole_m2_held = np.floor(capacity.far_area_m2[:, None] / far_ratio + 1e-9) * far_ratio
    ranges = feasible_ranges(
        capacity.far_area_m2,
        np.where(capacity.allowed, whole_m2_held, 0.0),
        bounds_m2[:, 0] * far_ratio,
        bounds_m2[:, 1] * far_ratio,
        weight=1 / far_ratio,
        total=float(programme.total_gfa_m2),
    )
    gfa_m2 = ranges / far_ratio[:, None]
    noise_m2 = 1e-9 * programme.total_gfa_m2
    low = np.maximum(np.ceil(gfa_m2[:, 0] - noise_m2), 0.0) + 0.0
    return np.column_stack([low, np.maximum(np.floor(gfa_m2[:, 1] + noise_m2), low)])


def _allocated(
    capacity: Capacity,
    suitability: Suitability,
    programme: Programme,
    *,
    far_ratio: Floats,
    order: npt.NDArray[np.intp],
) -> tuple[Allocation, Integers | None]:
    """Solve in FAR area y = far_ratio × GFA, where every limit is a plain bound.

    Returns the solver's answer and its whole square metres, shape (n, k), None when nothing
    fits. Rows are handed over in `order`, so that ties fall the same way in any file order.
    """
    held_m2, allowed = capacity.far_area_m2[order], capacity.allowed[order]
    score = np.where(allowed, suitability.score[order], -np.inf)
    bounds_m2 = np.array(programme.bounds_m2(), dtype=float)
    low_m2, high_m2 = bounds_m2[:, 0] * far_ratio, bounds_m2[:, 1] * far_ratio
    if (bounds_m2[:, 0] == bounds_m2[:, 1]).all():
        found = allocate(held_m2, score / far_ratio, low_m2)
    else:
        found = allocate_within(
            held_m2,
            score / far_ratio,
            low_m2,
            high_m2,
            weight=1 / far_ratio,
            total=float(programme.total_gfa_m2),
        )
    if found.status == "infeasible":
        return found, None
    gfa_m2 = found.area_m2 / far_ratio
    whole = whole_m2(
        gfa_m2,
        far_ratio=far_ratio,
        capacity_m2=held_m2,
        target_gfa_m2=_whole_totals_m2(gfa_m2.sum(axis=0), programme),
        upper_gfa_m2=np.where(allowed, np.inf, 0.0),
        score=score,
    )
    if whole is None:
        return found, None
    back = np.empty_like(whole)
    back[order] = whole
    return found, back


def _whole_totals_m2(totals_m2: Floats, programme: Programme) -> Integers:
    """Return whole totals by use that sum to the programme's total and keep its bounds."""
    bounds = np.array(programme.bounds_m2(), dtype=np.int64)
    whole = np.clip(np.floor(totals_m2 + 1e-6).astype(np.int64), bounds[:, 0], bounds[:, 1])
    for column in np.argsort(-(totals_m2 - whole), kind="stable").tolist():
        missing = programme.total_gfa_m2 - int(whole.sum())
        whole[column] += min(max(missing, 0), int(bounds[column, 1] - whole[column]))
    return whole


def _why_infeasible(
    solved: Status,
    programme: Programme,
    parcels: Parcels,
    capacity: Capacity,
    *,
    far_ratio: Floats,
) -> tuple[Text, ...]:
    """Say why nothing fits; `solved` tells whether it would fit but for whole square metres."""
    if not (capacity.far_area_m2 > 0).any():
        return (
            sentence(
                "No parcel takes part with any capacity. Set the part available of at least one "
                "parcel above 0 %, and give parcels without a zone one."
            ),
        )
    # What a free use must hold at least, because the others cannot hold the rest of the total.
    bounds_m2 = np.array(programme.bounds_m2(), dtype=float)
    others_most_m2 = bounds_m2[:, 1].sum() - bounds_m2[:, 1]
    least_m2 = np.maximum(bounds_m2[:, 0], programme.total_gfa_m2 - others_most_m2)
    upper_m2 = np.where(capacity.allowed, capacity.far_area_m2[:, None], 0.0)
    short = shortfall(capacity.far_area_m2, least_m2 * far_ratio, upper_m2)
    if short is not None:
        return explain_shortfall(short, parcels=parcels, capacity=capacity, far_ratio=far_ratio)
    if solved == "infeasible":
        return (
            sentence(
                "No split of the free uses between their least and most fits on the parcels. "
                "Widen their bounds, lower a use, or let more parcels take part."
            ),
        )
    return (
        sentence(
            "The capacity is used up to the last square metre, and no split into whole square "
            "metres fits. Lower a use by a few square metres."
        ),
    )

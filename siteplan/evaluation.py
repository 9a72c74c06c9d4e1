"""The one path from facts and decisions to results: ``evaluate(parcels, scenario) -> Plan``.

The app, the command line and the exports all call it, so they cannot disagree.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from siteplan.approach import Practical
from siteplan.capacity import Capacity, capacity_of
from siteplan.cautions import check_capacity, check_limits, check_permissions
from siteplan.composition import Composition, check_parking, compose
from siteplan.glossary import COLUMN_NAMES
from siteplan.issues import Issue
from siteplan.ledger import Ledger, check_factors, shipped_ledger
from siteplan.lots import check_lots, edited
from siteplan.massing import Ground, Massing, check_setback, inset_areas_m2, massing_of
from siteplan.metrics import Metric, plan_metrics
from siteplan.placement import Placement, Status, placed
from siteplan.programme import Programme, rebalance
from siteplan.room import Room, freed, ranges_m2, room_of, use_ranges_m2
from siteplan.rules import RuleSet, shipped_rules
from siteplan.suitability import Suitability, suitability_of
from siteplan.text import Text
from siteplan.timing import Timing, placed_for_dates, timed
from siteplan.units import WORK_EPSG
from siteplan.uses import USES, use_index
from siteplan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    import numpy.typing as npt

    from siteplan.parcels import Parcels
    from siteplan.scenario import Scenario

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]


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
        Σ score × GFA, of the plan in whole m² and its proven upper bound. With an approach, what
        that maximises.
    explanation : tuple of Text
    issues : tuple of Issue
        What a person should know: findings of the data, assumptions, consents used.
    room : Room
        What each parcel may hold of each use.
    timing : Timing or None
        What is built when; None without phases, and where nothing fits.
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
    room: Room
    timing: Timing | None = None

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
    def available_m2(self) -> Floats:
        """Part of each site that takes part; land given to the public is off, shape (n,)."""
        return self.parcels.site_area_m2 * self.capacity.available_pct / 100

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

    @property
    def phase(self) -> tuple[int | None, ...]:
        """Year in which each parcel is completed, None where nothing is built or no years are."""
        if self.timing is None:
            return (None,) * len(self.parcels)
        return tuple(year or None for year in self.timing.completion_year.tolist())

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
            "phase": list(self.phase),
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
    room = room_of(parcels, scenario, capacity, far_ratio=far_ratio)
    facts = _Facts(parcels, scenario, capacity, suitability, room, ledger)
    whole_floors = isinstance(scenario.approach, Practical) and scenario.approach.whole_floors
    found = placed(
        parcels,
        scenario,
        capacity=capacity,
        suitability=suitability,
        room=room,
        ground=_ground(facts, rows=np.flatnonzero((room.capacity_m2 > 0) & whole_floors)),
    )
    found, timing = _when(facts, found)
    gfa_m2 = found.gfa_m2
    gfa_m2.flags.writeable = False
    composition, massing = _built(facts, gfa_m2)
    return Plan(
        parcels=parcels,
        scenario=scenario,
        rules=rules,
        ledger=ledger,
        status=found.status,
        gfa_m2=gfa_m2,
        capacity=capacity,
        suitability=suitability,
        composition=composition,
        massing=massing,
        ranges_m2=use_ranges_m2(room, scenario.programme),
        objective=0.0 if found.status == "infeasible" else found.objective,
        bound=found.bound,
        explanation=found.explanation,
        issues=(
            *(
                issue
                for issue in parcels.issues
                if issue.code != "zone_missing" or scenario.assumed_zone is None
            ),
            *check_lots(parcels, scenario.edits, rules=rules, zones=capacity.zones),
            *check_capacity(parcels, scenario, capacity),
            *check_limits(parcels, scenario, capacity),
            *found.issues,
            *check_factors(ledger),
            *check_permissions(capacity, gfa_m2, ids=parcels.ids),
            *check_parking(composition, ids=parcels.ids),
            *check_setback(massing, ids=parcels.ids),
        ),
        room=room,
        timing=timing,
    )


@dataclass(frozen=True, eq=False)
class _Facts:
    """What a plan is made of before anything is placed."""

    parcels: Parcels
    scenario: Scenario
    capacity: Capacity
    suitability: Suitability
    room: Room
    ledger: Ledger


def _when(facts: _Facts, found: Placement) -> tuple[Placement, Timing | None]:
    """Return when a placement is built, and the placement that its dates ask for."""
    scenario = facts.scenario
    if scenario.phases is None or found.status == "infeasible":
        return found, None
    timing = _timed(facts, found.gfa_m2)
    if timing is None or timing.status != "infeasible":
        return found, timing
    if scenario.approach is None and not scenario.phases.whole_parcels:
        moved = placed_for_dates(
            parcels=facts.parcels,
            scenario=scenario,
            room=facts.room,
            suitability=facts.suitability,
            ledger=facts.ledger,
            totals_m2=found.gfa_m2.sum(axis=0),
        )
        if moved is not None:
            return _moved(facts, found, moved[0]), moved[1]
    return replace(found, issues=(*found.issues, Issue("phases_infeasible"))), timing


def _moved(facts: _Facts, found: Placement, gfa_m2: Integers) -> Placement:
    """Return the placement that dates decided, with what it costs in suitability."""
    worth = float((facts.suitability.score * gfa_m2).sum())
    lost_pct = 0.0
    if found.objective != 0:
        lost_pct = max((found.objective - worth) / abs(found.objective) * 100, 0.0)
    return replace(
        found,
        status="feasible",
        gfa_m2=gfa_m2,
        objective=worth,
        bound=max(found.bound, worth),
        issues=(*found.issues, Issue("dates_decide", (), {"lost": f"{lost_pct:.2f}"})),
    )


def _timed(facts: _Facts, gfa_m2: Integers) -> Timing | None:
    return timed(
        gfa_m2,
        parcels=facts.parcels,
        scenario=facts.scenario,
        suitability=facts.suitability,
        ledger=facts.ledger,
    )


def _ground(facts: _Facts, *, rows: npt.NDArray[np.intp]) -> Ground:
    """Return what the floors of the parcels may cover; within the setback only for `rows`."""
    scenario, capacity = facts.scenario, facts.capacity
    setback_m = scenario.setback_m
    if setback_m is None:
        setback_m = facts.ledger.value("setback_m")
    inset_m2 = inset_areas_m2(facts.parcels, rows, setback_m=float(setback_m))
    return Ground(
        most_m2=np.nan_to_num(capacity.ground_m2),
        inset_m2=inset_m2 * capacity.available_pct / 100,
        max_floors=np.minimum(
            capacity.floors_limit, np.floor(capacity.height_limit_m / capacity.storey_m + 1e-9)
        ),
    )


def _built(facts: _Facts, gfa_m2: Integers) -> tuple[Composition, Massing]:
    """Return how the GFA is made up, and the floors that hold it."""
    ledger = facts.ledger
    ground = _ground(facts, rows=np.flatnonzero(gfa_m2.any(axis=1)))
    with np.errstate(invalid="ignore"):
        most_above_m2 = np.nan_to_num(ground.most_m2 * ground.max_floors, posinf=np.inf)
    composition = compose(gfa_m2, ledger=ledger, most_above_m2=most_above_m2)
    massing = massing_of(
        composition.far_m2,
        parking_m2=composition.parking_above_m2,
        below_m2=composition.below_m2,
        ground=ground,
        storey_height_m=ledger.by_use("storey_height_m"),
        parking_height_m=ledger.value("storey_height_m.parking"),
        stack=facts.scenario.stack,
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


def move_use(
    parcels: Parcels,
    scenario: Scenario,
    *,
    use: str,
    gfa_m2: float,
    earlier: Iterable[Programme] = (),
) -> Scenario:
    """Return the scenario after one use is moved and the unlocked others have absorbed it.

    The others absorb in proportion (`siteplan.programme.rebalance`). Where that would not fit
    on the parcels although some split would, each in turn is held within what the ones before
    it leave feasible. `earlier` programmes, the latest first, say in which proportions others
    absorb that are all at nothing.
    """
    parcels = edited(parcels, scenario.edits)
    programme = rebalance(scenario.programme, use, gfa_m2, earlier=earlier)
    rules = shipped_rules(scenario.rules)
    ledger = shipped_ledger().with_overrides(scenario.factors)
    capacity = capacity_of(
        parcels, scenario, rules=rules, storey_height_m=ledger.by_use("storey_height_m")
    )
    far_ratio = np.array(ledger.by_use("far_ratio"))
    room = room_of(parcels, scenario, capacity, far_ratio=far_ratio)
    return replace(scenario, programme=_held_feasible(programme, room, use=use))


def _held_feasible(programme: Programme, room: Room, *, use: str) -> Programme:
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
            freed(e) if not fixed[j] and e.target_m2 is not None else e
            for j, e in enumerate(entries)
        )
        low, high = ranges_m2(room, Programme(programme.total_gfa_m2, others))[i]
        if math.isnan(low):
            return programme
        held = int(min(max(entry.target_m2, low), high))
        if held != entry.target_m2:
            opened = Programme(programme.total_gfa_m2, others)
            held = _inside(held, (low, high), room=room, programme=opened, use=i)
        entries[i] = replace(entry, target_m2=held)
        fixed[i] = True
    return Programme(programme.total_gfa_m2, tuple(entries))


def _inside(
    held_m2: int, range_m2: tuple[float, float], *, room: Room, programme: Programme, use: int
) -> int:
    """Return the end of a range, or a little inside of it where only fractions would fit.

    Where uses share lots that are full, rounding may take a m² of each lot, so that much is kept
    back; but not where the range ends at bounds and at lots full of one use, which are whole m².
    """
    bounds_m2 = np.array(programme.bounds_m2())
    full_m2 = np.floor(room.whole_upper_m2.sum(axis=0) / room.far_ratio + 1e-6)
    least_m2, most_m2 = bounds_m2[:, 0], np.minimum(bounds_m2[:, 1], full_m2)
    rest = np.arange(len(USES)) != use
    plain_low = max(least_m2[use], programme.total_gfa_m2 - most_m2[rest].sum())
    plain_high = min(most_m2[use], programme.total_gfa_m2 - least_m2[rest].sum())
    low_m2, high_m2 = range_m2
    spare_m2 = int(min(float(np.count_nonzero(room.capacity_m2 > 0)), (high_m2 - low_m2) // 2))
    if held_m2 == low_m2:
        return held_m2 if low_m2 <= plain_low else held_m2 + spare_m2
    return held_m2 if high_m2 >= plain_high else held_m2 - spare_m2

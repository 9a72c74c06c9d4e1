"""A scenario: a planner's decisions, as one small frozen value with a JSON form.

Facts (parcels, rules, factors) are elsewhere; `siteplan.evaluate` turns facts and a scenario
into a plan.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

from siteplan.approach import Approach, approach_from
from siteplan.context import CRITERIA
from siteplan.edits import LotEdit, check_edits, edits_from
from siteplan.errors import InputError
from siteplan.fields import check_keys, check_whole, check_within, wrong_kind
from siteplan.phasing import Phases
from siteplan.programme import DEFAULT_TOTAL_GFA_M2, Programme, UseTarget
from siteplan.reading import Reading
from siteplan.rules import DEFAULT_RULES
from siteplan.text import N_, Text, sentence
from siteplan.use_limits import UseLimit, checked_limits
from siteplan.uses import DEFAULT_STACK, USES

SCHEMA = 1

DEFAULT_SHARES_PCT: Mapping[str, float] = MappingProxyType(
    {"research": 45.0, "campus": 25.0, "housing": 20.0, "culture": 10.0}
)
"""siteplan's own starting split. No split by use has been published. It keeps research at or
above the 40 % that the 2023 district plan asks of distribution-facility sites (press, read), and
54,000 m² of housing hold about 360 homes of 84 m² (112 + 39.5 m² of GFA each), where the 2021
campus plan had some 300 (press, read)."""

DEFAULT_WEIGHTS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "research": MappingProxyType(
            {"station": 0.25, "main_road": 0.25, "nature": 0.0, "ai_hub": 0.5}
        ),
        "campus": MappingProxyType(
            {"station": 0.3, "main_road": 0.0, "nature": 0.3, "ai_hub": 0.4}
        ),
        "housing": MappingProxyType(
            {"station": 0.4, "main_road": -0.2, "nature": 0.4, "ai_hub": 0.0}
        ),
        "culture": MappingProxyType(
            {"station": 0.5, "main_road": 0.2, "nature": 0.3, "ai_hub": 0.0}
        ),
    }
)
"""siteplan's own starting weights (assumption). A negative weight asks for distance."""


@dataclass(frozen=True)
class ParcelDecision:
    """What the planner decides about one parcel.

    Parameters
    ----------
    available_pct : float
        Part of the parcel's capacity that takes part, 0 to 100: 100 wholly, 20 a public
        contribution (공공기여) as in the 2023 district plan, 0 not at all.
    zone : str or None
        Zone to plan with instead of the parcel's own (a zone change is an assumption).
    far_pct : float or None
        FAR to plan with instead of the zone's, e.g. of a special planning zone.
    max_floors : int or None
        Floors allowed above ground, where the planner knows a height limit.
    max_height_m : float or None
        Height allowed above ground.
    incentives : Mapping[str, float or None]
        FAR incentives of this parcel, key -> parameter; None switches one off that the scenario
        switches on for all.
    reason : str
        Why; shown wherever the decision has an effect.
    limits : Mapping[str, UseLimit]
        Least and most GFA of uses on this parcel, e.g. a fixed one.
    only_use : str or None
        The one use that may stand here.
    stays_far_m2 : float
        FAR area of existing buildings that stay; it is taken off what the programme may use.
    ready_year : int or None
        First year in which the parcel can be built; None means the first of the phases.
    """

    available_pct: float = 100.0
    zone: str | None = None
    far_pct: float | None = None
    max_floors: int | None = None
    reason: str = ""
    max_height_m: float | None = None
    incentives: Mapping[str, float | None] = field(default_factory=dict)
    limits: Mapping[str, UseLimit] = field(default_factory=dict)
    only_use: str | None = None
    stays_far_m2: float = 0.0
    ready_year: int | None = None

    def __post_init__(self) -> None:
        check_within("available_pct", self.available_pct, low=0, high=100)
        # 100 and 100.0 are the same decision and must give the same scenario id.
        object.__setattr__(self, "available_pct", float(self.available_pct))
        if self.far_pct is not None:
            check_within("far_pct", self.far_pct, low=0, high=2000)
            object.__setattr__(self, "far_pct", float(self.far_pct))
        _check_floors(self.max_floors)
        _check_text("zone", self.zone, optional=True)
        _check_text("reason", self.reason)
        if self.max_height_m is not None:
            check_within("max_height_m", self.max_height_m, low=1, high=1000)
        _check_incentives(self.incentives)
        object.__setattr__(self, "incentives", MappingProxyType(dict(self.incentives)))
        if not isinstance(self.limits, Mapping):
            raise wrong_kind("limits", N_("a table of uses and amounts"))
        object.__setattr__(self, "limits", MappingProxyType(checked_limits(self.limits)))
        if self.only_use is not None and self.only_use not in USES:
            raise wrong_kind("only_use", Text(", ".join(USES)))
        check_within("stays_far_m2", self.stays_far_m2, low=0, high=100_000_000)
        object.__setattr__(self, "stays_far_m2", float(self.stays_far_m2))
        if self.ready_year is not None:
            check_whole("ready_year", self.ready_year, low=2000, high=2300)

    def __hash__(self) -> int:
        switches = tuple(sorted((key, repr(value)) for key, value in self.incentives.items()))
        rest = (self.available_pct, self.zone, self.far_pct, self.max_floors, self.max_height_m)
        held = (tuple(self.limits.items()), self.only_use, self.stays_far_m2, self.ready_year)
        return hash((rest, held, self.reason, switches))

    @property
    def shapes_capacity(self) -> ParcelDecision:
        """The part of the decision that the parcel's capacity hangs on."""
        if not (self.limits or self.only_use or self.ready_year):
            return self
        return replace(self, limits={}, only_use=None, ready_year=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the decision as plain values for JSON; what is not set is left out."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["incentives"] = dict(sorted(self.incentives.items())) or None
        plain["limits"] = {use: limit.to_dict() for use, limit in self.limits.items()} or None
        plain["stays_far_m2"] = self.stays_far_m2 or None
        return {key: value for key, value in plain.items() if value not in (None, "")}


@dataclass(frozen=True)
class Scenario:
    """A planner's decisions.

    Parameters
    ----------
    name : str
    programme : Programme
        Total and wishes by use.
    decisions : Mapping[str, ParcelDecision]
        By parcel id.
    default_available_pct : float
        For parcels without a decision: 100 takes all parcels in, 0 only the decided ones.
    rules : str
        Id of the rule set.
    assumed_zone : str or None
        Zone for parcels that carry none.
    consents : frozenset of (zone, use)
        Conditional or unknown permissions that the planner accepts; each use of one is listed.
    weights : Mapping[str, Mapping[str, float]]
        Weight of each criterion by use, -1 to 1.
    factors : Mapping[str, float]
        The planner's own values of factors.
    max_floors : int or None
        Floors allowed above ground on every parcel without its own figure.
    note : str
    max_height_m : float or None
        Height allowed above ground on every parcel without its own figure.
    incentives : Mapping[str, float]
        FAR incentives switched on for all parcels, key -> parameter.
    stack : tuple of str
        Uses of a building from the ground up, each once.
    setback_m : float or None
        Distance that buildings keep from the lot line; None leaves it out.
    edits : tuple of LotEdit
        Merged and cut lots, in the order in which they are made; decisions name the lots that
        are there in the end.
    reading : Reading
        How the person wanted the file of parcels to be read.
    approach : Practical or Near or Together or None
        What is wished beside suitability; None asks for the most suitable plan.
    phases : Phases or None
        When what may be built; None leaves time out.
    """

    name: str = ""
    programme: Programme = field(
        default_factory=lambda: Programme.from_shares(DEFAULT_TOTAL_GFA_M2, DEFAULT_SHARES_PCT)
    )
    decisions: Mapping[str, ParcelDecision] = field(default_factory=dict)
    default_available_pct: float = 100.0
    rules: str = DEFAULT_RULES
    assumed_zone: str | None = None
    consents: frozenset[tuple[str, str]] = frozenset()
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: DEFAULT_WEIGHTS)
    factors: Mapping[str, float] = field(default_factory=dict)
    max_floors: int | None = None
    note: str = ""
    max_height_m: float | None = None
    incentives: Mapping[str, float] = field(default_factory=dict)
    setback_m: float | None = None
    stack: tuple[str, ...] = DEFAULT_STACK
    edits: tuple[LotEdit, ...] = ()
    reading: Reading = field(default_factory=Reading)
    approach: Approach | None = None
    phases: Phases | None = None

    def __post_init__(self) -> None:
        check_within("default_available_pct", self.default_available_pct, low=0, high=100)
        _check_floors(self.max_floors)
        for name in ("name", "note", "rules"):
            _check_text(name, getattr(self, name))
        if not isinstance(self.stack, list | tuple) or sorted(map(str, self.stack)) != sorted(USES):
            raise wrong_kind("stack", N_("each use once, from the ground up"))
        object.__setattr__(self, "stack", tuple(self.stack))
        check_edits(self.edits)
        object.__setattr__(self, "edits", tuple(self.edits))
        _check_text("assumed_zone", self.assumed_zone, optional=True)
        _check_weights(self.weights)
        for key, value in self.factors.items():
            check_within(f"factors.{key}", value, low=0, high=math.inf)
        freeze = object.__setattr__
        freeze(self, "default_available_pct", float(self.default_available_pct))
        if self.max_height_m is not None:
            check_within("max_height_m", self.max_height_m, low=1, high=1000)
        if self.setback_m is not None:
            check_within("setback_m", self.setback_m, low=0, high=100)
        _check_incentives(self.incentives, off=False)
        freeze(self, "incentives", MappingProxyType(dict(self.incentives)))
        freeze(self, "decisions", MappingProxyType(dict(self.decisions)))
        freeze(self, "factors", MappingProxyType(dict(self.factors)))
        freeze(self, "consents", frozenset(self.consents))
        freeze(
            self,
            "weights",
            MappingProxyType(
                {
                    use: MappingProxyType({c: float(w) for c, w in self.weights[use].items()})
                    for use in USES
                }
            ),
        )

    def with_decision(self, parcel_id: str, decision: ParcelDecision | None) -> Scenario:
        """Return a scenario with one parcel's decision set, or dropped when None."""
        decisions = dict(self.decisions)
        if decision is None:
            decisions.pop(parcel_id, None)
        else:
            decisions[parcel_id] = decision
        return replace(self, decisions=decisions)

    def decision(self, parcel_id: str) -> ParcelDecision:
        """Return what is decided about a parcel, the default where nothing is."""
        return self.decisions.get(
            parcel_id, ParcelDecision(available_pct=self.default_available_pct)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the scenario as plain values for JSON, keys in a fixed order.

        "reading", "edits", "approach" and "phases" stand only where there is anything in them,
        so that a scenario without them keeps the form and the id that it had before they were
        known.
        """
        plain = {
            "siteplan_scenario": SCHEMA,
            "name": self.name,
            "note": self.note,
            "programme": {
                "total_gfa_m2": self.programme.total_gfa_m2,
                "uses": {
                    use: {k: v for k, v in asdict(target).items() if v is not None}
                    for use, target in zip(USES, self.programme.targets, strict=True)
                },
            },
            "default_available_pct": self.default_available_pct,
            "decisions": {
                parcel_id: decision.to_dict()
                for parcel_id, decision in sorted(self.decisions.items())
            },
            "rules": self.rules,
            "assumed_zone": self.assumed_zone,
            "consents": [list(pair) for pair in sorted(self.consents)],
            "max_floors": self.max_floors,
            "max_height_m": self.max_height_m,
            "incentives": dict(sorted(self.incentives.items())),
            "setback_m": self.setback_m,
            "stack": list(self.stack),
            "weights": {use: dict(sorted(self.weights[use].items())) for use in USES},
            "factors": dict(sorted(self.factors.items())),
        }
        if self.reading != Reading():
            plain["reading"] = self.reading.to_dict()
        if self.edits:
            plain["edits"] = [edit.to_dict() for edit in self.edits]
        if self.approach is not None:
            plain["approach"] = self.approach.to_dict()
        if self.phases is not None:
            plain["phases"] = self.phases.to_dict()
        return plain

    def to_json(self) -> str:
        """Return the scenario as readable JSON; `from_json` gives the same scenario back."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Scenario:
        """Return the scenario written in `text`.

        Raises
        ------
        InputError
            Not JSON, another kind or version of file, or a key that no scenario has.
        """
        try:
            table = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as broken:
            raise InputError(
                sentence(
                    "The scenario is not valid JSON ({reason}). "
                    "Save it again from siteplan, or repair the text.",
                    reason=str(broken),
                )
            ) from broken
        return cls.from_dict(table)

    @classmethod
    def from_dict(cls, table: object) -> Scenario:
        """Return the scenario held in plain values; raises as `from_json`."""
        if not isinstance(table, dict) or table.get("siteplan_scenario") != SCHEMA:
            raise InputError(
                sentence(
                    "This is not a siteplan scenario of version {version}: it lacks "
                    '"siteplan_scenario": {version}. Choose a .scenario.json file.',
                    version=SCHEMA,
                )
            )
        try:
            return cls(**_arguments(table))
        except (TypeError, ValueError, AttributeError, KeyError) as wrong:
            raise InputError(
                sentence(
                    "The scenario holds a value of the wrong kind ({reason}). Correct it.",
                    reason=str(wrong),
                )
            ) from wrong


_PLAIN_KEYS = (
    "name", "note", "default_available_pct", "rules", "assumed_zone", "max_floors",
    "max_height_m", "incentives", "setback_m", "stack",
)  # fmt: skip


def _arguments(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the constructor's arguments; keys left out take their defaults."""
    check_keys("scenario", table, (*Scenario.__dataclass_fields__, "siteplan_scenario"))
    given: dict[str, Any] = {key: table[key] for key in _PLAIN_KEYS if key in table}
    if "programme" in table:
        entry = table["programme"]
        check_keys("programme", entry, ("total_gfa_m2", "uses"))
        check_keys("programme.uses", entry["uses"], USES)
        given["programme"] = Programme(
            entry["total_gfa_m2"], tuple(_target(use, entry["uses"].get(use)) for use in USES)
        )
    if "decisions" in table:
        given["decisions"] = {
            parcel_id: _decision(parcel_id, entry)
            for parcel_id, entry in table["decisions"].items()
        }
    if "consents" in table:
        given["consents"] = frozenset(_pair(entry) for entry in table["consents"])
    if "weights" in table:
        given["weights"] = table["weights"]
    if "factors" in table:
        given["factors"] = dict(table["factors"])
    if "reading" in table:
        given["reading"] = Reading.from_dict(table["reading"])
    if "edits" in table:
        given["edits"] = edits_from(table["edits"])
    if table.get("approach") is not None:
        given["approach"] = approach_from(table["approach"])
    if table.get("phases") is not None:
        given["phases"] = Phases.from_dict(table["phases"])
    return given


def _target(use: str, entry: Mapping[str, Any] | None) -> UseTarget:
    if entry is None:
        return UseTarget(0)
    check_keys(f"programme.uses.{use}", entry, UseTarget.__dataclass_fields__)
    for key in ("target_m2", "min_m2", "max_m2"):
        value = entry.get(key)
        empty = value is None and (key != "min_m2" or key not in entry)
        if not empty and (isinstance(value, bool) or not isinstance(value, int)):
            raise wrong_kind(f"programme.uses.{use}.{key}", N_("a whole number of m²"))
    if not isinstance(entry.get("locked", False), bool):
        raise wrong_kind(f"programme.uses.{use}.locked", N_("true or false"))
    return UseTarget(**{"target_m2": None, **entry})


def _pair(entry: object) -> tuple[str, str]:
    if (
        isinstance(entry, list)
        and len(entry) == 2
        and all(isinstance(part, str) for part in entry)
        and entry[1] in USES
    ):
        return entry[0], entry[1]
    raise wrong_kind("consents", N_("pairs of a zone and a use"))


def _decision(parcel_id: str, entry: Mapping[str, Any]) -> ParcelDecision:
    check_keys(f"decisions.{parcel_id}", entry, ParcelDecision.__dataclass_fields__)
    return ParcelDecision(**entry)


def _check_weights(weights: Mapping[str, Mapping[str, float]]) -> None:
    for use in USES:
        row = weights.get(use)
        if not isinstance(row, Mapping) or set(row) != set(CRITERIA) or set(weights) != set(USES):
            raise InputError(
                sentence(
                    "The weights of {use} must name each criterion once: {criteria}.",
                    use=use,
                    criteria=", ".join(CRITERIA),
                )
            )
        for criterion, weight in row.items():
            check_within(f"weights.{use}.{criterion}", weight, low=-1, high=1)


def _check_incentives(switches: Mapping[str, float | None], *, off: bool = True) -> None:
    if not isinstance(switches, Mapping):
        raise wrong_kind("incentives", N_("a table of names and parameters"))
    for key, parameter in switches.items():
        if parameter is not None or not off:
            number = math.nan if parameter is None else parameter
            check_within(f"incentives.{key}", number, low=0, high=3000)


def _check_text(name: str, value: object, *, optional: bool = False) -> None:
    if not isinstance(value, str) and not (optional and value is None):
        raise wrong_kind(name, N_("a text"))


def _check_floors(max_floors: object) -> None:
    if max_floors is not None:
        check_whole("max_floors", max_floors, low=1, high=200, kind=N_("a whole number of floors"))

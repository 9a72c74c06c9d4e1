"""What a person can do on screen, as values; `siteplan.app.state.reduce` carries them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from siteplan.approach import Approach
from siteplan.edits import Line
from siteplan.phasing import Phases
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.text import N_, Text
from siteplan.use_limits import UseLimit


@dataclass(frozen=True)
class MoveUse:
    """A slider or a number field was set to a GFA."""

    use: str
    gfa_m2: float


@dataclass(frozen=True)
class SetLock:
    """A use was locked or unlocked."""

    use: str
    locked: bool


@dataclass(frozen=True)
class SetBounds:
    """A use got a least and a most; `free` lets the allocation choose between them."""

    use: str
    min_m2: int
    max_m2: int
    free: bool


@dataclass(frozen=True)
class SetTotal:
    """The programme's total was changed."""

    total_gfa_m2: float


@dataclass(frozen=True)
class SelectParcel:
    """A parcel was clicked; `additive` toggles it in the selection. None clears."""

    parcel_id: str | None
    additive: bool = False


@dataclass(frozen=True)
class SelectParcels:
    """Parcels were chosen together, by a box on the map; `additive` keeps the ones before.

    None at all and not `additive` clears the selection.
    """

    ids: tuple[str, ...]
    additive: bool = False


@dataclass(frozen=True)
class Decide:
    """The planner decided about a parcel; None drops the decision."""

    parcel_id: str
    decision: ParcelDecision | None


@dataclass(frozen=True)
class DecideMany:
    """The planner decided the same about several parcels; fields that are not named stay.

    `fields` are fields of `siteplan.scenario.ParcelDecision` with their new values.
    """

    ids: tuple[str, ...]
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class LimitUse:
    """A use got a least and a most on parcels, or lost them (None)."""

    ids: tuple[str, ...]
    use: str
    limit: UseLimit | None


@dataclass(frozen=True)
class HoldParcels:
    """Parcels are locked at a plan's floor areas: GFA of each use by parcel id."""

    held: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class SetApproach:
    """What is wished beside suitability; None asks for the most suitable plan.

    `said` is what the step is called where it is more than a choice among the approaches, such as
    the taking of an alternative.
    """

    approach: Approach | None
    said: Text | None = None


@dataclass(frozen=True)
class SetPhases:
    """The years in which the plan is built; None leaves time out."""

    phases: Phases | None


@dataclass(frozen=True)
class ShowYear:
    """The year at whose end the phases page and the 3-D view show the plan; None shows all."""

    year: int | None


@dataclass(frozen=True)
class ColourBy:
    """The map's colours were given another meaning."""

    colour_by: str


@dataclass(frozen=True)
class Consent:
    """A conditional or unknown permission was accepted or not."""

    zone: str
    use: str
    given: bool


@dataclass(frozen=True)
class SetFactor:
    """A factor got the planner's own value, or its ledger value back (None)."""

    key: str
    value: float | None


@dataclass(frozen=True)
class SetWeight:
    """A criterion's weight for a use was changed."""

    use: str
    criterion: str
    weight: float


@dataclass(frozen=True)
class AssumeZone:
    """Parcels without a zone are planned with this one."""

    zone: str | None


@dataclass(frozen=True)
class SetRules:
    """The plan is checked against another rule set that siteplan ships."""

    rules: str


@dataclass(frozen=True)
class SwitchIncentive:
    """A FAR incentive was set for all parcels; None switches it off."""

    key: str
    parameter: float | None


@dataclass(frozen=True)
class SetLimits:
    """Height limit and setback of all parcels; None leaves one out."""

    max_height_m: float | None
    setback_m: float | None


@dataclass(frozen=True)
class SetStack:
    """The uses of a building were put in another order, from the ground up."""

    stack: tuple[str, ...]


@dataclass(frozen=True)
class OpenScenario:
    """Another scenario takes the place of the present one.

    `opened` is the key and the revision under which it is kept. Left out, a scenario of the same
    name is the same work going on, as a repaired one is; another name begins new work. `said` is
    what the step is called where that tells more than the name, such as a repair's sentence.
    """

    scenario: Scenario
    opened: tuple[str, int] | None = None
    said: Text | None = None


@dataclass(frozen=True)
class MarkSaved:
    """The present scenario is kept now, under a key and as a revision."""

    key: str
    revision: int


@dataclass(frozen=True)
class CloseWelcome:
    """The guided start was read."""


@dataclass(frozen=True)
class MergeLots:
    """Adjoining parcels become one lot (합필)."""

    ids: tuple[str, ...]


@dataclass(frozen=True)
class StartCut:
    """A line is to be drawn across a parcel; None stops drawing."""

    parcel_id: str | None


@dataclass(frozen=True)
class CutLot:
    """A parcel is cut (분할) along a line in EPSG:5186."""

    parcel_id: str
    line: Line


@dataclass(frozen=True)
class DropEdit:
    """One merge or cut of the scenario is taken back, wherever it stands."""

    index: int


@dataclass(frozen=True)
class Undo:
    """The last change of the scenario is taken back."""


@dataclass(frozen=True)
class JumpTo:
    """So many steps are taken back (below 0) or made again (above 0)."""

    steps: int


@dataclass(frozen=True)
class NameScenario:
    """The scenario got a name and a note."""

    name: str
    note: str


@dataclass(frozen=True)
class Redo:
    """A change that was taken back is made again."""


Event = (
    MoveUse
    | SetLock
    | SetBounds
    | SetTotal
    | SelectParcel
    | SelectParcels
    | Decide
    | DecideMany
    | LimitUse
    | HoldParcels
    | SetApproach
    | SetPhases
    | ShowYear
    | ColourBy
    | Consent
    | SetFactor
    | SetWeight
    | AssumeZone
    | SetRules
    | SwitchIncentive
    | SetLimits
    | SetStack
    | OpenScenario
    | MergeLots
    | StartCut
    | CutLot
    | DropEdit
    | Undo
    | Redo
    | JumpTo
    | NameScenario
    | MarkSaved
    | CloseWelcome
)

LABELS: dict[type, str] = {
    MoveUse: N_("floor area of a use"),
    SetLock: N_("lock"),
    SetBounds: N_("bounds of a use"),
    SetTotal: N_("total floor area"),
    SetApproach: N_("way of allocating"),
    SetPhases: N_("phases"),
    Consent: N_("consent"),
    SetFactor: N_("factor"),
    SetWeight: N_("weight"),
    AssumeZone: N_("assumed zone"),
    SetRules: N_("rule set"),
    SwitchIncentive: N_("FAR incentive"),
    SetLimits: N_("height and setback"),
    SetStack: N_("order of uses"),
    OpenScenario: N_("another scenario"),
    NameScenario: N_("name and note"),
    MergeLots: N_("merging of lots"),
    CutLot: N_("cutting of a lot"),
    DropEdit: N_("dropping of a merge or cut"),
}
"""What a step is called where it can be undone; those about parcels say what was decided."""

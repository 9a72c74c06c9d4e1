"""The app's one truth: an immutable state, and what each event makes of it.

Nothing here knows Streamlit. Pages draw a state and return events; `reduce` is pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, assert_never

from siteplan.app.events import (
    AssumeZone,
    CloseWelcome,
    ColourBy,
    Consent,
    CutLot,
    Decide,
    DecideMany,
    DropEdit,
    Event,
    HoldParcels,
    JumpTo,
    LimitUse,
    MarkSaved,
    MergeLots,
    MoveUse,
    NameScenario,
    OpenScenario,
    Redo,
    SelectParcel,
    SelectParcels,
    SetApproach,
    SetBounds,
    SetFactor,
    SetLimits,
    SetLock,
    SetPhases,
    SetRules,
    SetStack,
    SetTotal,
    SetWeight,
    ShowYear,
    StartCut,
    SwitchIncentive,
    Undo,
)
from siteplan.app.history import step_label
from siteplan.app.lot_events import Changed, cut_lot, dropped_edit, merged_lots
from siteplan.approach import Near, gfa_table
from siteplan.errors import InputError
from siteplan.evaluation import move_use
from siteplan.ledger import shipped_ledger
from siteplan.lots import edited
from siteplan.programme import Programme, UseTarget, rebalance
from siteplan.rules import shipped_rules
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.text import Label, Text, sentence
from siteplan.use_limits import UseLimit
from siteplan.uses import USES, use_label

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.parcels import Parcels

__all__ = [
    "MOST_STEPS",
    "AppState",
    "AssumeZone",
    "CloseWelcome",
    "ColourBy",
    "Consent",
    "CutLot",
    "Decide",
    "DecideMany",
    "DropEdit",
    "Event",
    "HoldParcels",
    "JumpTo",
    "LimitUse",
    "MarkSaved",
    "MergeLots",
    "MoveUse",
    "NameScenario",
    "OpenScenario",
    "Redo",
    "SelectParcel",
    "SelectParcels",
    "SetApproach",
    "SetBounds",
    "SetFactor",
    "SetLimits",
    "SetLock",
    "SetPhases",
    "SetRules",
    "SetStack",
    "SetTotal",
    "SetWeight",
    "ShowYear",
    "StartCut",
    "Step",
    "SwitchIncentive",
    "Undo",
    "plan_table",
    "reduce",
]


MOST_STEPS = 200
"""So many steps can be undone."""


Place = Literal["programme", "lots", "parcels"]
"""Where on the plan page a notice is said."""


@dataclass(frozen=True)
class Step:
    """One step that can be undone or done again.

    Parameters
    ----------
    scenario : Scenario
        What undoing (in `AppState.past`) or doing again (in `AppState.future`) leads to.
    label : Label
        What the step was, in both languages.
    opened : (str, int) or None
        Key and revision that the scenario was kept under then.
    """

    scenario: Scenario
    label: Label
    opened: tuple[str, int] | None = None


@dataclass(frozen=True)
class AppState:
    """Everything that a person has decided on screen.

    Parameters
    ----------
    scenario : Scenario
    selected : tuple of str
        Ids of the selected parcels, in the order of selection.
    colour_by : str
        What the map's colours say.
    notice : Text or None
        What the last event could not do or what it did, shown until the next event.
    notice_at : {"programme", "lots", "parcels"}
        Where it is said: on the programme bar, at the lot tools, or at the selected parcels.
    notice_done : bool
        Whether it says that something was done.
    cutting : str or None
        Parcel across which a line is being drawn on the map.
    year : int or None
        Year at whose end the plan is shown where years are shown; None shows all of it.
    past, future : tuple of Step
        Scenarios to go back to, the latest last, and to go forward to again, the next last.
    opened : (str, int) or None
        Key and revision in the store that the work goes on from; None for what nobody saved.
    welcomed : bool
        Whether the guided start was read.
    """

    scenario: Scenario
    selected: tuple[str, ...] = ()
    colour_by: str = "use"
    notice: Text | None = None
    notice_at: Place = "programme"
    notice_done: bool = False
    cutting: str | None = None
    year: int | None = None
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()
    opened: tuple[str, int] | None = None
    welcomed: bool = False


def reduce(
    state: AppState, event: Event, *, parcels: Parcels, shown: Plan | None = None
) -> AppState:
    """Return the state after an event.

    An event that the rules of a scenario refuse changes nothing; the sentence that says why is
    left in `AppState.notice`. Whatever changes the scenario can be undone, and ends drawing.

    Parameters
    ----------
    state : AppState
    event : Event
    parcels : Parcels
        The facts, before the scenario's merges and cuts.
    shown : Plan, optional
        The plan on screen: a scenario that stays near the plan before it takes this one.
    """
    try:
        after = _after(state, event, parcels=parcels)
    except InputError as refused:
        cutting = None if isinstance(event, CutLot) else state.cutting
        place = place_of(event)
        return replace(
            state, notice=refused.text, notice_at=place, notice_done=False, cutting=cutting
        )
    after = replace(
        after,
        notice_at="programme" if after.notice is None else place_of(event),
        notice_done=isinstance(event, HoldParcels),
    )
    if after.scenario != state.scenario:
        there = edited(parcels, after.scenario.edits).index
        after = replace(after, cutting=None, selected=_there(after.selected, there))
        if not isinstance(event, Undo | Redo | JumpTo):
            if not isinstance(event, SetApproach | OpenScenario):
                after = replace(after, scenario=_followed(after.scenario, shown, state.scenario))
            label = step_label(event, before=state.scenario, after=after.scenario, parcels=parcels)
            past = (*state.past, Step(state.scenario, label, state.opened))
            after = replace(after, past=past[-MOST_STEPS:], future=())
    return after


def place_of(event: Event) -> Place:
    """Return where it is said what an event could not do: beside what was pressed."""
    match event:
        case MergeLots() | StartCut() | CutLot() | DropEdit():
            return "lots"
        case Decide() | DecideMany() | LimitUse() | HoldParcels():
            return "parcels"
        case _:
            return "programme"


def _followed(scenario: Scenario, shown: Plan | None, before: Scenario) -> Scenario:
    """Return the scenario near the plan on screen, where it asks to follow and one is there."""
    near = scenario.approach
    if not (isinstance(near, Near) and near.follow) or shown is None:
        return scenario
    if shown.status == "infeasible" or shown.scenario != before:
        return scenario
    return replace(scenario, approach=replace(near, gfa_m2=plan_table(shown)))


def plan_table(plan: Plan) -> dict[str, tuple[int, ...]]:
    """Return a plan's GFA by parcel and use, as `siteplan.approach.Near` takes it."""
    return gfa_table(plan.parcels.ids, plan.gfa_m2.tolist())


def _after(state: AppState, event: Event, *, parcels: Parcels) -> AppState:  # noqa: PLR0911 - a table
    """Return the state after an event, its notice set, its history not."""
    match event:
        case SelectParcel() | SelectParcels():
            selected = _selected(state.selected, event)
            return replace(state, selected=selected, cutting=None, notice=None)
        case StartCut():
            there = event.parcel_id in edited(parcels, state.scenario.edits).index
            return replace(state, cutting=event.parcel_id if there else None, notice=None)
        case ColourBy():
            return replace(state, colour_by=event.colour_by, notice=None)
        case ShowYear():
            return replace(state, year=event.year, notice=None)
        case Undo() | Redo() | JumpTo():
            return _stepped(state, event)
        case MergeLots() | CutLot() | DropEdit():
            changed = _lots(state.scenario, event, parcels=parcels)
            return replace(
                state, scenario=changed.scenario, selected=changed.selected, notice=changed.remark
            )
        case OpenScenario():
            goes_on = event.opened is None and event.scenario.name == state.scenario.name
            return replace(
                state,
                scenario=event.scenario,
                selected=(),
                cutting=None,
                notice=None,
                opened=state.opened if goes_on else event.opened,
            )
        case MarkSaved():
            return replace(state, opened=(event.key, event.revision), notice=None)
        case CloseWelcome():
            return replace(state, welcomed=True, notice=None)
        case _:
            earlier = tuple(step.scenario.programme for step in reversed(state.past))
            scenario = _decided(state.scenario, event, parcels=parcels, earlier=earlier)
            return replace(state, scenario=scenario, notice=_remark(scenario, event))


_Decided = (
    MoveUse
    | SetLock
    | SetBounds
    | SetTotal
    | Decide
    | DecideMany
    | LimitUse
    | HoldParcels
    | SetApproach
    | SetPhases
    | NameScenario
    | Consent
    | SetFactor
    | SetWeight
    | AssumeZone
    | SetRules
    | SwitchIncentive
    | SetLimits
    | SetStack
)


def _decided(  # noqa: PLR0911 - a table
    scenario: Scenario, event: _Decided, *, parcels: Parcels, earlier: tuple[Programme, ...]
) -> Scenario:
    """Return the scenario after an event that changes no lot."""
    match event:
        case Decide():
            return scenario.with_decision(event.parcel_id, _asked_anew(scenario, event))
        case DecideMany() | LimitUse() | HoldParcels():
            return _decided_many(scenario, event)
        case NameScenario():
            return replace(scenario, name=event.name.strip(), note=event.note.strip())
        case SetApproach():
            return replace(scenario, approach=event.approach)
        case SetPhases():
            return replace(scenario, phases=event.phases)
        case MoveUse():
            return move_use(parcels, scenario, use=event.use, gfa_m2=event.gfa_m2, earlier=earlier)
        case SetLock() | SetBounds() | SetTotal():
            return replace(scenario, programme=_programme(scenario.programme, event, earlier))
        case Consent() | SetFactor() | SetWeight() | AssumeZone():
            return _assumptions(scenario, event)
        case SetRules() | SwitchIncentive() | SetLimits() | SetStack():
            return _limits(scenario, event)
        case _:
            assert_never(event)


def _asked_anew(scenario: Scenario, event: Decide) -> ParcelDecision | None:
    """Return a decision, without a reason that was given for another FAR."""
    now, before = event.decision, scenario.decision(event.parcel_id)
    if now is None or now.far_pct == before.far_pct or now.reason != before.reason:
        return now
    return replace(now, reason="")


def _decided_many(scenario: Scenario, event: DecideMany | LimitUse | HoldParcels) -> Scenario:
    """Return the scenario with several parcels' decisions changed; empty ones are dropped."""
    for parcel_id in event.held if isinstance(event, HoldParcels) else event.ids:
        decision = scenario.decision(parcel_id)
        match event:
            case HoldParcels():
                fixed = zip(USES, event.held[parcel_id], strict=True)
                limits = {use: UseLimit(gfa_m2, gfa_m2) for use, gfa_m2 in fixed}
                decision = replace(decision, limits=limits, only_use=None)
            case LimitUse():
                limits = {use: limit for use, limit in decision.limits.items() if use != event.use}
                if event.limit is not None:
                    limits[event.use] = event.limit
                decision = replace(decision, limits=limits)
            case DecideMany():
                decision = replace(decision, **event.fields)
        same = decision == ParcelDecision(available_pct=scenario.default_available_pct)
        scenario = scenario.with_decision(parcel_id, None if same else decision)
    return scenario


def _lots(scenario: Scenario, event: MergeLots | CutLot | DropEdit, *, parcels: Parcels) -> Changed:
    match event:
        case MergeLots():
            return merged_lots(scenario, event.ids, parcels=parcels)
        case CutLot():
            return cut_lot(scenario, event.parcel_id, event.line, parcels=parcels)
        case DropEdit():
            return dropped_edit(scenario, event.index, parcels=parcels)
        case _:
            assert_never(event)


def _stepped(state: AppState, event: Undo | Redo | JumpTo) -> AppState:
    """Return the state some steps back or forward; at the end of the road it stays."""
    if isinstance(event, JumpTo):
        for _ in range(abs(event.steps)):
            state = _stepped(state, Undo() if event.steps < 0 else Redo())
        return state
    back = isinstance(event, Undo)
    source, other = (state.past, state.future) if back else (state.future, state.past)
    if not source:
        return replace(state, notice=None)
    step = source[-1]
    here = Step(state.scenario, step.label, state.opened)
    past, future = (
        (source[:-1], (*other, here)) if back else ((*other, here)[-MOST_STEPS:], source[:-1])
    )
    return replace(
        state,
        scenario=step.scenario,
        opened=step.opened,
        past=past,
        future=future,
        notice=None,
    )


def _there(selected: tuple[str, ...], index: Mapping[str, int]) -> tuple[str, ...]:
    """Return the selected ids without those of lots that are gone."""
    return tuple(i for i in selected if i in index)


def _selected(now: tuple[str, ...], event: SelectParcel | SelectParcels) -> tuple[str, ...]:
    if isinstance(event, SelectParcels):
        # Each id once, in the order of selection.
        return tuple(dict.fromkeys((*now, *event.ids) if event.additive else event.ids))
    if event.parcel_id is None:
        return ()
    if not event.additive:
        return (event.parcel_id,)
    if event.parcel_id in now:
        return tuple(i for i in now if i != event.parcel_id)
    return (*now, event.parcel_id)


def _programme(
    programme: Programme, event: SetLock | SetBounds | SetTotal, earlier: tuple[Programme, ...]
) -> Programme:
    match event:
        case SetTotal():
            return programme.with_total(event.total_gfa_m2)
        case SetLock():
            entry = programme.target(event.use)
            return programme.with_target(event.use, replace(entry, locked=event.locked))
        case SetBounds():
            return _bounded(programme, event, earlier)
        case _:
            assert_never(event)


def _bounded(programme: Programme, event: SetBounds, earlier: tuple[Programme, ...]) -> Programme:
    """Return the programme with new bounds; a target outside them moves to the nearer one."""
    entry = programme.target(event.use)
    max_m2 = None if event.max_m2 >= programme.total_gfa_m2 else event.max_m2
    if event.min_m2 > event.max_m2:
        raise InputError(
            sentence(
                "{use}: the least ({low:,} m²) is above the most ({high:,} m²). Change one.",
                use=use_label(event.use),
                low=event.min_m2,
                high=event.max_m2,
            )
        )
    now_m2 = entry.target_m2
    if now_m2 is None:
        now_m2 = programme.total_gfa_m2 - sum(t.target_m2 or 0 for t in programme.targets)
    held_m2 = min(max(now_m2, event.min_m2), event.max_m2)
    # The old bounds are opened first, or they would stop the move into the new ones.
    opened = programme.with_target(event.use, UseTarget(entry.target_m2, 0, None))
    moved = rebalance(opened, event.use, held_m2, earlier=earlier)
    return moved.with_target(
        event.use,
        UseTarget(
            None if event.free else held_m2,
            event.min_m2,
            max_m2,
            locked=entry.locked and not event.free,
        ),
    )


def _assumptions(
    scenario: Scenario, event: Consent | SetFactor | SetWeight | AssumeZone
) -> Scenario:
    match event:
        case AssumeZone():
            return replace(scenario, assumed_zone=event.zone)
        case Consent():
            pair = (event.zone, event.use)
            consents = scenario.consents | {pair} if event.given else scenario.consents - {pair}
            return replace(scenario, consents=consents)
        case SetFactor():
            return replace(scenario, factors=_with_factor(scenario.factors, event))
        case SetWeight():
            weights = {use: dict(row) for use, row in scenario.weights.items()}
            weights[event.use][event.criterion] = event.weight
            return replace(scenario, weights=weights)
        case _:
            assert_never(event)


def _limits(
    scenario: Scenario, event: SetRules | SwitchIncentive | SetLimits | SetStack
) -> Scenario:
    match event:
        case SetRules():
            return replace(scenario, rules=shipped_rules(event.rules).id)
        case SwitchIncentive():
            switches = {k: v for k, v in scenario.incentives.items() if k != event.key}
            if event.parameter is not None:
                switches[event.key] = event.parameter
            return replace(scenario, incentives=switches)
        case SetStack():
            return replace(scenario, stack=event.stack)
        case SetLimits():
            return replace(
                scenario, max_height_m=event.max_height_m, setback_m=event.setback_m or None
            )
        case _:
            assert_never(event)


def _with_factor(factors: Mapping[str, float], event: SetFactor) -> dict[str, float]:
    changed = {key: value for key, value in factors.items() if key != event.key}
    if event.value is not None:
        changed[event.key] = event.value
    shipped_ledger().with_overrides(changed)  # refuses what no factor may be
    return changed


def _remark(scenario: Scenario, event: _Decided) -> Text | None:
    """Return what a person should know although the event was carried out."""
    if isinstance(event, HoldParcels):
        return sentence("Locked as planned: {count} parcel(s).", count=len(event.held))
    if not isinstance(event, MoveUse):
        return None
    programme = scenario.programme
    reached = programme.target(event.use).target_m2
    if reached is None or reached == round(event.gfa_m2):
        return None
    return sentence(
        "{use} stops at {reached:,} m²: the locks and bounds of the other uses leave no more "
        "of the {total:,} m².",
        use=use_label(event.use),
        reached=reached,
        total=programme.total_gfa_m2,
    )

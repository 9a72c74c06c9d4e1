"""What a step was, in words that a planner recognises in the list of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteplan.app import events
from siteplan.app.decision_steps import decided_told, parcels_named
from siteplan.decided import approach_name
from siteplan.lots import edited
from siteplan.rules import shipped_rules
from siteplan.text import Label, Text, sentence, written
from siteplan.uses import use_label

if TYPE_CHECKING:
    from siteplan.app.events import Event
    from siteplan.parcels import Parcels
    from siteplan.scenario import Scenario


def step_label(event: Event, *, before: Scenario, after: Scenario, parcels: Parcels) -> Label:
    """Return what an event did to a scenario, in both languages.

    Parameters
    ----------
    event : Event
    before, after : Scenario
        What it changed, and what it led to.
    parcels : Parcels
        The facts, before any edit; they give the parcels' names.
    """
    named = edited(parcels, before.edits)
    match event:
        case events.SetApproach() | events.OpenScenario() if event.said is not None:
            said = event.said
        case events.Decide() | events.DecideMany() | events.LimitUse() | events.HoldParcels():
            ids = _ids(event)
            told = decided_told(ids, before=before, after=after)
            said = sentence("{parcels}: {decided}", parcels=parcels_named(ids, named), decided=told)
        case events.MergeLots() | events.CutLot():
            plain = Text(events.LABELS[type(event)])
            said = sentence("{step}: {name}", step=plain, name=parcels_named(_ids(event), named))
        case _:
            said = _said(event, after)
    return Label(said.render("ko"), said.render("en"))


_Parcelled = (
    events.Decide
    | events.DecideMany
    | events.LimitUse
    | events.HoldParcels
    | events.MergeLots
    | events.CutLot
)


def _ids(event: _Parcelled) -> tuple[str, ...]:
    match event:
        case events.HoldParcels():
            return tuple(event.held)
        case events.Decide() | events.CutLot():
            return (event.parcel_id,)
        case _:
            return event.ids


def _said(event: Event, after: Scenario) -> Text:  # noqa: PLR0911 - a table
    plain = Text(events.LABELS[type(event)])
    match event:
        case events.MoveUse():
            return sentence(
                "{use} to {gfa:,} m²",
                use=use_label(event.use),
                gfa=after.programme.target(event.use).target_m2 or 0,
            )
        case events.SetLock():
            if event.locked:
                return sentence("{use} locked", use=use_label(event.use))
            return sentence("{use} unlocked", use=use_label(event.use))
        case events.SetTotal():
            return sentence("total to {gfa:,} m²", gfa=after.programme.total_gfa_m2)
        case events.SetFactor():
            return sentence("{step}: {name}", step=plain, name=event.key)
        case events.Consent():
            zone = shipped_rules(after.rules).spoken(event.zone)
            name = sentence("{use} in {zone}", use=use_label(event.use), zone=zone)
            return sentence("{step}: {name}", step=plain, name=name)
        case events.SetApproach():
            return sentence("{step}: {name}", step=plain, name=approach_name(after.approach))
        case events.OpenScenario() if after.name:
            return sentence("scenario: {name}", name=written(after.name))
        case _:
            return plain

"""What a step was, in words that a planner recognises in the list of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteplan.app import events
from siteplan.approach import Near, Practical, Together
from siteplan.rules import shipped_rules
from siteplan.text import Label, Text, sentence, written
from siteplan.uses import use_label

if TYPE_CHECKING:
    from siteplan.app.events import Event
    from siteplan.scenario import Scenario


def step_label(event: Event, *, after: Scenario) -> Label:
    """Return what an event did to a scenario, in both languages.

    Parameters
    ----------
    event : Event
    after : Scenario
        What it led to.
    """
    said = _said(event, after)
    return Label(said.render("ko"), said.render("en"))


def _said(event: Event, after: Scenario) -> Text:  # noqa: C901, PLR0911, PLR0912 - a table
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
        case events.Decide():
            return sentence("{step}: {name}", step=plain, name=event.parcel_id)
        case events.DecideMany() | events.LimitUse():
            return sentence("{step}: {name}", step=plain, name=_some(event.ids))
        case events.HoldParcels():
            return sentence("{step}: {name}", step=plain, name=_some(tuple(event.held)))
        case events.SetFactor():
            return sentence("{step}: {name}", step=plain, name=event.key)
        case events.Consent():
            zone = shipped_rules(after.rules).spoken(event.zone)
            name = sentence("{use} in {zone}", use=use_label(event.use), zone=zone)
            return sentence("{step}: {name}", step=plain, name=name)
        case events.SetApproach():
            return sentence("{step}: {name}", step=plain, name=_approach(after))
        case events.OpenScenario() if after.name:
            return sentence("scenario: {name}", name=written(after.name))
        case events.MergeLots():
            return sentence("{step}: {name}", step=plain, name=_some(event.ids))
        case events.CutLot():
            return sentence("{step}: {name}", step=plain, name=event.parcel_id)
        case _:
            return plain


def _approach(after: Scenario) -> Text:
    match after.approach:
        case Practical():
            return sentence("buildable parcels")
        case Near():
            return sentence("near an earlier plan")
        case Together():
            return sentence("neighbours together")
        case _:
            return sentence("most suitable")


def _some(ids: tuple[str, ...], *, most: int = 3) -> str:
    shown = ", ".join(ids[:most])
    return shown if len(ids) <= most else f"{shown} … (+{len(ids) - most})"

"""What was found in the data, what is not verified, and what was assumed or decided."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siteplan.amounts import NONE
from siteplan.context import CRITERIA
from siteplan.decided import approach_name, approach_told, decision_told, phases_told
from siteplan.edits import Merge
from siteplan.explain import limit_figures
from siteplan.maps.findings import SEVERITY_NAMES
from siteplan.reading import by_subject
from siteplan.report.factor_names import factor_label
from siteplan.report.markup import (
    Column,
    Group,
    Markup,
    bullets,
    element,
    joined,
    pairs,
    paragraph,
    table,
)
from siteplan.report.sections.law import permissions_used, zones_in_use
from siteplan.report.sheet import VERIFIED, Section
from siteplan.suitability import CRITERION_LABELS
from siteplan.text import N_, written
from siteplan.uses import ALL_USES, use_label

if TYPE_CHECKING:
    from siteplan.ledger import Factor
    from siteplan.report.sheet import Sheet
    from siteplan.scenario import ParcelDecision

_SIGNS = {"error": "✕", "warning": "△", "info": "ⓘ"}


def findings(sheet: Sheet) -> Section:
    """Return every finding by subject, with what to do about it."""
    _ = sheet.translator
    columns = (
        Column(_(N_("Gravity")), width_pct=10),
        Column(_(N_("What was found")), width_pct=44),
        Column(_(N_("What to do")), width_pct=28),
        Column(_(N_("Parcels")), width_pct=18),
    )
    rows: list[Group | tuple[str, ...]] = []
    for subject in by_subject(sheet.plan.issues):
        rows.append(Group(sheet.say(subject.title)))
        for issue in subject.issues:
            name = _(SEVERITY_NAMES[issue.severity])
            rows.append(
                (
                    f"{_SIGNS[issue.severity]} {name}",
                    sheet.say(issue.message),
                    sheet.say(issue.fix),
                    _parcels_named(sheet, issue.parcel_ids),
                )
            )
    body = table(columns, rows) if rows else paragraph(_(N_("Nothing to remark.")))
    return Section("findings", _(N_("Findings on data and plan")), body)


def _parcels_named(sheet: Sheet, parcel_ids: tuple[str, ...]) -> str:
    _ = sheet.translator
    if parcel_ids and len(parcel_ids) == len(sheet.plan.parcels):
        return _(N_("all parcels"))
    return sheet.ids(parcel_ids)


@dataclass(frozen=True)
class Doubt:
    """One thing that the plan rests on and that is not verified: its kind and its words."""

    kind: str
    text: str


def doubts(sheet: Sheet) -> list[Doubt]:
    """Return everything that the plan rests on and that is not verified."""
    return [
        *_land_doubts(sheet),
        *_rule_doubts(sheet),
        *_decision_doubts(sheet),
        *_factor_doubts(sheet),
    ]


def _land_doubts(sheet: Sheet) -> list[Doubt]:
    _ = sheet.translator
    parcels, kind = sheet.plan.parcels, _(N_("Land"))
    found = []
    rows = [row for row in sheet.shown_rows if not parcels.zone_verified[row]]
    if rows:
        text = _(N_("The zone of {count} parcels shown is not verified: {parcels}."))
        found.append(Doubt(kind, text.format(count=len(rows), parcels=_numbers(sheet, rows))))
    texts = {
        "schematic": N_("{count} outlines shown are schematic, drawn by siteplan: {parcels}."),
        "published": N_(
            "{count} parcels shown have a published lot number, but an outline drawn by siteplan: "
            "{parcels}."
        ),
        "supplied": N_("{count} outlines shown come from a file and were not checked: {parcels}."),
    }
    for evidence, words in texts.items():
        rows = [row for row in sheet.shown_rows if parcels.evidence[row] == evidence]
        if rows:
            told = _(words).format(count=len(rows), parcels=_numbers(sheet, rows))
            found.append(Doubt(kind, told))
    around = Counter(feature.schematic for feature in parcels.context.features)
    if around[True]:
        told = _(N_("{count} things round the parcels (roads, streams, parks …) are schematic."))
        found.append(Doubt(kind, told.format(count=around[True])))
    return found


def _numbers(sheet: Sheet, rows: list[int]) -> str:
    """Return the parcels' numbers in the tables; "all" where it is all that are shown."""
    _ = sheet.translator
    if len(rows) == len(sheet.shown_rows) and len(rows) > 6:
        return _(N_("all of them"))
    return ", ".join(f"{sheet.numbers[row]} ({sheet.lot(row)})" for row in rows)


def _rule_doubts(sheet: Sheet) -> list[Doubt]:
    _ = sheet.translator
    kind = _(N_("Rules and permissions"))
    found = []
    for rule in zones_in_use(sheet):
        zone = sheet.zone(rule, rule.name)
        if rule.mark not in VERIFIED:
            text = _(N_("FAR and BCR of {zone} were not read in the source."))
            found.append(Doubt(kind, text.format(zone=zone)))
        if rule.national_mark not in VERIFIED:
            text = _(N_("The national limits of {zone} were not read in the source."))
            found.append(Doubt(kind, text.format(zone=zone)))
    for zone_name, use, _rows in permissions_used(sheet):
        zone_rule = sheet.plan.rules.zones[zone_name]
        permit = zone_rule.permits[use]
        if permit.mark in VERIFIED and permit.answer == "yes":
            continue
        text = (
            N_("{use} in {zone}: the permission was not read in the ordinance's annex.")
            if permit.answer == "yes"
            else N_("{use} in {zone}: conditional or not known; the scenario takes it as given.")
        )
        told = _(text).format(
            use=use_label(use).render(sheet.lang), zone=sheet.zone(zone_rule, zone_name)
        )
        found.append(Doubt(kind, told))
    return [*found, *_limit_doubts(sheet, kind)]


def _limit_doubts(sheet: Sheet, kind: str) -> list[Doubt]:
    """Return articles from memory that limits and incentives of the parcels shown rest on."""
    _ = sheet.translator
    articles: dict[str, None] = {}
    for row in sheet.shown_rows:
        for limit in limit_figures(sheet.plan.capacity, row):
            if limit.mark == "M":
                articles[limit.article] = None
        tiers = sheet.plan.capacity.tiers[row]
        for one in () if tiers is None else tiers.applied:
            if one.incentive.mark not in VERIFIED:
                articles[f"{one.incentive.label.render(sheet.lang)}, {one.incentive.article}"] = (
                    None
                )
    text = _(N_("A limit or incentive rests on an article from memory: {article}."))
    return [Doubt(kind, text.format(article=article)) for article in articles]


def _decision_doubts(sheet: Sheet) -> list[Doubt]:
    """Return the planner's own limits, which take the place of the rules'."""
    _ = sheet.translator
    kind = _(N_("The planner's own figures"))
    found = []
    own: dict[tuple[str, str], list[int]] = {}
    for row in sheet.shown_rows:
        decision = sheet.plan.scenario.decisions.get(sheet.plan.parcels.ids[row])
        if decision is not None and decision.far_pct is not None:
            own.setdefault((f"{decision.far_pct:g}", decision.reason), []).append(row)
    for (far, reason), rows in own.items():
        text = _(
            N_("FAR {far} % is the planner's own figure on parcels {parcels}. Reason: {reason}")
        )
        said = sheet.say(written(reason)) or NONE
        told = text.format(far=far, parcels=_numbers(sheet, rows), reason=said)
        found.append(Doubt(kind, told))
    fars = ("far_above_national", "far_above_zone")
    codes = ("zone_override", "setback_assumed", *fars, "existing_stays")
    found += [
        Doubt(kind, sheet.say(issue.message)) for issue in sheet.plan.issues if issue.code in codes
    ]
    # The first sentence about years says that they are an assumption.
    return [*found, *(Doubt(kind, sheet.say(text)) for text in phases_told(sheet.plan)[:1])]


def factor_name(sheet: Sheet, factor: Factor) -> Markup:
    """Return a factor's name, with its key for those who look for it in the app."""
    return joined((factor_label(factor.key).render(sheet.lang), " ", element("code", factor.key)))


def factors_used(sheet: Sheet) -> list[Factor]:
    """Return the factors that some figure of the plan rests on, in the ledger's order."""
    used = {factor.key for metric in sheet.plan.metrics for factor in metric.factors}
    return [factor for key, factor in sheet.plan.ledger.factors.items() if key in used]


def _factor_doubts(sheet: Sheet) -> list[Doubt]:
    _ = sheet.translator
    kinds = {
        "own": N_("Factors: the planner's own values"),
        "M": N_("Factors from memory, not verified"),
        "assumption": N_("Factors that are siteplan's assumptions"),
        "range": N_("Factors whose value was read, but whose range is an assumption"),
    }
    held: dict[str, list[Doubt]] = {key: [] for key in kinds}
    for factor in sheet.plan.ledger.factors.values():
        key = _weakness(factor)
        if key is not None:
            held[key].append(Doubt(_(kinds[key]), factor_name(sheet, factor)))
    return [doubt for found in held.values() for doubt in found]


def _weakness(factor: Factor) -> str | None:
    """Return what is not verified of a factor, None where all of it was read."""
    if factor.changed:
        return "own"
    if factor.mark not in VERIFIED:
        return factor.mark
    if not factor.certain and factor.range_mark not in VERIFIED:
        return "range"
    return None


def unverified(sheet: Sheet) -> Section:
    """Return in one honest list what the plan rests on and that is not verified."""
    _ = sheet.translator
    kinds: dict[str, list[str]] = {}
    for doubt in doubts(sheet):
        kinds.setdefault(doubt.kind, []).append(doubt.text)
    parts: list[str] = [
        paragraph(
            _(
                N_(
                    "Before anyone relies on this plan, these points have to be read or confirmed "
                    "at their source."
                )
            ),
            class_="lead",
        )
    ]
    for kind, texts in kinds.items():
        parts += [element("h3", f"{kind} ({len(texts)})"), bullets(texts, class_="doubts")]
    if not kinds:
        parts.append(paragraph(_(N_("Nothing that this plan rests on is known to be unverified."))))
    return Section("unverified", _(N_("What is not verified")), joined(parts))


def assumptions(sheet: Sheet) -> Section:
    """Return the planner's decisions, and what siteplan assumed where nobody decided."""
    _ = sheet.translator
    scenario = sheet.plan.scenario
    arrow = " → ".join(use_label(use).render(sheet.lang) for use in scenario.stack)
    entries = [
        (
            _(N_("Part of parcels without a decision")),
            f"{scenario.default_available_pct:g} %",
        ),
        (_(N_("Zone assumed where none is known")), scenario.assumed_zone or NONE),
        (_(N_("Most floors")), NONE if scenario.max_floors is None else str(scenario.max_floors)),
        (
            _(N_("Most height (m)")),
            NONE if scenario.max_height_m is None else f"{scenario.max_height_m:g}",
        ),
        (
            _(N_("Distance to the lot line (m)")),
            NONE if scenario.setback_m is None else f"{scenario.setback_m:g}",
        ),
        (_(N_("Uses from the ground up")), arrow),
    ]
    split = _(
        N_(
            "No split of the floor area by use has been published: the shares are an assumption. "
            "Massing is outline volumes, all floors of a parcel alike."
        )
    )
    parts = [
        paragraph(split),
        pairs(entries),
        _wishes(sheet),
        _decisions(sheet),
        _edits(sheet),
        _weights(sheet),
    ]
    return Section("assumptions", _(N_("Assumptions and decisions")), joined(parts))


def _wishes(sheet: Sheet) -> Markup:
    """Return how floor area is shared out and when it is built, as far as the planner says."""
    _ = sheet.translator
    approach = sheet.plan.scenario.approach
    parts = [
        element("h3", _(N_("How the floor area is shared out"))),
        paragraph(element("b", sheet.say(approach_name(approach)))),
        bullets(sheet.say(text) for text in approach_told(approach)),
    ]
    years = [sheet.say(text) for text in phases_told(sheet.plan)]
    if years:
        parts += [element("h3", _(N_("When it is built"))), bullets(years)]
    return joined(parts)


def _decisions(sheet: Sheet) -> Markup:
    _ = sheet.translator
    scenario, index = sheet.plan.scenario, sheet.plan.parcels.index
    if not scenario.decisions:
        return Markup("")
    groups: dict[ParcelDecision, list[str]] = {}
    for parcel_id, decision in scenario.decisions.items():
        groups.setdefault(decision, []).append(parcel_id)
    columns = (
        Column(_(N_("Parcels")), width_pct=28),
        Column(_(N_("Decided")), width_pct=24),
        Column(_(N_("Reason, in the planner's words")), width_pct=48),
    )
    rows = [
        (
            ", ".join(
                i if i in index else _(N_("{id} (not in the data)")).format(id=i) for i in ids
            ),
            _decided(sheet, decision),
            sheet.say(written(decision.reason)) or NONE,
        )
        for decision, ids in groups.items()
    ]
    return joined((element("h3", _(N_("Decisions about parcels"))), table(columns, rows)))


def _decided(sheet: Sheet, decision: ParcelDecision) -> str:
    _ = sheet.translator
    said = [_(N_("takes part with {share:g} %")).format(share=decision.available_pct)]
    if decision.zone is not None:
        said.append(_(N_("zone {zone}")).format(zone=decision.zone))
    if decision.far_pct is not None:
        said.append(_(N_("FAR {far:g} %")).format(far=decision.far_pct))
    if decision.max_floors is not None:
        said.append(_(N_("at most {floors} floors")).format(floors=decision.max_floors))
    if decision.max_height_m is not None:
        said.append(_(N_("at most {height:g} m high")).format(height=decision.max_height_m))
    if decision.incentives:
        rules = sheet.plan.rules.incentives
        names = ", ".join(
            rules[key].label.render(sheet.lang) if key in rules else key
            for key in decision.incentives
        )
        said.append(_(N_("own incentives: {names}")).format(names=names))
    said += [sheet.say(told) for told in decision_told(decision)]
    return " · ".join(said)


def _edits(sheet: Sheet) -> Markup:
    _ = sheet.translator
    edits = sheet.plan.scenario.edits
    if not edits:
        return Markup("")
    said = [
        _(
            N_("Merged: {old} → {new}") if isinstance(edit, Merge) else N_("Cut: {old} → {new}")
        ).format(old=" + ".join(edit.old_ids), new=", ".join(edit.new_ids))
        for edit in edits
    ]
    return joined((element("h3", _(N_("Lots merged and cut"))), bullets(said)))


def _weights(sheet: Sheet) -> Markup:
    _ = sheet.translator
    columns = (
        Column(_(N_("Weight of each criterion"))),
        *(Column(CRITERION_LABELS[key].render(sheet.lang), "number") for key in CRITERIA),
    )
    weights = sheet.plan.scenario.weights
    rows = [
        (use.label.render(sheet.lang), *(f"{weights[use.key][key]:+.2f}" for key in CRITERIA))
        for use in ALL_USES
    ]
    note = _(
        N_(
            "From -1 (far is better) through 0 (does not count) to 1 (near is better). The "
            "starting weights are siteplan's assumption."
        )
    )
    return joined(
        (
            element("h3", _(N_("Suitability"))),
            table(columns, rows),
            paragraph(note, class_="note"),
        )
    )

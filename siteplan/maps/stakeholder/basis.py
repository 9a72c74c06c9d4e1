"""What a plan rests on, in words: assumptions, consents, findings, factors, and what made it."""

from __future__ import annotations

import html
from collections import Counter
from typing import TYPE_CHECKING

from siteplan.advice import approach_cost
from siteplan.decided import (
    approach_name,
    approach_told,
    is_announced,
    parcel_limits,
    phases_told,
)
from siteplan.edits import Merge
from siteplan.explain import ParcelName
from siteplan.issues import SEVERITIES, Issue
from siteplan.ledger import figure, mark_text, unit_label
from siteplan.maps.findings import SEVERITY_NAMES
from siteplan.maps.stakeholder.bilingual import Shown, both, both_by, per_scenario
from siteplan.programme import DEFAULT_TOTAL_GFA_M2
from siteplan.recipes import RECIPES, recipe_factors
from siteplan.scenario import DEFAULT_WEIGHTS
from siteplan.text import N_, Joined, Text, on_screen, sentence, written
from siteplan.version import __version__

if TYPE_CHECKING:
    import datetime as dt

    from siteplan.decided import ParcelLimit
    from siteplan.evaluation import Plan
    from siteplan.ledger import Factor

MOST_TOLD = 60
"""Up to so many findings are told one by one; beyond, how many more there are."""
MOST_GROUPS = 12
MOST_LIMITED = 40
_ASSUMED = ("planning", "zoning", "lots")
_ASSUMED_CODES = ("schematic_outlines",)
_NO_SPLIT = N_(
    "The split by use is an assumption of this scenario. No split by use of the 270,000 m² "
    "planned in Yangjae has been published."
)
_OWN_SPLIT = N_("The split by use is an assumption of this scenario.")
_TAKING_PART = N_("{count:,} of {all:,} parcels take part, by the planner's choice.")
_PART = N_("{count:,} parcel(s) take part with {pct} % of their capacity.")
_PART_REASON = N_("{count:,} parcel(s) take part with {pct} % of their capacity. Reason: {reason}")
_WEIGHTS = N_(
    "Which use suits which parcel is weighed by distance to stations, main roads, green and the "
    "AI hub. The weights are siteplan's starting assumption."
)
_OWN_WEIGHTS = N_(
    "Which use suits which parcel is weighed by distance to stations, main roads, green and the "
    "AI hub. The weights are the planner's own."
)
_FACTORS = N_(
    "{count} factors stand behind the figures; {weak} of them are from memory or siteplan's "
    "assumption. Each is listed below with its range and source."
)
_SHARED_OUT = N_("How the floor area is shared out: {name}. {rules}")
_LIMITED = N_("Limit on {parcel}: {limits}.")
_LIMITED_REASON = N_("Limit on {parcel}: {limits}. Reason: {reason}")
_EDITS = N_(
    "{merges} merger(s) and {cuts} cut(s) of lots are planned, not registered. Map and table show "
    "the planned lots."
)


def assumptions(shown: tuple[Shown, ...]) -> str:
    """Return what each scenario assumes: its split, consents, unverified rules, schematic data."""
    return per_scenario(shown, lambda row: _assumptions(shown[row]), tag="div")


def _assumptions(one: Shown) -> str:
    plan = one.plan
    note = plan.scenario.note.strip()
    said = f'<p class="remark">{both(written(note))}</p>' if note else ""
    own = "".join(f"<li>{both(text)}</li>" for text in plan_assumptions(plan))
    return f"{said}<ul>{own}</ul>" + _told([i for i in plan.issues if is_assumption(i)])


def plan_assumptions(plan: Plan) -> tuple[Text, ...]:
    """Return what a plan rests on beyond its findings: split, taking part, weights, factors."""
    scenario = plan.scenario
    usual_total = scenario.programme.total_gfa_m2 == DEFAULT_TOTAL_GFA_M2
    found = [
        Text(_NO_SPLIT if usual_total and is_announced(plan) else _OWN_SPLIT),
        *_taking_part(plan),
    ]
    merges = sum(isinstance(edit, Merge) for edit in scenario.edits)
    if scenario.edits:
        found.append(sentence(_EDITS, merges=merges, cuts=len(scenario.edits) - merges))
    usual_weights = {use: dict(row) for use, row in DEFAULT_WEIGHTS.items()}
    own = {use: dict(row) for use, row in scenario.weights.items()} != usual_weights
    found.append(Text(_OWN_WEIGHTS if own else _WEIGHTS))
    factors = _factors_used(plan)
    weak = sum(factor.mark in ("M", "assumption") for factor in factors)
    found.append(sentence(_FACTORS, count=len(factors), weak=weak))
    return (*found, *_wishes(plan), *_limits(plan))


def _wishes(plan: Plan) -> list[Text]:
    """Say how floor area is shared out, what that costs, and what is asked of the years."""
    approach = plan.scenario.approach
    found: list[Text] = []
    if approach is not None:
        rules = Joined(approach_told(approach), " ")
        found.append(sentence(_SHARED_OUT, name=approach_name(approach), rules=rules))
        cost = approach_cost(plan)
        if cost is not None:
            found += [cost.proof, *cost.texts[:1]]
    found += phases_told(plan)
    if plan.timing is not None and plan.timing.status == "infeasible":
        found += plan.timing.explanation
    return found


def _limits(plan: Plan) -> list[Text]:
    """Say what the planner limits on parcels, parcel by parcel, with the reasons."""
    held: dict[str, list[ParcelLimit]] = {}
    for limit in parcel_limits(plan):
        held.setdefault(limit.parcel_id, []).append(limit)
    found = []
    for parcel_id, limits in list(held.items())[:MOST_LIMITED]:
        row, reason = limits[0].row, limits[0].reason.strip()
        known = {
            "parcel": parcel_id if row is None else ParcelName(plan.parcels, row),
            "limits": Joined(tuple(limit.told for limit in limits)),
        }
        found.append(
            sentence(_LIMITED_REASON, **known, reason=written(reason))
            if reason
            else sentence(_LIMITED, **known)
        )
    if len(held) > MOST_LIMITED:
        found.append(sentence("… and {count:,} more.", count=len(held) - MOST_LIMITED))
    return found


def _taking_part(plan: Plan) -> list[Text]:
    """Say which parcels take part, where not all do wholly, with the planner's reasons."""
    part_pct = plan.capacity.available_pct
    if (part_pct == 100).all():
        return []
    count = int((part_pct > 0).sum())
    found = [sentence(_TAKING_PART, count=count, all=len(plan.parcels))]
    groups: Counter[tuple[float, str]] = Counter()
    for row in (part_pct > 0).nonzero()[0].tolist():
        if part_pct[row] < 100:
            reason = plan.scenario.decision(plan.parcels.ids[row]).reason.strip()
            groups[float(part_pct[row]), reason] += 1
    for (pct, reason), parcels in groups.most_common(MOST_GROUPS):
        known = {"count": parcels, "pct": f"{pct:g}"}
        found.append(
            sentence(_PART_REASON, **known, reason=written(reason))
            if reason
            else sentence(_PART, **known)
        )
    if len(groups) > MOST_GROUPS:
        found.append(sentence("… and {count:,} more.", count=len(groups) - MOST_GROUPS))
    return found


def is_assumption(issue: Issue) -> bool:
    """Tell whether a finding is about what the plan assumes, not about the data as it was read."""
    return issue.subject in _ASSUMED or issue.code in _ASSUMED_CODES


def findings(shown: tuple[Shown, ...]) -> str:
    """Return what was found about the data of each scenario."""

    def found(row: int) -> str:
        nothing = N_("Nothing to remark.")
        issues = [issue for issue in shown[row].plan.issues if not is_assumption(issue)]
        return _told(issues) or f"<p>{both(nothing)}</p>"

    return per_scenario(shown, found, tag="div")


def _told(issues: list[Issue]) -> str:
    """Return findings one by one, the gravest first."""
    ordered = sorted(issues, key=lambda issue: SEVERITIES.index(issue.severity))
    rows = "".join(
        f'<li class="{issue.severity}"><p><span class="mark">'
        f"{both(SEVERITY_NAMES[issue.severity])}</span> {both(issue.message)}</p>"
        f'<p class="fix quiet">→ {_what_to_do(issue)}</p></li>'
        for issue in ordered[:MOST_TOLD]
    )
    more = len(ordered) - MOST_TOLD
    rest = sentence("… and {count:,} more.", count=more)
    told = f"<p>{both(rest)}</p>" if more > 0 else ""
    return f'<ul class="findings">{rows}</ul>{told}' if rows else ""


def _what_to_do(issue: Issue) -> str:
    return both_by(lambda lang: on_screen(issue.fix.render(lang)))


def _factors_used(plan: Plan) -> list[Factor]:
    """Return the factors that the figures rest on, in the ledger's order."""
    wanted = {key for recipe in RECIPES for key in recipe_factors(recipe)}
    return [factor for key, factor in plan.ledger.factors.items() if key in wanted]


def factor_table(shown: tuple[Shown, ...]) -> str:
    """Return the factors behind the figures: value, range, mark, source; which were changed."""
    head = "".join(
        f'<th scope="col">{both(name)}</th>'
        for name in (N_("Factor"), N_("Value"), N_("Range"), N_("Evidence"), N_("Source"))
    )
    rows = "".join(_factor_row(factor, shown) for factor in _factors_used(shown[0].plan))
    return (
        '<div class="wide" tabindex="0" role="region" aria-labelledby="factors-title">'
        f'<table class="factors"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _factor_row(factor: Factor, shown: tuple[Shown, ...]) -> str:
    values = [one.plan.ledger.factors[factor.key] for one in shown]

    def words(lang: str) -> str:
        unit = unit_label(factor.unit).render(lang)
        if len({one.value for one in values}) == 1:
            return f"{figure(factor.value)} {unit}".rstrip()
        each = (
            f"{one.name.render(lang)}: {figure(value.value)}"
            for one, value in zip(shown, values, strict=True)
        )
        return f"{' · '.join(each)} {unit}".rstrip()

    changed = N_("changed")
    own = f" <b>{both(changed)}</b>" if any(value.changed for value in values) else ""
    span = "–" if factor.low == factor.high else f"{figure(factor.low)}–{figure(factor.high)}"
    return (
        f'<tr><th scope="row">{both(factor.note)}<div class="quiet"><code>{factor.key}</code></div>'
        f"</th><td>{both_by(words)}{own}</td><td>{span}</td><td>{both(mark_text(factor.mark))}</td>"
        f"<td>{both(factor.origin)}, {html.escape(factor.date)}</td></tr>"
    )


def colophon(shown: tuple[Shown, ...], *, made_on: dt.date) -> str:
    """Return what made the file: scenarios, rules, factors, version, date."""
    head = "".join(
        f'<th scope="col">{both(name)}</th>'
        for name in (N_("Scenario"), N_("Scenario id"), N_("Rules"), N_("Factors"), N_("Answer"))
    )
    rows = "".join(
        f'<tr><th scope="row">{both(one.name)}</th>'
        f"<td><code>{one.plan.scenario_id}</code></td>"
        f"<td><code>{html.escape(one.plan.rules_id)}</code> {both(one.plan.rules.title)}, "
        f"{html.escape(one.plan.rules.date)}</td>"
        f"<td><code>{html.escape(one.plan.ledger.id)}</code></td><td>{_answer(one.plan)}</td></tr>"
        for one in shown
    )
    made = sentence(
        "Made with siteplan {version} on {date}.", version=__version__, date=made_on.isoformat()
    )
    same = N_(
        "The scenario id is made from parcels, decisions, rules, factors and version: "
        "the same id means the same plan."
    )
    return (
        '<div class="wide" tabindex="0" role="region" aria-labelledby="colophon-title">'
        f'<table class="colophon"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"<p>{both(made)} {both(same)}</p>"
    )


def _answer(plan: Plan) -> str:
    if plan.gap_pct < 0.005:
        return both(N_("best possible, proven"))
    return both(sentence("at most {gap:.2f} % below the best", gap=plan.gap_pct))

"""``siteplan plan`` and ``siteplan ranges``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from siteplan.cli.arguments import reading_of, supplements_of
from siteplan.cli.phases import phase_lines, phases_document
from siteplan.cli.say import EXIT_FINE, EXIT_INFEASIBLE, say, say_error, say_json
from siteplan.errors import InputError, UsageError
from siteplan.text import sentence
from siteplan.uses import ALL_USES, USES
from siteplan.version import __version__

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from siteplan.evaluation import Plan
    from siteplan.io import Examination
    from siteplan.metrics import Metric
    from siteplan.parcels import Parcels
    from siteplan.reading import Reading
    from siteplan.rules import RuleSet
    from siteplan.scenario import Scenario


def study(options: argparse.Namespace) -> tuple[Parcels, Scenario, RuleSet]:
    """Return the parcels, the scenario and the rules that the options of planning ask for."""
    from dataclasses import replace

    from siteplan.crs_doctor import CrsAmbiguousError
    from siteplan.io import default_scenario, read_scenario
    from siteplan.programme import with_uses
    from siteplan.reading import Reading

    read = read_scenario(options.scenario) if options.scenario is not None else None
    examination = examined_parcels(options, remembered=Reading() if read is None else read.reading)
    if examination.parcels is None:
        raise CrsAmbiguousError(examination.diagnosis)
    parcels = examination.parcels
    scenario = read if read is not None else default_scenario(parcels)
    scenario = replace(scenario, reading=examination.reading)
    programme = scenario.programme
    if options.total is not None:
        programme = programme.with_total(options.total)
    if options.share or options.gfa:
        programme = with_uses(programme, _once(options.gfa), share_pct=_once(options.share))
    rules = rules_named(options.rules if options.rules is not None else scenario.rules)
    consents = scenario.consents | {_consent(text, rules=rules) for text in options.consent}
    planned = replace(
        scenario,
        rules=rules.id,
        programme=programme,
        consents=consents,
        assumed_zone=options.assume_zone or scenario.assumed_zone,
    )
    return parcels, planned, rules


def examined_parcels(options: argparse.Namespace, *, remembered: Reading) -> Examination:
    """Read the parcels as the options say, else as the scenario remembers, else by themselves."""
    from siteplan.io import examined
    from siteplan.reading import Reading

    supplements = supplements_of(options)
    said = reading_of(options)
    if said == Reading() and remembered != Reading():
        try:
            return examined(options.parcels, reading=remembered, supplements=supplements)
        except InputError as error:
            told = sentence(
                "What the scenario remembers of its file does not fit this one and was left out: "
                "{reason}",
                reason=error.text,
            )
            say_error(told.render(options.lang))
    return examined(options.parcels, reading=said, supplements=supplements)


def rules_named(named: str) -> RuleSet:
    """Return the rule set of a name, or the one in a file."""
    from siteplan.io.rules import read_rules
    from siteplan.rules import shipped_rules

    return read_rules(named) if named.lower().endswith(".toml") else shipped_rules(named)


def _once(given: list[tuple[str, float]]) -> dict[str, float]:
    """Return uses and amounts; a use given twice is a contradiction, not a correction."""
    uses = [use for use, _ in given]
    twice = [use for use in uses if uses.count(use) > 1]
    if twice:
        raise UsageError(sentence("{use} is given twice. Give it once.", use=twice[0]))
    return dict(given)


def _consent(text: str, *, rules: RuleSet) -> tuple[str, str]:
    """Return zone, in its official spelling, and use."""
    zone, equals, use = text.partition("=")
    if not equals or use not in USES:
        raise UsageError(sentence("Write --consent ZONE=USE, not {text}.", text=text))
    rule = rules.zone(zone)
    if rule is None:
        raise UsageError(
            sentence(
                "The rules know no zone {zone}. They know: {zones}.",
                zone=zone,
                zones=", ".join(rules.zones),
            )
        )
    return rule.name, use


def run_plan(options: argparse.Namespace) -> int:
    """Allocate the programme and write the plan."""
    from siteplan.evaluation import evaluate

    outputs = [path for group in options.output for path in group]
    writers = [writer_of(path) for path in outputs]
    parcels, scenario, rules = study(options)
    plan = evaluate(parcels, scenario, rules=rules)
    if plan.status == "infeasible":
        if options.json:
            say_json(_plan_document(plan, lang=options.lang))
        say_infeasible(plan, lang=options.lang)
        return EXIT_INFEASIBLE
    for write, path in zip(writers, outputs, strict=True):
        write(plan, path)
    if options.json:
        say_json(_plan_document(plan, lang=options.lang))
        return EXIT_FINE
    for line in _plan_lines(plan, lang=options.lang):
        say(line)
    for path in outputs:
        say(sentence("Written: {path}", path=path).render(options.lang))
    return EXIT_FINE


def writer_of(path: str) -> Callable[[Plan, str], object]:
    """Return what writes a file of that ending; wrong endings stop us before any work."""
    from siteplan.io import plan_writer

    if path.lower().endswith(".html"):
        from siteplan.maps.live import write_map

        return write_map
    return plan_writer(path)


def _plan_lines(plan: Plan, *, lang: str) -> list[str]:
    lines = []
    for column, use in enumerate(ALL_USES):
        gfa_m2 = int(plan.uses_gfa_m2[column])
        low, high = plan.ranges_m2[column]
        lines.append(
            f"{use.label.render(lang):<10} {gfa_m2:>10,} m²  "
            f"{gfa_m2 / plan.total_gfa_m2 * 100:5.1f} %   [{low:,.0f} – {high:,.0f}]"
        )
    lines.append(f"{'Σ':<10} {plan.total_gfa_m2:>10,} m²")
    lines += phase_lines(plan, lang=lang)
    lines += [
        f"{issue.severity}: {issue.message.render(lang)}"
        for issue in plan.issues
        if issue.severity != "info"
    ]
    return lines


def _plan_document(plan: Plan, *, lang: str) -> dict[str, Any]:
    from siteplan.advice import repairs
    from siteplan.metrics import metric_values

    feasible = plan.status != "infeasible"
    return {
        "status": plan.status,
        "objective": plan.objective if feasible else None,
        "bound": plan.bound if feasible else None,
        "gap_pct": plan.gap_pct if feasible else None,
        "total_gfa_m2": plan.total_gfa_m2,
        "uses": {
            use: {
                "gfa_m2": int(plan.uses_gfa_m2[column]),
                "share_pct": float(plan.uses_gfa_m2[column] / plan.total_gfa_m2 * 100)
                if plan.total_gfa_m2
                else 0.0,
                "range_m2": _range(plan, column),
            }
            for column, use in enumerate(USES)
        },
        "parcels_used": int((plan.parcel_gfa_m2 > 0).sum()),
        "metrics": dict(metric_values(plan.metrics)),
        "formulas": {m.key: m.formula.render(lang) for m in plan.metrics},
        "figures": {metric.key: _figure_document(metric, lang=lang) for metric in plan.metrics},
        "uncertainty": _uncertainty_document(plan, lang=lang) if feasible else None,
        "explanation": [text.render(lang) for text in plan.explanation],
        "repairs": [repair.text.render(lang) for repair in repairs(plan)],
        "phases": phases_document(plan, lang=lang),
        "issues": [
            {
                "code": issue.code,
                "severity": issue.severity,
                "parcel_ids": list(issue.parcel_ids),
                "message": issue.message.render(lang),
                "fix": issue.fix.render(lang),
            }
            for issue in plan.issues
        ],
        "rules": plan.rules_id,
        "scenario_id": plan.scenario_id,
        "version": __version__,
    }


def _figure_document(metric: Metric, *, lang: str) -> dict[str, Any]:
    """Return a figure with all that it rests on, marks included."""
    return {
        "label": metric.label.render(lang),
        "value": metric.value,
        "unit": metric.unit,
        "formula": metric.formula.render(lang),
        "drivers": list(metric.drivers),
        "factors": [
            {
                "key": factor.key,
                "value": factor.value,
                "low": factor.low,
                "high": factor.high,
                "unit": factor.unit,
                "mark": factor.mark,
                "range_mark": factor.range_mark,
                "source": factor.source,
                "date": factor.date,
                "changed": factor.changed,
            }
            for factor in metric.factors
        ],
        "counted_twice": [text.render(lang) for text in metric.counted_twice],
    }


def _uncertainty_document(plan: Plan, *, lang: str) -> dict[str, Any]:
    """Return the 5-95 % bands of the figures and the chance of keeping the limits."""
    from siteplan.uncertainty import uncertainty_of

    found = uncertainty_of(plan)
    return {
        "draws": found.draws,
        "seed": found.seed,
        "holds": found.holds,
        "text": found.text.render(lang),
        "bands": {
            key: {"p5": band.low, "median": band.median, "p95": band.high}
            for key, band in found.bands.items()
        },
    }


def _range(plan: Plan, column: int) -> list[int] | None:
    low, high = plan.ranges_m2[column].tolist()
    return None if math.isnan(low) else [int(low), int(high)]


def run_ranges(options: argparse.Namespace) -> int:
    """Print the range that each use may take."""
    from siteplan.evaluation import evaluate

    parcels, scenario, rules = study(options)
    plan = evaluate(parcels, scenario, rules=rules)
    feasible = plan.status != "infeasible"
    if options.json:
        say_json(
            {
                "feasible": feasible,
                "uses": {
                    use: {
                        "gfa_m2": plan.scenario.programme.targets[column].target_m2,
                        "range_m2": _range(plan, column),
                    }
                    for column, use in enumerate(USES)
                },
                "explanation": [text.render(options.lang) for text in plan.explanation],
            }
        )
    else:
        for column, use in enumerate(ALL_USES):
            span = _range(plan, column)
            shown = "–" if span is None else f"{span[0]:>10,} – {span[1]:>10,} m²"
            say(f"{use.label.render(options.lang):<10} {shown}")
    if not feasible:
        say_infeasible(plan, lang=options.lang)
        return EXIT_INFEASIBLE
    return EXIT_FINE


def say_infeasible(plan: Plan, *, lang: str) -> None:
    """Say on stderr why a programme does not fit, and what would make it fit."""
    from siteplan.advice import repairs

    say_error(sentence("The programme does not fit; nothing was written.").render(lang))
    for text in plan.explanation:
        say_error(f"  {text.render(lang)}")
    found = repairs(plan)
    if found:
        say_error(sentence("Any one of these makes it fit:").render(lang))
    for repair in found:
        say_error(f"  – {repair.text.render(lang)}")

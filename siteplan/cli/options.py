"""``siteplan options``: other plans to choose from, and trade-offs between two aims."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from siteplan.cli.planning import say_infeasible, study, writer_of
from siteplan.cli.say import EXIT_FINE, EXIT_INFEASIBLE, say, say_json
from siteplan.errors import InputError, UsageError
from siteplan.text import sentence
from siteplan.uses import USES
from siteplan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteplan.advice import Alternative, Front, FrontPoint, Options
    from siteplan.evaluation import Plan
    from siteplan.parcels import Parcels
    from siteplan.text import Text


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what is looked for, and what is written."""
    parser.add_argument(
        "--count", metavar="N", type=_count, default=3, help="how many plans (default 3)"
    )
    parser.add_argument(
        "--within",
        metavar="PCT",
        type=_percent,
        default=2.0,
        help="part of the best suitability that a plan may lose (default 2)",
    )
    parser.add_argument(
        "--front",
        metavar="FIRST,SECOND",
        type=_pair,
        help="the best trade-offs between two aims instead: suitability, a use, a criterion "
        "(station, main_road, nature, ai_hub), or unchanged",
    )
    parser.add_argument("--take", metavar="K", type=_count, help="write the K-th plan (needs -o)")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        action="append",
        default=[],
        nargs="+",
        help="file to write; the ending chooses the format",
    )


def _count(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 100:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to 100 is needed, not {text!r}")
    return int(text)


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"a number from 0 to 100 is needed, not {text!r}")
    return value


def _pair(text: str) -> tuple[str, str]:
    first, comma, second = text.partition(",")
    if not comma or not first or not second or "," in second:
        raise argparse.ArgumentTypeError(f"write FIRST,SECOND, not {text!r}")
    return first.strip(), second.strip()


def run_options(options: argparse.Namespace) -> int:
    """Look for other plans, print them, and write the one that is taken."""
    from siteplan.advice import alternatives_of, front_between
    from siteplan.evaluation import evaluate

    outputs = [path for group in options.output for path in group]
    if bool(outputs) != (options.take is not None):
        raise UsageError(sentence("Name both the plan to take (--take K) and its file (-o OUT)."))
    writers = [writer_of(path) for path in outputs]
    parcels, scenario, rules = study(options)
    plan = evaluate(parcels, scenario, rules=rules)
    lang = options.lang
    document: dict[str, Any]
    choices: Sequence[Alternative | FrontPoint]
    if options.front is not None:
        front = front_between(plan, *options.front)
        choices, lines = front.points, _front_lines(front, lang=lang)
        document = {"front": _front_document(plan, front, lang=lang)}
    else:
        found = alternatives_of(plan, count=options.count, within_pct=options.within)
        choices, lines = found.alternatives, _options_lines(plan, found, lang=lang)
        document = _options_document(found, lang=lang)
    written = _written(plan, parcels, choices, options.take) if options.take is not None else None
    if written is not None:
        for write, path in zip(writers, outputs, strict=True):
            write(written, path)
    if options.json:
        head = {
            "status": plan.status,
            "explanation": [text.render(lang) for text in plan.explanation],
            "scenario_id": plan.scenario_id,
            "version": __version__,
        }
        say_json(head | document)
    if plan.status == "infeasible":
        say_infeasible(plan, lang=lang)
        return EXIT_INFEASIBLE
    if not options.json:
        for line in lines:
            say(line)
        for path in outputs:
            say(sentence("Written: {path}", path=path).render(lang))
    return EXIT_FINE


def _written(
    plan: Plan, parcels: Parcels, choices: Sequence[Alternative | FrontPoint], take: int
) -> Plan | None:
    """Return the plan that is taken; None where nothing fits."""
    from siteplan.evaluation import evaluate

    if plan.status == "infeasible":
        return None
    if take > len(choices):
        raise InputError(
            sentence(
                "There is no plan {take} to take; {count} were found.",
                take=take,
                count=len(choices),
            )
        )
    return evaluate(parcels, choices[take - 1].scenario, rules=plan.rules)


def _options_lines(plan: Plan, found: Options, *, lang: str) -> list[str]:
    lines = [
        sentence(
            "Present plan: mean suitability {points:.2f} of 100, {kept:.2f} % of the best.",
            points=found.present_points,
            kept=found.present_kept_pct,
        ).render(lang)
    ]
    for number, one in enumerate(found.alternatives, start=1):
        figures = sentence(
            "mean suitability {points:.2f} of 100, {kept:.2f} % of the best; {moved:,} m² "
            "({pct:.0f} %) stand elsewhere, {parcels} parcels change",
            points=one.points,
            kept=one.kept_pct,
            moved=one.difference.moved_m2,
            pct=one.difference.moved_m2 / max(plan.total_gfa_m2, 1) * 100,
            parcels=one.difference.parcels,
        )
        lines += [f"{number}. {one.text.render(lang)}", f"   {figures.render(lang)}"]
    if found.alternatives:
        lines.append(
            sentence(
                "No plan within {within:g} % of the best differs from the present one by more "
                "than {most:,.0f} m² (proven).",
                within=found.within_pct,
                most=found.most_moved_m2,
            ).render(lang)
        )
    return lines + [text.render(lang) for text in found.notes]


def _options_document(found: Options, *, lang: str) -> dict[str, Any]:
    feasible = found.status != "infeasible"
    return {
        "within_pct": found.within_pct,
        "best_points": found.best_points if feasible else None,
        "present_points": found.present_points if feasible else None,
        "present_kept_pct": found.present_kept_pct if feasible else None,
        "most_moved_m2": found.most_moved_m2 if feasible else None,
        "alternatives": [
            {
                "points": one.points,
                "kept_pct": one.kept_pct,
                "moved_by_use_m2": dict(zip(USES, one.difference.by_use_m2, strict=True)),
                "text": one.text.render(lang),
                "details": [text.render(lang) for text in one.details],
                **_plan_document(one),
            }
            for one in found.alternatives
        ],
        "moved_m2": found.moved_m2.tolist(),
        "parcels_changed": found.parcels.tolist(),
        "notes": [text.render(lang) for text in found.notes],
    }


def _plan_document(one: Alternative | FrontPoint) -> dict[str, Any]:
    """Return what stands where, and the approach that gives it back in a scenario."""
    approach = one.scenario.approach
    return {
        "moved_m2": one.difference.moved_m2,
        "parcels_changed": one.difference.parcels,
        "approach": None if approach is None else approach.to_dict(),
    }


def _front_lines(front: Front, *, lang: str) -> list[str]:
    first, second = front.first_label.render(lang), front.second_label.render(lang)
    lines = [f"     {first} | {second}"]
    for number, point in enumerate(front.points, start=1):
        figures = sentence(
            "{first:6.2f} | {second:6.2f} of 100; {moved:,} m² stand elsewhere",
            first=point.first,
            second=point.second,
            moved=point.difference.moved_m2,
        )
        lines.append(f"{number:>3}. {figures.render(lang)}")
    if front.points:
        lines.append(_below(front).render(lang))
    return lines + [text.render(lang) for text in front.notes]


def _below(front: Front) -> Text:
    return sentence(
        "Present plan: {first:.2f} | {second:.2f}, {below:.2f} below the front. No point misses "
        "the front by more than {gap:.2f} (proven).",
        first=front.present_first,
        second=front.present_second,
        below=front.below,
        gap=max(front.gap, 0.01),
    )


def _front_document(plan: Plan, front: Front, *, lang: str) -> dict[str, Any]:
    feasible = plan.status != "infeasible"
    return {
        "first": front.first_key,
        "second": front.second_key,
        "labels": [front.first_label.render(lang), front.second_label.render(lang)],
        "present": [front.present_first, front.present_second] if feasible else None,
        "below": front.below if feasible else None,
        "gap": front.gap if feasible else None,
        "points": [
            {
                "first": point.first,
                "second": point.second,
                "second_most": point.second_most,
                **_plan_document(point),
            }
            for point in front.points
        ],
        "notes": [text.render(lang) for text in front.notes],
    }

"""The command line: ``siteplan app | check | plan | ranges | fetch``.

Exit codes: 0 fine, 1 bad input, 2 wrong use, 3 infeasible. Errors go to stderr in one or two
sentences that name the fix. With ``--json`` exactly one JSON document goes to stdout.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from siteplan.errors import SiteplanError, UsageError
from siteplan.fetching import add_fetching, fetch_command
from siteplan.text import LANGUAGES, sentence
from siteplan.uses import ALL_USES, USES
from siteplan.version import __version__

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.metrics import Metric
    from siteplan.parcels import Parcels
    from siteplan.rules import RuleSet
    from siteplan.scenario import Scenario

EXIT_FINE, EXIT_BAD_INPUT, EXIT_USAGE, EXIT_INFEASIBLE = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except SiteplanError as error:
        _say_error(error.text.render(options.lang))
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_BAD_INPUT
    except BrokenPipeError:
        # The reader of our output went away (`siteplan … | head`): nothing is wrong with us.
        sys.stderr.close()
        return EXIT_FINE


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="siteplan",
        description="Allocate a mixed-use programme among parcels, exactly, and show it.",
    )
    parser.add_argument("--version", action="version", version=f"siteplan {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    app = commands.add_parser("app", help="start the app in the browser")
    app.add_argument("--port", type=_port, default=8501)
    app.add_argument("--host", default="127.0.0.1")
    app.add_argument("--parcels", metavar="FILE", help="parcels to start with")
    _add_language(app)
    app.set_defaults(command=_app)

    check = commands.add_parser("check", help="read a parcel file and say what was found")
    check.add_argument("file", metavar="FILE")
    _add_reading(check)
    check.set_defaults(command=_check)

    plan = commands.add_parser("plan", help="allocate the programme and write the plan")
    _add_planning(plan)
    plan.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        action="append",
        required=True,
        nargs="+",
        help="file to write; the ending chooses the format",
    )
    plan.set_defaults(command=_plan)

    ranges = commands.add_parser("ranges", help="the range that each use may take")
    _add_planning(ranges)
    ranges.set_defaults(command=_ranges)

    fetch = commands.add_parser("fetch", help="official parcels from VWorld's data service")
    add_fetching(fetch)
    _add_language(fetch)
    fetch.set_defaults(command=fetch_command)
    return parser


class _Parser(argparse.ArgumentParser):
    """argparse whose errors are one line on stderr and exit with 2."""

    def error(self, message: str) -> NoReturn:
        _say_error(f"{message}. See: {self.prog} --help")
        raise SystemExit(EXIT_USAGE)


def _add_language(parser: argparse.ArgumentParser) -> None:
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    parser.add_argument(
        "--lang", choices=LANGUAGES, default="ko" if spoken.startswith("ko") else "en"
    )


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--crs", metavar="EPSG:N", help="coordinate system, if not declared")
    parser.add_argument("--encoding", metavar="E", help="text encoding, e.g. cp949")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    _add_language(parser)


def _add_planning(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("parcels", metavar="PARCELS", nargs="?", help="default: shipped Yangjae")
    parser.add_argument("--scenario", metavar="F.json")
    parser.add_argument(
        "--share",
        metavar="USE=PCT",
        action="append",
        default=[],
        type=_use_amount,
        help="share of a use; uses left out take the rest",
    )
    parser.add_argument("--gfa", metavar="USE=M2", action="append", default=[], type=_use_amount)
    parser.add_argument("--total", metavar="M2", type=_amount)
    parser.add_argument("--assume-zone", metavar="ZONE", help="zone for parcels without one")
    parser.add_argument(
        "--rules", metavar="FILE|ID", help="rule set to check against, shipped or your own file"
    )
    parser.add_argument(
        "--consent",
        metavar="ZONE=USE",
        action="append",
        default=[],
        help="accept a conditional or unknown permission",
    )
    _add_reading(parser)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def _amount(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"a number is needed, not {text!r}") from wrong


def _use_amount(text: str) -> tuple[str, float]:
    use, equals, amount = text.partition("=")
    if not equals or use not in USES:
        raise argparse.ArgumentTypeError(
            f"write USE=NUMBER with a use of {', '.join(USES)}, not {text!r}"
        )
    return use, _amount(amount)


def _app(options: argparse.Namespace) -> int:
    """Become Streamlit on the app's door."""
    from siteplan.shipped import door_path

    if options.parcels is not None:
        from pathlib import Path

        from siteplan.io import read_parcels

        chosen = Path(options.parcels).resolve()
        read_parcels(chosen)  # a file that cannot be read is refused here, not in the browser
        os.environ["SITEPLAN_PARCELS"] = str(chosen)
    door = door_path()
    _say(f"siteplan {__version__}: http://{options.host}:{options.port}")
    sys.stdout.flush()
    arguments = [
        sys.executable, "-m", "streamlit", "run", str(door),
        "--server.port", str(options.port), "--server.address", options.host,
    ]  # fmt: skip
    try:
        # Streamlit reads .streamlit/config.toml from its working folder.
        return subprocess.call(arguments, cwd=door.parent)  # noqa: S603 - our own interpreter
    except KeyboardInterrupt:
        return EXIT_FINE


def _check(options: argparse.Namespace) -> int:
    from siteplan.io import check_report

    report = check_report(
        options.file, crs=options.crs, encoding=options.encoding, lang=options.lang
    )
    if options.json:
        _say_json(report)
    else:
        _say(
            f"{report['file']}: {report['kind']}, {report['format']}, "
            f"{report['rows_in']} → {report['parcels_out']}, "
            f"{report['crs']['read']} → {report['crs']['used']}"
        )
        for line in _grouped(report["issues"]):
            _say(line)
    return EXIT_BAD_INPUT if any(i["severity"] == "error" for i in report["issues"]) else EXIT_FINE


def _grouped(issues: list[dict[str, Any]]) -> list[str]:
    """Return a line per kind of finding, with its fix and a few parcels."""
    kinds: dict[tuple[str, str, str, str], list[str]] = {}
    for issue in issues:
        key = (issue["severity"], issue["code"], issue["message"], issue["fix"])
        kinds.setdefault(key, []).extend([issue["parcel_id"]] if issue["parcel_id"] else [])
    lines = []
    for (severity, code, message, fix), ids in kinds.items():
        shown = f" [{', '.join(ids[:5])}{' …' if len(ids) > 5 else ''}]" if ids else ""
        lines.append(f"{severity} {code}: {message}{shown}\n    → {fix}")
    return lines


def _study(options: argparse.Namespace) -> tuple[Parcels, Scenario, RuleSet]:
    """Return the parcels, the scenario and the rules that the options ask for."""
    from dataclasses import replace

    from siteplan.io import default_scenario, read_parcels, read_scenario
    from siteplan.programme import with_uses

    parcels = read_parcels(options.parcels, crs=options.crs, encoding=options.encoding)
    scenario = (
        read_scenario(options.scenario)
        if options.scenario is not None
        else default_scenario(parcels)
    )
    programme = scenario.programme
    if options.total is not None:
        programme = programme.with_total(options.total)
    if options.share or options.gfa:
        programme = with_uses(programme, _once(options.gfa), share_pct=_once(options.share))
    rules = _rules(options.rules if options.rules is not None else scenario.rules)
    consents = scenario.consents | {_consent(text, rules=rules) for text in options.consent}
    planned = replace(
        scenario,
        rules=rules.id,
        programme=programme,
        consents=consents,
        assumed_zone=options.assume_zone or scenario.assumed_zone,
    )
    return parcels, planned, rules


def _rules(named: str) -> RuleSet:
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


def _plan(options: argparse.Namespace) -> int:
    from siteplan.evaluation import evaluate

    outputs = [path for group in options.output for path in group]
    writers = [_writer(path) for path in outputs]
    parcels, scenario, rules = _study(options)
    plan = evaluate(parcels, scenario, rules=rules)
    if plan.status == "infeasible":
        if options.json:
            _say_json(_plan_document(plan, lang=options.lang))
        _say_infeasible(plan, lang=options.lang)
        return EXIT_INFEASIBLE
    for write, path in zip(writers, outputs, strict=True):
        write(plan, path)
    if options.json:
        _say_json(_plan_document(plan, lang=options.lang))
        return EXIT_FINE
    for line in _plan_lines(plan, lang=options.lang):
        _say(line)
    for path in outputs:
        _say(sentence("Written: {path}", path=path).render(options.lang))
    return EXIT_FINE


def _writer(path: str) -> Callable[[Plan, str], object]:
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
    lines += [
        f"{issue.severity}: {issue.message.render(lang)}"
        for issue in plan.issues
        if issue.severity != "info"
    ]
    return lines


def _plan_document(plan: Plan, *, lang: str) -> dict[str, Any]:
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


def _ranges(options: argparse.Namespace) -> int:
    from siteplan.evaluation import evaluate

    parcels, scenario, rules = _study(options)
    plan = evaluate(parcels, scenario, rules=rules)
    feasible = plan.status != "infeasible"
    if options.json:
        _say_json(
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
            _say(f"{use.label.render(options.lang):<10} {shown}")
    if not feasible:
        _say_infeasible(plan, lang=options.lang)
        return EXIT_INFEASIBLE
    return EXIT_FINE


def _say_infeasible(plan: Plan, *, lang: str) -> None:
    _say_error(sentence("The programme does not fit; nothing was written.").render(lang))
    for text in plan.explanation:
        _say_error(f"  {text.render(lang)}")


def _say(line: str) -> None:
    print(line)


def _say_json(document: dict[str, Any]) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def _say_error(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())

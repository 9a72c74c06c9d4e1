"""``siteplan compare``: two to four scenarios or exported plans, use by use and parcel by parcel.

``--json`` prints one document; its plans are called A, B, C, D in the order given, and every list
of values has one value per plan in that order (null where a plan is infeasible or does not have
the lot, or the file does not say):

``plans``
    [{``label``, ``file``, ``kind`` ("scenario" | "plan"), ``name``, ``status`` (null for exported
    plans), ``gap_pct``, ``scenario_id``, ``rules``, ``total_gfa_m2``, ``parcels_used``, ``uses``
    {use: {``gfa_m2``, ``share_pct``}}, ``issues`` [{``code``, ``severity``, ``message``}]}]
``figures``
    {key: {``label``, ``unit``, ``values``}}, the keys of ``metrics`` of ``plan --json``, as far
    as they are known of every plan
``skipped_figures``
    [key] that are known of some plans only
``changes``
    from the first plan that is not infeasible to each other such one:
    [{``from``, ``to``, ``moved_m2``, ``added_m2``, ``placed_m2`` {use},
    ``left_m2`` {use}, ``parcels_changed``, ``dominant_use_changed`` [parcel_id]}]
``parcels``
    lots on which any plans differ, the largest difference first:
    [{``parcel_id``, ``gfa_m2`` {use: [a, b]}, ``dominant_use`` [a, b]}]
``partial_parcels``
    lots that only some plans have: [{``parcel_id``, ``in`` [label]}]
``settled``
    {``tolerance_m2``, ``parcel_ids``, ``locks`` {parcel_id: {use: m²}}}; locks leave out the lots
    that all plans leave empty
``notes``
    [sentence] that a person should read first
``version``
    of siteplan
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from siteplan.cli.arguments import add_reading
from siteplan.cli.comparison_lines import comparison_lines
from siteplan.cli.planning import examined_parcels, rules_named
from siteplan.cli.say import EXIT_FINE, say, say_json
from siteplan.errors import UsageError
from siteplan.text import sentence
from siteplan.uses import USES
from siteplan.version import __version__

if TYPE_CHECKING:
    import argparse

    from siteplan.compare import Change, Comparison, Side
    from siteplan.issues import Issue
    from siteplan.parcels import Parcels
    from siteplan.reading import Reading


@dataclass(frozen=True)
class Given:
    """A file that was named: its plan as a side, and what `evaluate` found."""

    file: str
    kind: str
    name: str
    side: Side
    issues: tuple[Issue, ...] = ()


def add_comparing(parser: argparse.ArgumentParser) -> None:
    """Add the files and what scenarios are evaluated on."""
    parser.add_argument(
        "files",
        metavar="PLAN",
        nargs="+",
        help="two to four scenarios (.scenario.json) or exported plans (.geojson .gpkg .parquet …)",
    )
    parser.add_argument(
        "--parcels", metavar="FILE", help="parcels of the scenarios; default: shipped Yangjae"
    )
    parser.add_argument("--rules", metavar="FILE|ID", help="rule set for all scenarios")
    parser.add_argument(
        "--tolerance",
        metavar="M2",
        type=int,
        default=0,
        help="a parcel is settled where no use differs by more than this; default 0",
    )
    add_reading(parser)


def run_compare(options: argparse.Namespace) -> int:
    """Compare and print."""
    from siteplan.compare import MOST_PLANS, compare

    if not 2 <= len(options.files) <= MOST_PLANS:
        raise UsageError(
            sentence(
                "Name 2 to {most} files to compare, not {count}.",
                most=MOST_PLANS,
                count=len(options.files),
            )
        )
    read: dict[Reading, Parcels] = {}
    given = [_given(file, options, read=read) for file in options.files]
    comparison = compare([each.side for each in given], tolerance_m2=options.tolerance)
    if options.json:
        say_json(comparison_document(comparison, given, lang=options.lang))
    else:
        for line in comparison_lines(comparison, given, lang=options.lang):
            say(line)
    return EXIT_FINE


def _given(file: str, options: argparse.Namespace, *, read: dict[Reading, Parcels]) -> Given:
    """Read one file: a scenario is evaluated, an exported plan is taken as it stands."""
    from siteplan.compare import side_of, side_of_export
    from siteplan.evaluation import evaluate
    from siteplan.io import read_plan, read_scenario
    from siteplan.io.scenario import is_scenario_file
    from siteplan.io.source import source_name

    label = source_name(file)
    if not is_scenario_file(file):
        table = read_plan(file)
        side = side_of_export(
            table.frame, title=label, scenario_id=table.scenario_id, rules=table.rules
        )
        return Given(label, "plan", _name_within(table.scenario), side)
    scenario = read_scenario(file)
    rules = rules_named(options.rules if options.rules is not None else scenario.rules)
    parcels = _parcels(options, remembered=scenario.reading, read=read)
    plan = evaluate(parcels, replace(scenario, rules=rules.id), rules=rules)
    return Given(label, "scenario", scenario.name, side_of(plan, title=label), plan.issues)


def _parcels(
    options: argparse.Namespace, *, remembered: Reading, read: dict[Reading, Parcels]
) -> Parcels:
    """Return the parcels as a scenario remembers their reading; each reading is done once."""
    from siteplan.crs_doctor import CrsAmbiguousError

    if remembered not in read:
        examination = examined_parcels(options, remembered=remembered)
        if examination.parcels is None:
            raise CrsAmbiguousError(examination.diagnosis)
        read[remembered] = examination.parcels
    return read[remembered]


def _name_within(scenario: str | None) -> str:
    """Return the name of the scenario that a file holds, empty where it holds none of ours."""
    import json

    said = {} if scenario is None else json.loads(scenario)
    return str(said.get("name") or "") if isinstance(said, dict) else ""


def comparison_document(comparison: Comparison, given: list[Given], *, lang: str) -> dict[str, Any]:
    """Return the document of ``--json``; the module's own text says what stands in it."""
    from siteplan.compare import LETTERS, settled_locks

    return {
        "plans": [
            _plan_document(each, label=letter, lang=lang)
            for letter, each in zip(LETTERS, given, strict=False)
        ],
        "figures": {
            row.key: {
                "label": row.label.render(lang),
                "unit": row.unit,
                "values": [_finite(value) for value in row.values],
            }
            for row in comparison.figures
        },
        "skipped_figures": list(comparison.skipped),
        "changes": [
            _change_document(
                comparison.change(start=start, end=end), start=LETTERS[start], end=LETTERS[end]
            )
            for start, end in comparison.pairs
        ],
        "parcels": [
            {
                "parcel_id": parcel.parcel_id,
                "gfa_m2": {use: list(values) for use, values in parcel.gfa_m2.items()},
                "dominant_use": list(parcel.dominant_use),
            }
            for parcel in comparison.differences
        ],
        "partial_parcels": [
            {
                "parcel_id": parcel_id,
                "in": [letter for letter, has in zip(LETTERS, there, strict=False) if has],
            }
            for parcel_id, there in comparison.partial.items()
        ],
        "settled": {
            "tolerance_m2": comparison.tolerance_m2,
            "parcel_ids": list(comparison.settled),
            "locks": settled_locks(comparison),
        },
        "notes": [note.render(lang) for note in comparison.notes],
        "version": __version__,
    }


def _plan_document(given: Given, *, label: str, lang: str) -> dict[str, Any]:
    side = given.side
    return {
        "label": label,
        "file": given.file,
        "kind": given.kind,
        "name": given.name,
        "status": side.status,
        "gap_pct": side.gap_pct,
        "scenario_id": side.scenario_id,
        "rules": side.rules,
        "total_gfa_m2": side.total_gfa_m2,
        "parcels_used": side.parcels_used,
        "uses": {
            use: {"gfa_m2": side.uses_gfa_m2[use], "share_pct": side.shares_pct[use]}
            for use in USES
        },
        "issues": [
            {
                "code": issue.code,
                "severity": issue.severity,
                "message": issue.message.render(lang),
            }
            for issue in given.issues
        ],
    }


def _change_document(change: Change, *, start: str, end: str) -> dict[str, Any]:
    return {
        "from": start,
        "to": end,
        "moved_m2": change.moved_m2,
        "added_m2": change.added_m2,
        "placed_m2": dict(change.placed_m2),
        "left_m2": dict(change.left_m2),
        "parcels_changed": len(change.parcel_ids),
        "dominant_use_changed": list(change.dominant_changed),
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None

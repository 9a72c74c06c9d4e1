"""Plans side by side: sums that are exact, the same seen from either end, nothing left unsaid."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.cli import main
from siteplan.compare import (
    Amount,
    Change,
    Side,
    compare,
    settled_locks,
    side_of,
    side_of_export,
)
from siteplan.edits import Merge
from siteplan.errors import InputError, UsageError
from siteplan.evaluation import Plan, evaluate
from siteplan.io import default_scenario, read_plan, write_plan, write_scenario
from siteplan.metrics import metric_values
from siteplan.parcels import Parcels
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.text import Label
from siteplan.uses import USES
from tests.studies import row_of_lots

ZONE = "준주거지역"


def side(lots: dict[str, Sequence[int]], **more: Any) -> Side:
    """A side with these floor areas (research, campus, housing, culture) on lots of 1,000 m²."""
    ids = tuple(lots)
    gfa_m2 = np.array([list(row) for row in lots.values()], dtype=np.int64).reshape(len(ids), 4)
    return Side(
        title=more.pop("title", ""),
        parcel_ids=ids,
        gfa_m2=gfa_m2,
        site_area_m2=more.pop("site_area_m2", np.full(len(ids), 1000.0)),
        amounts=more.pop("amounts", {}),
        label_of=lambda row: Label(ids[row], ids[row]),
        **more,
    )


def by_use(*values: int) -> dict[str, int]:
    return dict(zip(USES, values, strict=True))


lots_of_a_side = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.tuples(*[st.integers(0, 50)] * 4),
    min_size=1,
)


class TestByHand:
    """
    lot   A: research campus housing culture   B: research campus housing culture
    a           100      0       0       0           60     40       0       0
    b             0     50       0      10            0     10       0      10
    c             0      0      30       0            0      0      30       0
    d            20      0       0       0            -      -       -       -
    e             -      -       -       -            0      0      25       0
    f             0      0       0       0            0      0       0       0
    """

    first = side(
        {"a": (100, 0, 0, 0), "b": (0, 50, 0, 10), "c": (0, 0, 30, 0), "d": (20, 0, 0, 0),
         "f": (0, 0, 0, 0)},
    )  # fmt: skip
    second = side(
        {"e": (0, 0, 25, 0), "c": (0, 0, 30, 0), "b": (0, 10, 0, 10), "f": (0, 0, 0, 0),
         "a": (60, 40, 0, 0)},
    )  # fmt: skip

    def test_change(self) -> None:
        assert compare([self.first, self.second]).change() == Change(
            placed_m2=by_use(0, 40, 25, 0),
            left_m2=by_use(60, 40, 0, 0),
            moved_m2=65,
            added_m2=-35,
            parcel_ids=("a", "b", "d", "e"),
            dominant_changed=(),
        )

    def test_differences(self) -> None:
        found = compare([self.first, self.second]).differences
        assert [d.parcel_id for d in found] == ["a", "b", "e", "d"]  # 80, 40, 25 and 20 m²
        assert found[0].gfa_m2 == {
            "research": (100, 60), "campus": (0, 40), "housing": (0, 0), "culture": (0, 0),
        }  # fmt: skip
        assert found[0].dominant_use == ("research", "research")
        assert found[2].gfa_m2["housing"] == (None, 25)
        assert found[2].dominant_use == (None, "housing")

    def test_settled(self) -> None:
        comparison = compare([self.first, self.second])
        assert comparison.settled == ("c", "f")
        assert settled_locks(comparison) == {"c": by_use(0, 0, 30, 0)}
        assert settled_locks(comparison, empty_too=True) == {
            "c": by_use(0, 0, 30, 0), "f": by_use(0, 0, 0, 0),
        }  # fmt: skip
        wider = compare([self.first, self.second], tolerance_m2=40)
        assert wider.settled == ("a", "b", "c", "f")
        assert settled_locks(wider)["a"] == by_use(100, 0, 0, 0)  # the first plan's
        assert compare([self.first, self.second], tolerance_m2=39).settled == ("c", "f")

    def test_lots_that_only_some_have_are_said(self) -> None:
        comparison = compare([self.first, self.second])
        assert comparison.partial == {"d": (True, False), "e": (False, True)}
        assert any("2 lot(s) are not in every plan" in str(note) for note in comparison.notes)
        assert "d, e" in str(comparison.notes[0])

    def test_a_dominant_use_that_turns(self) -> None:
        before = side({"a": (10, 9, 0, 0), "b": (0, 0, 5, 0), "c": (0, 0, 0, 0)})
        after = side({"a": (9, 10, 0, 0), "b": (0, 0, 0, 0), "c": (0, 0, 0, 1)})
        change = compare([before, after]).change()
        assert change.dominant_changed == ("a", "b", "c")
        assert (change.moved_m2, change.added_m2) == (2, -4)

    def test_three_plans(self) -> None:
        third = side({"a": (100, 0, 0, 0), "b": (0, 50, 0, 10), "c": (0, 0, 29, 0)})
        comparison = compare([self.first, self.second, third])
        assert comparison.change(end=2).left_m2 == by_use(20, 0, 1, 0)
        assert comparison.change(start=1, end=2).placed_m2 == by_use(40, 40, 0, 0)
        assert comparison.settled == ()
        assert comparison.partial["f"] == (True, True, False)
        assert compare([self.first, self.second, third], tolerance_m2=1).settled == ("c",)


class TestProperties:
    @given(lots_of_a_side, lots_of_a_side)
    def test_sums(self, one: dict[str, Any], two: dict[str, Any]) -> None:
        first, second = side(one), side(two)
        change = compare([first, second]).change()
        for use in USES:
            assert min(change.placed_m2[use], change.left_m2[use]) >= 0
            gained_m2 = change.placed_m2[use] - change.left_m2[use]
            assert gained_m2 == second.uses_gfa_m2[use] - first.uses_gfa_m2[use]
            if first.uses_gfa_m2[use] == second.uses_gfa_m2[use]:
                assert change.placed_m2[use] == change.left_m2[use]
        assert change.added_m2 == second.total_gfa_m2 - first.total_gfa_m2
        placed_m2, left_m2 = sum(change.placed_m2.values()), sum(change.left_m2.values())
        assert change.moved_m2 == min(placed_m2, left_m2)
        assert change.moved_m2 + max(change.added_m2, 0) == placed_m2

    @given(lots_of_a_side, lots_of_a_side)
    def test_the_way_back_leaves_what_the_way_there_placed(
        self, one: dict[str, Any], two: dict[str, Any]
    ) -> None:
        comparison = compare([side(one), side(two)])
        there, back = comparison.change(), comparison.change(start=1, end=0)
        assert (back.placed_m2, back.left_m2) == (there.left_m2, there.placed_m2)
        assert (back.moved_m2, back.added_m2) == (there.moved_m2, -there.added_m2)
        assert back.parcel_ids == there.parcel_ids
        assert back.dominant_changed == there.dominant_changed
        turned = compare([side(two), side(one)])
        assert set(turned.settled) == set(comparison.settled)
        assert {d.parcel_id for d in turned.differences} == set(there.parcel_ids)

    @given(lots_of_a_side)
    def test_a_plan_does_not_differ_from_itself(self, one: dict[str, Any]) -> None:
        comparison = compare([side(one), side(one), side(one)])
        assert comparison.differences == ()
        assert comparison.partial == {}
        assert comparison.settled == tuple(one)
        assert comparison.notes == ()
        zero = by_use(0, 0, 0, 0)
        assert comparison.change(end=2) == Change(zero, zero, 0, 0, (), ())
        assert settled_locks(comparison) == {
            lot: by_use(*row) for lot, row in one.items() if any(row)
        }

    @given(lots_of_a_side, lots_of_a_side, st.randoms())
    def test_the_order_of_lots_does_not_matter(
        self, one: dict[str, Any], two: dict[str, Any], random: Any
    ) -> None:
        shuffled = list(two.items())
        random.shuffle(shuffled)
        plain = compare([side(one), side(two)])
        mixed = compare([side(one), side(dict(shuffled))])
        assert mixed.change().placed_m2 == plain.change().placed_m2
        assert sorted(map(repr, mixed.differences)) == sorted(map(repr, plain.differences))
        assert settled_locks(mixed) == settled_locks(plain)

    @given(lots_of_a_side, lots_of_a_side, st.integers(0, 20))
    def test_a_lot_is_settled_if_and_only_if_every_use_agrees(
        self, one: dict[str, Any], two: dict[str, Any], tolerance_m2: int
    ) -> None:
        expected = {
            lot for lot in one.keys() & two.keys()
            if all(abs(x - y) <= tolerance_m2 for x, y in zip(one[lot], two[lot], strict=True))
        }  # fmt: skip
        comparison = compare([side(one), side(two)], tolerance_m2=tolerance_m2)
        assert set(comparison.settled) == expected


class TestSaid:
    def test_figures_known_of_some_plans_only_are_skipped_and_said(self) -> None:
        jobs = Amount(Label("일자리", "Jobs"), 5.0, "job")
        cost = Amount(Label("공사비", "Cost"), 7.0, "KRW")
        comparison = compare(
            [side({"a": (1, 0, 0, 0)}, amounts={"jobs": jobs, "cost": cost}),
             side({"a": (1, 0, 0, 0)}, amounts={"jobs": replace(jobs, value=6.0)})]
        )  # fmt: skip
        assert [(row.key, row.values, row.differs) for row in comparison.figures] == [
            ("jobs", (5.0, 6.0), True)
        ]
        assert comparison.skipped == {"cost": cost.label}
        assert "1 figures are not compared" in str(comparison.notes[-1])

    def test_the_same_id_on_another_site_is_said(self) -> None:
        other = side({"a": (1, 0, 0, 0), "b": (1, 0, 0, 0)}, site_area_m2=np.array([1000.0, 999.0]))
        notes = compare([side({"a": (1, 0, 0, 0), "b": (1, 0, 0, 0)}), other]).notes
        assert [str(note) for note in notes] == [
            (
                "1 lot(s) with the same id have another site area: b. Check that the plans are of "
                "the same parcels."
            )
        ]

    def test_no_common_lot_is_said(self) -> None:
        notes = compare([side({"a": (1, 0, 0, 0)}), side({"b": (1, 0, 0, 0)})]).notes
        assert "No lot is in every plan" in str(notes[0])

    def test_other_rules_and_factors_are_said(self) -> None:
        lots = {"a": (1, 0, 0, 0)}
        notes = compare(
            [side(lots, rules="seoul", factors={"grid_co2": 0.4, "setback_m": 1.0}),
             side(lots, rules="national", factors={"grid_co2": 0.5, "setback_m": 1.0})]
        ).notes  # fmt: skip
        assert "different rules: seoul, national" in str(notes[0])
        assert "different factors (grid_co2)" in str(notes[1])

    @pytest.mark.parametrize("count", [0, 1, 5])
    def test_two_to_four(self, count: int) -> None:
        with pytest.raises(UsageError, match="2 to 4 plans"):
            compare([side({"a": (1, 0, 0, 0)})] * count)

    def test_a_negative_tolerance(self) -> None:
        with pytest.raises(UsageError, match="0 m² or more"):
            compare([side({"a": (1, 0, 0, 0)})] * 2, tolerance_m2=-1)


@pytest.fixture(scope="module")
def lots() -> Parcels:
    return row_of_lots([ZONE, ZONE, ZONE])


def small(**more: Any) -> Scenario:
    start = Scenario(**more)
    return replace(start, programme=start.programme.with_total(20_000))


def only_on(lot: str) -> Scenario:
    return small(name=f"{lot}에만", default_available_pct=0, decisions={lot: ParcelDecision(100)})


@pytest.fixture(scope="module")
def on_a(lots: Parcels) -> Plan:
    return evaluate(lots, only_on("a"))


@pytest.fixture(scope="module")
def on_b(lots: Parcels) -> Plan:
    return evaluate(lots, only_on("b"))


class TestEvaluatedPlans:
    def test_everything_moves_from_a_to_b(self, on_a: Plan, on_b: Plan) -> None:
        """45, 25, 20 and 10 % of 20,000 m², all on one lot of 10,000 m² at FAR 400 %."""
        comparison = compare([on_a, on_b])
        wholly = by_use(9_000, 5_000, 4_000, 2_000)
        assert comparison.change() == Change(wholly, wholly, 20_000, 0, ("a", "b"), ("a", "b"))
        assert [d.dominant_use for d in comparison.differences] == [
            ("research", None), (None, "research"),
        ]  # fmt: skip
        assert comparison.settled == ("c",)
        assert settled_locks(comparison) == {}
        assert [s.title for s in comparison.sides] == ["a에만", "b에만"]

    def test_every_metric_stands_side_by_side(self, on_a: Plan, on_b: Plan) -> None:
        comparison = compare([on_a, on_b])
        assert [row.key for row in comparison.figures] == [m.key for m in on_a.metrics]
        for place, plan in enumerate((on_a, on_b)):
            values = metric_values(plan.metrics)
            assert {r.key: r.values[place] for r in comparison.figures} == values
        assert [row.unit for row in comparison.figures] == [m.unit for m in on_a.metrics]
        first = comparison.sides[0]
        assert first.shares_pct == pytest.approx(
            {"research": 45, "campus": 25, "housing": 20, "culture": 10}
        )
        assert (first.parcels_used, first.status, first.gap_pct) == (1, "optimal", on_a.gap_pct)

    def test_a_merged_lot_counts_as_one_that_the_other_plan_lacks(
        self, lots: Parcels, on_a: Plan
    ) -> None:
        merged = evaluate(lots, small(edits=(Merge(("a", "b"), "ab"),)))
        comparison = compare([on_a, merged])
        assert comparison.partial == {
            "a": (True, False), "b": (True, False), "ab": (False, True),
        }  # fmt: skip
        change = comparison.change()
        assert change.placed_m2 == change.left_m2 == by_use(9_000, 5_000, 4_000, 2_000)

    def test_an_infeasible_plan_settles_nothing(self, lots: Parcels, on_a: Plan) -> None:
        start = Scenario(name="너무 큰 안")
        over = evaluate(lots, replace(start, programme=start.programme.with_total(9_000_000)))
        comparison = compare([on_a, over])
        assert comparison.settled == ()
        assert settled_locks(comparison) == {}
        assert comparison.differences == ()
        assert comparison.pairs == ()
        assert comparison.sides[1].gap_pct is None
        assert {row.values[1] for row in comparison.figures} == {None}  # no zeros for figures
        assert not any(row.differs for row in comparison.figures)
        assert any("B (너무 큰 안) is infeasible" in str(note) for note in comparison.notes)

    def test_beside_an_infeasible_plan_the_others_are_compared(
        self, lots: Parcels, on_a: Plan, on_b: Plan
    ) -> None:
        start = Scenario(name="너무 큰 안")
        over = evaluate(lots, replace(start, programme=start.programme.with_total(9_000_000)))
        comparison = compare([over, on_a, on_b])
        assert comparison.pairs == ((1, 2),)
        assert comparison.change(start=1, end=2) == compare([on_a, on_b]).change()
        assert [d.gfa_m2["research"] for d in comparison.differences] == [
            (None, 9_000, 0), (None, 0, 9_000),
        ]  # fmt: skip


class TestExportedPlans:
    @pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".parquet", ".shp.zip", ".csv"])
    def test_an_export_does_not_differ_from_its_plan(
        self, on_a: Plan, tmp_path: Path, ending: str
    ) -> None:
        table = read_plan(write_plan(on_a, tmp_path / f"plan{ending}"))
        exported = side_of_export(table.frame, title="plan", scenario_id=table.scenario_id)
        comparison = compare([on_a, exported])
        assert comparison.differences == ()
        assert comparison.settled == on_a.parcels.ids
        keys = {row.key for row in comparison.figures}
        assert {"far_area_m2", "parcels_used", "capacity_used_pct", "site_area_used_m2"} <= keys
        assert {f"gfa_{use}_m2" for use in USES} <= keys
        for row in comparison.figures:
            assert row.values[1] == pytest.approx(row.values[0], rel=1e-9), row.key
        assert set(comparison.skipped) == {m.key for m in on_a.metrics} - keys
        labels = {m.key: m.label for m in on_a.metrics}
        assert {key: exported.amounts[key].label for key in keys} == {
            key: labels[key] for key in keys
        }

    def test_a_file_that_was_changed_elsewhere_is_said(self, on_a: Plan, tmp_path: Path) -> None:
        frame = read_plan(write_plan(on_a, tmp_path / "plan.gpkg")).frame
        frame.loc[0, "gfa_research_m2"] += 100
        exported = side_of_export(frame, title="plan.gpkg")
        assert [str(note) for note in exported.notes] == [
            (
                "plan.gpkg: on 1 lot(s) the total GFA is not the sum of the uses, so the file was "
                "changed elsewhere. The uses count here."
            )
        ]
        assert compare([on_a, exported]).change().placed_m2 == by_use(100, 0, 0, 0)

    @pytest.mark.parametrize(
        ("column", "value", "said"),
        [
            ("parcel_id", "b", "without an id or with the same one"),
            ("parcel_id", None, "without an id or with the same one"),
            ("gfa_housing_m2", -1, "negative"),
        ],
    )
    def test_what_cannot_be_matched_or_added_is_refused(
        self, on_a: Plan, tmp_path: Path, column: str, value: object, said: str
    ) -> None:
        frame = read_plan(write_plan(on_a, tmp_path / "plan.gpkg")).frame
        frame.loc[0, column] = value
        with pytest.raises(InputError, match=said):
            side_of_export(frame, title="plan.gpkg")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, lots: Parcels, on_a: Plan, on_b: Plan) -> Path:
    """Two scenarios of the small study, their plans in several formats, and the parcels."""
    folder = tmp_path_factory.mktemp("비교")
    lots.frame.to_file(folder / "lots.gpkg")
    for name, plan in (("a", on_a), ("b", on_b)):
        for ending in (".scenario.json", ".geojson", ".gpkg", ".parquet", ".json"):
            write_plan(plan, folder / f"{name}{ending}")
    write_scenario(on_b.scenario, folder / "own-name.json")
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(["compare", *arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


class TestCommand:
    def files(self, folder: Path, *names: str) -> list[str]:
        return [str(folder / name) for name in names]

    def test_json_of_two_scenarios(
        self, capsys: pytest.CaptureFixture[str], folder: Path, on_a: Plan
    ) -> None:
        code, out, _ = run(
            capsys, *self.files(folder, "a.scenario.json", "b.scenario.json"),
            "--parcels", str(folder / "lots.gpkg"), "--json",
        )  # fmt: skip
        found = json.loads(out)
        assert code == 0
        assert set(found) == {
            "plans", "figures", "skipped_figures", "changes", "parcels", "partial_parcels",
            "settled", "notes", "version",
        }  # fmt: skip
        assert [(p["label"], p["kind"], p["name"], p["status"]) for p in found["plans"]] == [
            ("A", "scenario", "a에만", "optimal"), ("B", "scenario", "b에만", "optimal"),
        ]  # fmt: skip
        assert found["plans"][0]["uses"]["research"] == {"gfa_m2": 9_000, "share_pct": 45.0}
        assert list(found["figures"]) == [m.key for m in on_a.metrics]
        assert found["skipped_figures"] == []
        wholly = by_use(9_000, 5_000, 4_000, 2_000)
        assert found["changes"] == [
            {"from": "A", "to": "B", "moved_m2": 20_000, "added_m2": 0, "placed_m2": wholly,
             "left_m2": wholly, "parcels_changed": 2, "dominant_use_changed": ["a", "b"]}
        ]  # fmt: skip
        assert found["parcels"][0] == {
            "parcel_id": "a",
            "gfa_m2": {use: [value, 0] for use, value in wholly.items()},
            "dominant_use": ["research", None],
        }
        assert found["settled"] == {"tolerance_m2": 0, "parcel_ids": ["c"], "locks": {}}

    @pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".parquet", ".json"])
    def test_exported_plans_give_the_same_changes_as_their_scenarios(
        self, capsys: pytest.CaptureFixture[str], folder: Path, ending: str
    ) -> None:
        """The parcels are not needed: the files hold them."""
        code, out, _ = run(capsys, *self.files(folder, f"a{ending}", f"b{ending}"), "--json")
        found = json.loads(out)
        assert code == 0
        assert found["changes"][0]["moved_m2"] == 20_000
        assert [p["parcel_id"] for p in found["parcels"]] == ["a", "b"]
        assert [(p["kind"], p["name"], p["status"]) for p in found["plans"]] == [
            ("plan", "a에만", None), ("plan", "b에만", None),
        ]  # fmt: skip
        assert "jobs" not in found["figures"]

    def test_a_scenario_and_its_export_agree_and_what_is_skipped_is_said(
        self, capsys: pytest.CaptureFixture[str], folder: Path
    ) -> None:
        files = self.files(folder, "b.gpkg", "b.scenario.json", "own-name.json")
        code, out, _ = run(capsys, *files, "--parcels", str(folder / "lots.gpkg"), "--json")
        found = json.loads(out)
        assert code == 0
        assert [p["kind"] for p in found["plans"]] == ["plan", "scenario", "scenario"]
        assert [c["moved_m2"] for c in found["changes"]] == [0, 0]
        assert found["parcels"] == []
        assert "jobs" in found["skipped_figures"]
        assert any("not compared" in note for note in found["notes"])
        assert found["settled"]["locks"] == {"b": by_use(9_000, 5_000, 4_000, 2_000)}

    def test_the_shipped_study_as_text_in_both_languages(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        start = default_scenario()
        larger = start.programme.with_total(280_000)
        for name, scenario in (("a", start), ("b", replace(start, programme=larger))):
            write_scenario(scenario, tmp_path / f"{name}.scenario.json")
        files = self.files(tmp_path, "a.scenario.json", "b.scenario.json")
        code, english, error = run(capsys, *files, "--lang", "en")
        assert (code, error) == (0, "")
        code, korean, _ = run(capsys, *files, "--lang", "ko")
        assert code == 0
        for line in ("Research", "121,500", "126,000", "280,000", "Σ +10,000 m²", "settled"):
            assert line in english
        for line in ("연구", "121,500", "126,000", "280,000", "Σ +10,000 m²"):
            assert line in korean

    def test_an_infeasible_scenario_is_shown_as_such_and_not_as_zeros(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        start = default_scenario()
        over = replace(start, programme=start.programme.with_total(900_000))
        write_scenario(start, tmp_path / "a.scenario.json")
        write_scenario(over, tmp_path / "b.scenario.json")
        files = self.files(tmp_path, "a.scenario.json", "b.scenario.json")
        code, out, _ = run(capsys, *files, "--lang", "en")
        assert code == 0
        assert "B (b.scenario.json) is infeasible and places nothing" in out
        assert "A → B" not in out
        code, out, _ = run(capsys, *files, "--json")
        found = json.loads(out)
        assert found["changes"] == found["parcels"] == found["settled"]["parcel_ids"] == []
        assert found["figures"]["jobs"]["values"] == [4_860.0, None]
        assert found["plans"][1]["status"] == "infeasible"

    def test_two_plans_that_are_the_same(
        self, capsys: pytest.CaptureFixture[str], folder: Path
    ) -> None:
        code, out, _ = run(capsys, *self.files(folder, "a.geojson", "a.geojson"), "--lang", "en")
        assert code == 0
        assert "0 m² change their lot or use, on 0 lots" in out
        assert "Lots that differ" not in out

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            (["a.geojson"], 2, "2 to 4 files"),
            (["a.geojson"] * 5, 2, "2 to 4 files"),
            (["a.geojson", "b.geojson", "--tolerance", "-1"], 2, "0 m² or more"),
            (["a.geojson", "b.geojson", "--tolerance", "some"], 2, "invalid int"),
            (["a.geojson", "missing.geojson"], 1, "There is no file"),
            (["a.geojson", "missing.scenario.json"], 1, "There is no file"),
            (["a.geojson", "lots.gpkg"], 1, "is not a plan that siteplan wrote"),
            (["a.geojson", "broken.scenario.json"], 1, "not valid JSON"),
        ],
    )
    def test_bad_input_gets_a_sentence(
        self,
        capsys: pytest.CaptureFixture[str],
        folder: Path,
        arguments: list[str],
        code: int,
        said: str,
    ) -> None:
        (folder / "broken.scenario.json").write_text("{")
        named = [str(folder / a) if a.endswith((".geojson", ".json", ".gpkg")) else a
                 for a in arguments]  # fmt: skip
        found, out, error = run(capsys, *named, "--lang", "en")
        assert (found, out) == (code, "")
        assert said in error
        assert "Traceback" not in error


def test_a_side_made_of_a_plan_is_what_compare_makes_of_it(on_a: Plan, on_b: Plan) -> None:
    named = compare([side_of(on_a, title="가"), side_of(on_b, title="나")])
    assert [s.title for s in named.sides] == ["가", "나"]
    assert named.change() == compare([on_a, on_b]).change()

"""The command line as scripts use it: exit codes, JSON keys, sentences that name the fix."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from siteplan.cli import main
from siteplan.rules import NATIONAL_RULES
from siteplan.uses import USES


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command line in this process; return exit code, stdout and stderr."""
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code, out, _ = run(capsys, *arguments, "--json")
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


class TestPlan:
    def test_writes_the_shipped_plan_and_prints_the_promised_keys(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        out = tmp_path / "plan.geojson"
        found = document(capsys, "plan", "-o", str(out))
        assert found["status"] == "optimal"
        assert found["total_gfa_m2"] == 270_000
        assert set(found["uses"]) == set(USES)
        for use in found["uses"].values():
            low, high = use["range_m2"]
            assert low <= use["gfa_m2"] <= high
        assert sum(use["share_pct"] for use in found["uses"].values()) == pytest.approx(100)
        assert {
            "objective",
            "bound",
            "gap_pct",
            "parcels_used",
            "metrics",
            "explanation",
            "scenario_id",
        } <= set(found)
        written = json.loads(out.read_text(encoding="utf-8"))
        assert written["siteplan"]["scenario_id"] == found["scenario_id"]
        total_m2 = sum(f["properties"]["gfa_total_m2"] for f in written["features"])
        assert total_m2 == 270_000

    def test_shares_totals_and_several_outputs(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        outputs = [str(tmp_path / name) for name in ("a.gpkg", "a.csv", "a.html")]
        found = document(
            capsys, "plan", "--total", "200000", "--share", "research=50",
            "--gfa", "housing=30000", "-o", *outputs,
        )  # fmt: skip
        assert found["uses"]["research"]["gfa_m2"] == 100_000
        assert found["uses"]["housing"]["gfa_m2"] == 30_000
        assert found["total_gfa_m2"] == 200_000
        assert all(Path(output).stat().st_size > 1000 for output in outputs)

    def test_a_plan_written_as_scenario_is_read_back_to_the_same_plan(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        kept = tmp_path / "kept.scenario.json"
        first = document(capsys, "plan", "--share", "housing=25", "-o", str(kept))
        again = document(
            capsys, "plan", "--scenario", str(kept), "-o", str(tmp_path / "again.geojson")
        )
        assert again["scenario_id"] == first["scenario_id"]
        assert again["uses"] == first["uses"]

    def test_infeasible_writes_nothing_and_explains(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        out = tmp_path / "plan.geojson"
        code, _, said = run(capsys, "plan", "--gfa", "housing=200000", "-o", str(out))
        assert code == 3
        assert not out.exists()
        assert "Housing" in said
        assert "missing" in said
        code, printed, _ = run(capsys, "plan", "--gfa", "housing=200000", "-o", str(out), "--json")
        found = json.loads(printed)
        assert (code, found["status"]) == (3, "infeasible")
        assert found["explanation"]

    def test_korean(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        out = str(tmp_path / "plan.geojson")
        code, printed, _ = run(capsys, "plan", "-o", out, "--lang", "ko")
        assert code == 0
        assert "연구" in printed
        assert "저장함" in printed

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            (["--total", "0"], 1, "above 0"),
            (["--total", "nan"], 1, "above 0"),
            (["--total", "1e12"], 1, "Give it in square metres"),
            (["--share", "research=50", "--share", "campus=20", "--share", "housing=20",
              "--share", "culture=7"], 1, "sum to 97 %"),
            (["--share", "research=nan"], 1, "from 0 to 100 %"),
            (["--share", "office=5"], 2, "USE=NUMBER"),
            (["--share", "research"], 2, "USE=NUMBER"),
            (["--gfa", "research=many"], 2, "a number is needed"),
            (["--gfa", "research=300000"], 1, "the total is 270,000"),
            (["--scenario", "missing.json"], 1, "no file missing.json"),
            (["--consent", "유통상업지역"], 2, "ZONE=USE"),
            (["--consent", "없는지역=research"], 2, "know no zone"),
            (["--share", "housing=5", "--share", "housing=6"], 2, "given twice"),
            (["missing.gpkg"], 1, "missing.gpkg"),
        ],
    )  # fmt: skip
    def test_bad_input_gets_a_sentence(
        self,
        capsys: pytest.CaptureFixture[str],
        tmp_path: Path,
        arguments: list[str],
        code: int,
        said: str,
    ) -> None:
        out = tmp_path / "plan.geojson"
        found, printed, error = run(capsys, "plan", *arguments, "-o", str(out))
        assert (found, printed) == (code, "")
        assert said in error
        assert "Traceback" not in error
        assert not out.exists()

    def test_an_unknown_ending_is_refused_before_any_work(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        code, _, error = run(capsys, "plan", "-o", str(tmp_path / "plan.xyz"))
        assert code == 2
        assert ".geojson" in error


class TestOwnParcels:
    @pytest.fixture
    def lots(self, tmp_path: Path) -> Path:
        path = tmp_path / "lots.gpkg"
        gpd.GeoDataFrame(
            {"pnu": ["1165010200100010000", "1165010200100020000"]},
            geometry=[shapely.box(203_000 + x, 540_000, 203_090 + x, 540_100) for x in (0, 100)],
            crs=5186,
        ).to_file(path)
        return path

    def test_parcels_without_zone_are_explained_and_can_be_assumed(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, lots: Path
    ) -> None:
        out = str(tmp_path / "plan.geojson")
        code, _, error = run(capsys, "plan", str(lots), "--total", "50000", "-o", out)
        assert code == 3
        assert "without a zone" in error
        found = document(
            capsys, "plan", str(lots), "--total", "50000", "--assume-zone", "준주거지역", "-o", out
        )
        assert found["total_gfa_m2"] == 50_000
        assert "zone_override" in {issue["code"] for issue in found["issues"]}

    def test_parcels_elsewhere_are_told_and_the_national_rules_named(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        lots = tmp_path / "seongnam.gpkg"
        gpd.GeoDataFrame(
            {"pnu": ["4113110100100010000", "1165010200100020000"], "zone": "준주거지역"},
            geometry=[shapely.box(203_000 + x, 540_000, 203_090 + x, 540_100) for x in (0, 100)],
            crs=5186,
        ).to_file(lots)
        asked = ["plan", str(lots), "--total", "50000", "-o", str(tmp_path / "p.geojson")]
        found = {issue["code"]: issue for issue in document(capsys, *asked)["issues"]}
        said = found["rules_elsewhere"]
        assert "1 parcel(s) lie where “Seoul Urban" in said["message"]
        assert "Gyeonggi 41131" in said["message"]
        _, lines, _ = run(capsys, *asked)
        assert said["message"] in lines
        _, checked, _ = run(capsys, "check", str(lots))
        assert said["message"] in checked
        assert said["fix"] in checked
        national = document(capsys, *asked, "--rules", NATIONAL_RULES)
        assert "rules_elsewhere" not in {issue["code"] for issue in national["issues"]}

    def test_a_conditional_use_waits_for_consent(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, lots: Path
    ) -> None:
        asked = ["plan", str(lots), "--total", "50000", "--share", "research=100",
                 "--assume-zone", "유통상업지역", "-o", str(tmp_path / "p.geojson")]  # fmt: skip
        code, _, error = run(capsys, *asked)
        assert code == 3
        assert "consent" in error
        found = document(capsys, *asked, "--consent", "유통상업=research")
        assert "consent_used" in {issue["code"] for issue in found["issues"]}

    def test_check_says_what_was_found(
        self, capsys: pytest.CaptureFixture[str], lots: Path
    ) -> None:
        found = document(capsys, "check", str(lots))
        assert found["kind"] == "parcels"
        assert found["crs"]["used"] == "EPSG:5186"
        assert (found["rows_in"], found["parcels_out"]) == (2, 2)
        assert "zone_missing" in {issue["code"] for issue in found["issues"]}

    def test_check_of_what_is_no_parcel_file(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        path = tmp_path / "empty.geojson"
        path.write_bytes(b"")
        code, out, _ = run(capsys, "check", str(path), "--json")
        assert code == 1
        found = json.loads(out)
        assert "empty" in found["issues"][0]["message"]


class TestRanges:
    def test_promised_keys(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = document(capsys, "ranges")
        assert found["feasible"]
        assert set(found["uses"]) == set(USES)
        low, high = found["uses"]["housing"]["range_m2"]
        assert 0 == low < 54_000 < high < 270_000

    def test_both_ends_of_a_range_really_fit(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        high = document(capsys, "ranges")["uses"]["housing"]["range_m2"][1]
        out = str(tmp_path / "p.geojson")
        assert run(capsys, "plan", "--gfa", f"housing={high}", "-o", out)[0] == 0
        assert run(capsys, "plan", "--gfa", f"housing={high + 2}", "-o", out)[0] == 3


class TestUsage:
    def test_no_command_is_wrong_use(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, _, error = run(capsys)
        assert code == 2
        assert "--help" in error

    def test_app_refuses_a_file_that_is_not_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, _, error = run(capsys, "app", "--parcels", "missing.gpkg")
        assert code == 1
        assert "missing.gpkg" in error

    def test_help_imports_nothing_heavy(self) -> None:
        code = (
            "import sys, siteplan.cli\n"
            "try: siteplan.cli.main(['--help'])\n"
            "except SystemExit: pass\n"
            "heavy = {'numpy', 'pandas', 'geopandas', 'folium', 'streamlit', 'highspy'}\n"
            "print(sorted(heavy & set(sys.modules)))"
        )
        told = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert told.stdout.splitlines()[-1] == "[]"

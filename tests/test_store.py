"""Scenarios kept: nothing is lost, nothing is overwritten, and what is refused names its fix."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.cli import main
from siteplan.errors import InputError, UsageError
from siteplan.evaluation import evaluate
from siteplan.io import default_scenario
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.store import (
    Imprint,
    SqliteStore,
    StoreError,
    drafts,
    imprint_of,
    new_id,
    open_store,
    schema,
    sqlite,
    store_place,
)
from tests.store_writers import IMPRINT, large_scenario
from tests.studies import row_of_lots

ROOT = Path(__file__).parents[1]
WRITERS = [sys.executable, "-m", "tests.store_writers"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    kept = SqliteStore(tmp_path / "시나리오.sqlite")
    yield kept
    kept.close()


def place_of(store: SqliteStore) -> str:
    assert store.place is not None
    return str(store.place)


def sound(place: str | Path) -> bool:
    connection = sqlite3.connect(place)
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    finally:
        connection.close()


def write_at_once(place: str, names: list[str], *, key: str, count: int) -> None:
    """Let a process for each name write; they begin together."""
    writers = [
        subprocess.Popen(
            [*WRITERS, "many", place, name, key, str(count)],
            cwd=ROOT, stdin=subprocess.PIPE, text=True,
        )
        for name in names
    ]  # fmt: skip
    time.sleep(1)  # let them import; what follows is right however far they have come
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.close()
    assert [writer.wait(timeout=120) for writer in writers] == [0] * len(names)


class TestSaving:
    def test_a_scenario_comes_back_as_it_was_with_its_korean_name(self, store: SqliteStore) -> None:
        scenario = replace(
            default_scenario(),
            decisions={"산 223-1": ParcelDecision(20, zone="준주거지역", reason="공공기여 20 %")},
        )
        saved = store.save(
            " 양재 R&D 캠퍼스 — 2안 ", scenario, imprint=IMPRINT, note="주민 설명회용", author="김"
        )
        kept = store.load(saved.key)
        assert kept.saved == saved
        assert (saved.name, saved.note) == ("양재 R&D 캠퍼스 — 2안", "주민 설명회용")
        assert kept.scenario == replace(scenario, name=saved.name, note=saved.note)
        assert kept.saved.imprint == IMPRINT
        assert kept.saved.imprint.total_gfa_m2 == 270_000
        assert timedelta(0) <= datetime.now(UTC) - kept.saved.saved_at < timedelta(minutes=5)

    def test_hangul_in_pieces_as_macos_hands_it_is_composed(self, store: SqliteStore) -> None:
        pieces = unicodedata.normalize("NFD", "양재안")
        assert store.save(pieces, Scenario(), imprint=IMPRINT).name == "양재안"

    @given(name=st.text(min_size=1).filter(str.strip), note=st.text())
    def test_any_name_and_note_come_back_or_are_refused(self, name: str, note: str) -> None:
        store = SqliteStore(None)
        try:
            saved = store.save(name, Scenario(), imprint=IMPRINT, note=note)
            assert store.load(saved.key).saved.name == unicodedata.normalize("NFC", name).strip()
            assert store.load(saved.key).scenario.note == note
        finally:
            store.close()

    def test_every_save_is_a_new_revision_and_the_old_ones_stay(self, store: SqliteStore) -> None:
        key = store.save("안", large_scenario(1, lots=3), imprint=IMPRINT).key
        other = replace(IMPRINT, scenario_id="1" * 12, status="infeasible")
        store.save("안 (고침)", large_scenario(2, lots=3), imprint=other, key=key)
        first, second = store.revisions(key)
        assert (first.revision, second.revision) == (1, 2)
        assert (first.imprint.status, second.imprint.status) == ("optimal", "infeasible")
        assert store.load(key, revision=1).scenario == replace(large_scenario(1, lots=3), name="안")
        assert store.load(key).saved == second

    def test_the_file_itself_refuses_to_change_what_was_saved(self, store: SqliteStore) -> None:
        store.save("안", Scenario(), imprint=IMPRINT)
        other = sqlite3.connect(place_of(store))
        for order in (
            "UPDATE revision SET name = 'x'",
            "DELETE FROM revision",
            "UPDATE content SET scenario_json = ''",
            "DELETE FROM content",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="ever changed"):
                other.execute(order)
        other.close()

    def test_whoever_saves_over_another_is_told(self, store: SqliteStore) -> None:
        key = store.save("안", Scenario(), imprint=IMPRINT).key
        mine = store.save("안", Scenario(), imprint=IMPRINT, key=key, based_on=1)
        theirs = store.save("안", Scenario(), imprint=IMPRINT, key=key, based_on=1)
        assert (mine.others_between, theirs.others_between) == (0, 1)

    def test_the_imprint_is_the_plan_s(self) -> None:
        parcels = row_of_lots(["준주거지역", "준주거지역"])
        scenario = Scenario()
        scenario = replace(scenario, programme=scenario.programme.with_total(20_000))
        plan = evaluate(parcels, scenario)
        imprint = imprint_of(plan, parcels=parcels, source="필지.gpkg")
        assert imprint.parcels_digest == parcels.digest
        assert imprint.scenario_id == plan.scenario_id
        assert (imprint.status, imprint.parcels_source) == ("optimal", "필지.gpkg")
        assert imprint.uses_gfa_m2 == {
            "research": 9_000, "campus": 5_000, "housing": 4_000, "culture": 2_000,
        }  # fmt: skip

    @pytest.mark.parametrize("name", ["", "  ", "\n"])
    def test_a_name_is_needed(self, store: SqliteStore, name: str) -> None:
        with pytest.raises(StoreError, match="needs a name"):
            store.save(name, Scenario(), imprint=IMPRINT)
        assert store.list() == ()

    def test_half_a_character_is_refused_and_nothing_is_saved(self, store: SqliteStore) -> None:
        with pytest.raises(StoreError, match="no text"):
            store.save("안 \ud83d", Scenario(), imprint=IMPRINT)
        assert store.list() == ()


class TestHistory:
    def test_rename_and_note_are_revisions_of_the_same_content(self, store: SqliteStore) -> None:
        key = store.save("안", large_scenario(1, lots=2), imprint=IMPRINT).key
        store.rename(key, "최종안", author="이")
        store.annotate(key, "시장 보고")
        kept = store.load(key)
        assert (kept.scenario.name, kept.scenario.note) == ("최종안", "시장 보고")
        assert kept.scenario.decisions == large_scenario(1, lots=2).decisions
        assert [(r.action, r.name, r.note, r.author) for r in store.revisions(key)] == [
            ("save", "안", "", None), ("rename", "최종안", "", "이"),
            ("annotate", "최종안", "시장 보고", None),
        ]  # fmt: skip

    def test_delete_is_undone(self, store: SqliteStore) -> None:
        saved = store.save("안", large_scenario(3, lots=2), imprint=IMPRINT)
        before = store.load(saved.key)
        gone = store.delete(saved.key)
        assert gone.deleted
        assert store.list() == ()
        assert store.list(deleted=True) == (gone,)
        with pytest.raises(StoreError, match=r"안 was deleted on .* Restore it first"):
            store.load(saved.key)
        with pytest.raises(StoreError, match="Restore it first"):
            store.rename(saved.key, "b")
        assert store.load(saved.key, revision=1) == before  # history is still there
        back = store.restore(saved.key)
        assert store.list() == (back,)
        assert store.list(deleted=True) == ()
        assert store.load(saved.key).scenario == before.scenario
        assert [r.action for r in store.revisions(saved.key)] == ["save", "delete", "restore"]

    def test_an_earlier_revision_becomes_the_last_again(self, store: SqliteStore) -> None:
        key = store.save("처음", large_scenario(1, lots=2), imprint=IMPRINT).key
        store.save("나중", large_scenario(2, lots=2), imprint=IMPRINT, key=key)
        back = store.restore(key, revision=1)
        assert (back.revision, back.origin, back.name) == (3, (key, 1), "처음")
        assert store.load(key).scenario == store.load(key, revision=1).scenario
        with pytest.raises(StoreError, match="is not deleted"):
            store.restore(key)

    def test_saving_what_another_deleted_brings_it_back(self, store: SqliteStore) -> None:
        key = store.save("안", Scenario(), imprint=IMPRINT).key
        store.delete(key)
        again = store.save("안", Scenario(), imprint=IMPRINT, key=key, based_on=1)
        assert again.others_between == 1
        assert store.list() == (again,)

    def test_a_duplicate_goes_its_own_way(self, store: SqliteStore) -> None:
        key = store.save("안", large_scenario(1, lots=2), imprint=IMPRINT).key
        store.save("안", large_scenario(2, lots=2), imprint=IMPRINT, key=key)
        copy = store.duplicate(key, "안 사본", revision=1)
        assert copy.key != key
        assert (copy.revision, copy.origin) == (1, (key, 1))
        assert store.load(copy.key).scenario == replace(large_scenario(1, lots=2), name="안 사본")
        store.delete(copy.key)
        assert [s.key for s in store.list()] == [key]

    def test_lists_are_the_latest_first_and_by_parcels(self, store: SqliteStore) -> None:
        keys = [store.save(f"안 {i}", Scenario(), imprint=IMPRINT).key for i in range(3)]
        elsewhere = store.save(
            "딴 곳", Scenario(), imprint=replace(IMPRINT, parcels_digest="f" * 12)
        )
        store.annotate(keys[0], "새로")
        assert [s.key for s in store.list()] == [keys[0], elsewhere.key, keys[2], keys[1]]
        assert [s.key for s in store.list(parcels_digest=IMPRINT.parcels_digest)] == [
            keys[0], keys[2], keys[1],
        ]  # fmt: skip
        assert store.list(parcels_digest="f" * 12) == (elsewhere,)

    def test_unknown_keys_and_revisions_are_told(self, store: SqliteStore) -> None:
        key = store.save("안", Scenario(), imprint=IMPRINT).key
        for act in (store.load, store.revisions, store.delete, store.restore, store.token_for):
            with pytest.raises(StoreError, match="no scenario nothing in this store"):
                act("nothing")
        with pytest.raises(StoreError, match="no revision 2 of scenario"):
            store.load(key, revision=2)
        with pytest.raises(StoreError, match="no scenario"):
            store.save("안", Scenario(), imprint=IMPRINT, key="nothing")


class TestTokens:
    def test_a_token_shows_its_revision_whatever_comes_after(self, store: SqliteStore) -> None:
        key = store.save("설명회", large_scenario(1, lots=2), imprint=IMPRINT).key
        shown = store.load(key)
        token = store.token_for(key)
        store.save("고침", Scenario(), imprint=IMPRINT, key=key)
        assert store.by_token(token) == shown
        store.delete(key)
        assert store.by_token(token) == shown
        with pytest.raises(StoreError, match="Restore it first"):
            store.token_for(key)

    def test_one_token_a_revision_until_it_is_revoked(self, store: SqliteStore) -> None:
        key = store.save("안", Scenario(), imprint=IMPRINT).key
        store.rename(key, "안 2")
        first = store.token_for(key, revision=1)
        assert store.token_for(key, revision=1) == first
        assert store.token_for(key) != first
        store.revoke(first)
        with pytest.raises(StoreError, match="shows no scenario"):
            store.by_token(first)
        second = store.token_for(key, revision=1)
        assert second != first
        assert store.by_token(second).saved.revision == 1

    @pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "가" * 16])
    def test_a_wrong_token_shows_nothing(self, store: SqliteStore, token: str) -> None:
        store.token_for(store.save("안", Scenario(), imprint=IMPRINT).key)
        with pytest.raises(StoreError, match="shows no scenario"):
            store.by_token(token)

    def test_tokens_do_not_repeat_and_hold_no_letters_that_are_mixed_up(self) -> None:
        tokens = {new_id() for _ in range(2_000)}
        assert len(tokens) == 2_000
        assert not set("".join(tokens)) & set("01ilo")
        assert {len(token) for token in tokens} == {16}


class TestDrafts:
    def test_a_draft_survives_and_goes_on(self, store: SqliteStore) -> None:
        first = store.keep_draft("tab-1", '{"선택": ["산 1"]}')
        assert store.keep_draft("tab-1", '{"step": 2}', after=first.version).version == 2
        reopened = SqliteStore(store.place)
        found = reopened.draft("tab-1")
        assert found is not None
        assert (found.payload_json, found.version) == ('{"step": 2}', 2)
        assert reopened.draft("tab-2") is None
        reopened.close()

    def test_two_tabs_with_one_address_do_not_disturb_each_other(self, store: SqliteStore) -> None:
        start = store.keep_draft("shared", '"start"')
        mine = store.keep_draft("shared", '"mine"', after=start.version)
        theirs = store.keep_draft("shared", '"theirs"', after=start.version)
        assert (mine.draft_id, theirs.version) == ("shared", 1)
        assert theirs.draft_id != "shared"
        for kept, payload in ((mine, '"mine"'), (theirs, '"theirs"')):
            found = store.draft(kept.draft_id)
            assert found is not None
            assert found.payload_json == payload

    def test_old_and_too_many_drafts_go_and_the_newest_stay(
        self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(drafts, "MOST_DRAFTS", 3)
        now = datetime.now(UTC)
        for days, draft_id in ((31, "old"), (3, "a"), (2, "b"), (1, "c"), (0, "d")):
            monkeypatch.setattr(sqlite, "_now", lambda days=days: now - timedelta(days=days))
            store.keep_draft(draft_id, "{}")
        assert [d for d in ("old", "a", "b", "c", "d") if store.draft(d)] == ["b", "c", "d"]
        monkeypatch.setattr(sqlite, "_now", lambda: now + timedelta(days=29, hours=1))
        store.keep_draft("e", "{}")
        assert [d for d in ("b", "c", "d", "e") if store.draft(d)] == ["d", "e"]

    def test_an_id_that_no_address_holds_is_no_draft(self, store: SqliteStore) -> None:
        assert store.draft("../../etc/passwd") is None
        with pytest.raises(ValueError, match="no id of a draft"):
            store.keep_draft("../../etc/passwd", "{}")


class TestProcesses:
    def test_writers_at_once_lose_nothing(self, tmp_path: Path) -> None:
        """Four processes begin on one file that is not there yet."""
        place = tmp_path / "new" / "scenarios.sqlite"
        count, names = 25, ["가", "나", "다", "라"]
        write_at_once(str(place), names, key="", count=count)
        store = SqliteStore(place)
        assert {s.name for s in store.list()} == {f"{n} {i}" for n in names for i in range(count)}
        for name in names:
            found = store.draft(f"draft-{name.encode().hex()}")
            assert found is not None
            assert found.version == count
        store.close()

    def test_writers_of_one_scenario_make_one_history(self, store: SqliteStore) -> None:
        key = store.save("처음", Scenario(), imprint=IMPRINT).key
        count = 25
        write_at_once(place_of(store), ["가", "나"], key=key, count=count)
        history = store.revisions(key)
        assert [r.revision for r in history] == list(range(1, 2 * count + 2))
        for name in ("가", "나"):  # each writer's saves stand in the order in which it made them
            assert [r.name for r in history if r.note == name] == [
                f"{name} {i}" for i in range(count)
            ]

    def test_threads_of_one_app_share_one_store(self, store: SqliteStore) -> None:
        key = store.save("처음", Scenario(), imprint=IMPRINT).key

        def work(number: int) -> int:
            store.keep_draft(f"tab-{number % 5}", f'"{number}"')
            saved = store.save(f"안 {number}", Scenario(), imprint=IMPRINT, key=key)
            assert store.load(key, revision=saved.revision).saved == saved
            return saved.revision

        with ThreadPoolExecutor(max_workers=8) as pool:
            made = sorted(pool.map(work, range(80)))
        assert made == list(range(2, 82))
        assert {r.name for r in store.revisions(key)[1:]} == {f"안 {i}" for i in range(80)}

    def test_a_writer_killed_within_a_save_leaves_the_file_as_before(
        self, store: SqliteStore
    ) -> None:
        key = store.save("처음", Scenario(), imprint=IMPRINT).key
        died = subprocess.run([*WRITERS, "die", place_of(store), key], cwd=ROOT, check=False)
        assert died.returncode == -9
        assert sound(place_of(store))
        assert [r.name for r in store.revisions(key)] == ["처음"]
        assert store.save("다음", Scenario(), imprint=IMPRINT, key=key).revision == 2

    def test_a_writer_killed_anywhere_keeps_all_that_it_reported(self, store: SqliteStore) -> None:
        key = store.save("처음", Scenario(), imprint=IMPRINT).key
        for delay_s in (0.0, 0.013, 0.029, 0.047):
            with subprocess.Popen(
                [*WRITERS, "for-ever", place_of(store), key],
                cwd=ROOT, stdout=subprocess.PIPE, text=True,
            ) as writer:  # fmt: skip
                assert writer.stdout is not None
                said = [writer.stdout.readline()]
                time.sleep(delay_s)
                writer.kill()
                said += writer.stdout.readlines()
            reported = [int(line) for line in said if line.endswith("\n")]
            assert sound(place_of(store))
            found = [r.revision for r in store.revisions(key)]
            assert found == list(range(1, len(found) + 1))
            assert set(reported) <= set(found)
            last = store.load(key)
            number = int(last.saved.name.removeprefix("안 "))
            assert last.scenario == large_scenario(number)

    def test_a_file_that_was_moved_away_is_not_written_to_unseen(self, store: SqliteStore) -> None:
        store.save("옛", Scenario(), imprint=IMPRINT)
        assert store.place is not None
        for ending in ("", "-wal", "-shm"):
            Path(place_of(store) + ending).rename(place_of(store) + ending + ".old")
        store.save("새", Scenario(), imprint=IMPRINT)
        again = SqliteStore(store.place)
        assert [s.name for s in again.list()] == ["새"]
        again.close()


class TestRefusals:
    def test_a_damaged_file_is_told_and_left_as_it_is(self, tmp_path: Path) -> None:
        place = tmp_path / "scenarios.sqlite"
        store = SqliteStore(place)
        for number in range(20):
            store.save(f"안 {number}", large_scenario(number, lots=200), imprint=IMPRINT)
        store.close()
        whole = place.read_bytes()
        for damaged in (
            b"no database at all, but a text" * 100,
            b"\0" * 100 + whole[100:],
            whole[:4096] + b"\xff" * 40_960 + whole[45_056:],
            whole[: len(whole) // 2],
        ):
            place.write_bytes(damaged)
            with pytest.raises(StoreError, match="was left as it is") as refused:
                SqliteStore(place)
            assert str(place) in str(refused.value)
            assert place.read_bytes() == damaged
        place.write_bytes(whole)
        store = SqliteStore(place)
        assert len(store.list()) == 20
        store.close()

    def test_a_newer_file_is_refused_and_left_as_it_is(self, tmp_path: Path) -> None:
        place = tmp_path / "scenarios.sqlite"
        SqliteStore(place).close()
        connection = sqlite3.connect(place)
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
        connection.close()
        before = place.read_bytes()
        with pytest.raises(StoreError, match=r"newer siteplan .* Update siteplan"):
            SqliteStore(place)
        assert place.read_bytes() == before

    def test_another_program_s_database_is_refused(self, tmp_path: Path) -> None:
        place = tmp_path / "lots.gpkg"
        row_of_lots(["준주거지역"]).frame.to_file(place)
        before = place.read_bytes()
        with pytest.raises(StoreError, match="other data than siteplan's scenarios"):
            SqliteStore(place)
        assert place.read_bytes() == before

    def test_an_older_file_is_brought_up_wholly_or_stays_as_it_was(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place = tmp_path / "scenarios.sqlite"
        store = SqliteStore(place)
        key = store.save("옛 안", Scenario(), imprint=IMPRINT).key
        store.close()
        first = schema.MIGRATIONS
        add = "ALTER TABLE revision ADD COLUMN place TEXT"
        monkeypatch.setattr(schema, "MIGRATIONS", (*first, (add, "INSERT INTO nowhere VALUES (1)")))
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            SqliteStore(place)
        monkeypatch.setattr(schema, "MIGRATIONS", (*first, (add,)))
        store = SqliteStore(place)  # would fail with "duplicate column" had the first attempt stuck
        assert store.load(key).saved.name == "옛 안"
        store.close()
        connection = sqlite3.connect(place)
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 2
        connection.close()

    def test_a_folder_and_a_place_below_a_file_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="is a folder"):
            SqliteStore(tmp_path)
        (tmp_path / "file").write_text("x")
        with pytest.raises(StoreError, match=r"cannot be kept at .*\(--store\)"):
            SqliteStore(tmp_path / "file" / "scenarios.sqlite")

    @pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
    @pytest.mark.parametrize("there", [False, True])
    def test_a_read_only_place_is_told(self, there: bool) -> None:  # noqa: FBT001 - both cases
        """Run as a user who may not write; root may write anywhere."""
        folder = Path(tempfile.mkdtemp(prefix="siteplan-test-"))
        place = folder / "scenarios.sqlite"
        try:
            if there:
                SqliteStore(place).close()
                place.chmod(0o444)
            folder.chmod(0o555)
            code = (
                "import os, sys\nfrom pathlib import Path\nfrom siteplan.store import *\n"
                "import siteplan.text, gettext\n"
                "siteplan.text.translate('Plan', lang='en')\n"  # loads all that root alone may read
                "if os.geteuid() == 0: os.seteuid(65534)\n"
                "try: SqliteStore(Path(sys.argv[1]))\n"
                "except StoreError as refused: print(refused)"
            )
            told = subprocess.run(
                [sys.executable, "-c", code, str(place)], cwd=ROOT, capture_output=True, text=True,
                check=True,
            )  # fmt: skip
            assert "cannot be kept at" in told.stdout
            assert "--store" in told.stdout
        finally:
            folder.chmod(0o755)
            shutil.rmtree(folder)

    def test_a_file_held_by_another_for_too_long_is_told(
        self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(schema, "BUSY_S", 0.05)
        hasty = SqliteStore(store.place)
        holder = sqlite3.connect(place_of(store), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="in use by another program"):
            hasty.save("안", Scenario(), imprint=IMPRINT)
        holder.execute("ROLLBACK")
        assert hasty.save("안", Scenario(), imprint=IMPRINT).revision == 1
        holder.close()
        hasty.close()

    def test_a_full_disk_is_told_and_what_was_there_stays(self, store: SqliteStore) -> None:
        key = store.save("안", Scenario(), imprint=IMPRINT).key
        assert store._connection is not None
        store._connection.execute("PRAGMA max_page_count = 20")
        with pytest.raises(StoreError, match="disk is full"):
            store.save("큰 안", large_scenario(1), imprint=IMPRINT, key=key)
        assert [r.name for r in store.revisions(key)] == ["안"]

    def test_every_refusal_is_an_input_error(self) -> None:
        assert issubclass(StoreError, InputError)


class TestPlace:
    @pytest.mark.parametrize(
        ("url", "path"),
        [
            ("/data/plans.sqlite", "/data/plans.sqlite"),
            ("sqlite:////data/plans.sqlite", "/data/plans.sqlite"),
            ("SQLite:////data/계획.db", "/data/계획.db"),
        ],
    )
    def test_paths_and_addresses(self, url: str, path: str) -> None:
        assert store_place(url) == Path(path)

    def test_relative_ones_are_of_the_present_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert store_place("sqlite:///a.db") == store_place("a.db") == tmp_path / "a.db"

    @pytest.mark.parametrize("url", [":memory:", "sqlite://", "sqlite:///:memory:"])
    def test_memory(self, url: str) -> None:
        assert store_place(url) is None

    def test_another_kind_of_store_is_refused_without_its_password(self) -> None:
        with pytest.raises(UsageError, match=r"postgresql://… names another kind") as refused:
            store_place("postgresql://planner:secret@host/plans")
        assert "secret" not in str(refused.value)

    def test_the_environment_then_the_data_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        monkeypatch.delenv("SITEPLAN_STORE", raising=False)
        assert store_place() == tmp_path / "siteplan" / "scenarios.sqlite"
        monkeypatch.setenv("SITEPLAN_STORE", str(tmp_path / "own.sqlite"))
        assert store_place() == tmp_path / "own.sqlite"
        assert store_place(tmp_path / "said.sqlite") == tmp_path / "said.sqlite"

    @pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
    def test_folders_that_are_made_are_their_owner_s(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        monkeypatch.delenv("SITEPLAN_STORE", raising=False)
        open_store().close()
        assert (tmp_path / "siteplan").stat().st_mode & 0o077 == 0


class TestCommand:
    def test_the_app_gets_the_store_as_a_whole_path(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        called: list[str | None] = []
        monkeypatch.setattr(
            "subprocess.call", lambda *_, **__: called.append(os.environ.get("SITEPLAN_STORE")) or 0
        )
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SITEPLAN_STORE", "from-environment.sqlite")
        assert main(["app"]) == 0
        assert main(["app", "--store", "sqlite:///said.sqlite"]) == 0
        assert called == [
            str(tmp_path / "from-environment.sqlite"), str(tmp_path / "said.sqlite"),
        ]  # fmt: skip
        assert (tmp_path / "said.sqlite").is_file()

    def test_a_store_that_cannot_be_used_stops_the_start(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("subprocess.call", lambda *_, **__: pytest.fail("was started"))
        broken = tmp_path / "broken.sqlite"
        broken.write_text("no database" * 100)
        assert main(["app", "--store", str(broken)]) == 1
        assert "was left as it is" in capsys.readouterr().err
        assert main(["app", "--store", "mysql://host/plans"]) == 2
        assert "sqlite:///path" in capsys.readouterr().err


def test_imprints_of_other_versions_are_kept_as_they_are(store: SqliteStore) -> None:
    old = Imprint("d" * 12, "e" * 12, "feasible", {"research": 1}, None, version="0.0.1")
    key = store.save("안", Scenario(), imprint=old).key
    store.rename(key, "안 2")
    assert [r.imprint for r in store.revisions(key)] == [old, old]

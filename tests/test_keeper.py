"""Drafts on their way to the store, and what an address opens."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from siteplan.app.arrival import Arrival, arrived, link_to
from siteplan.app.drafts import draft_text
from siteplan.app.keeper import Keeper, Shelf
from siteplan.app.state import AppState, SelectParcel, reduce
from siteplan.scenario import Scenario
from siteplan.store import open_store
from tests.studies import row_of_lots

LOTS = row_of_lots(["준주거지역", "제3종일반주거지역"])
WORK = AppState(scenario=Scenario(name="Ours"), selected=("a", "gone"))


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(tmp_path / "s.sqlite")


class TestKeeper:
    def test_what_is_asked_for_at_once_is_the_latest(self, keeper: Keeper) -> None:
        for number in range(30):
            keeper.keep("id", lambda number=number: f"text {number}")  # type: ignore[misc]
        draft = keeper.draft("id")
        assert draft is not None
        assert draft.payload_json == "text 29"
        keeper.close()

    def test_moves_that_come_faster_than_the_disk_are_written_once(self, keeper: Keeper) -> None:
        begun, go_on = threading.Event(), threading.Event()

        def slow() -> str:
            begun.set()
            assert go_on.wait(10)
            return "first"

        made: list[int] = []
        keeper.keep("slow", slow)
        assert begun.wait(10)
        for number in range(5):
            keeper.keep("id", lambda number=number: f"{made.append(number)}{number}")  # type: ignore[misc]
        go_on.set()
        assert keeper.settle()
        assert made == [4]
        keeper.close()

    def test_a_draft_that_someone_else_went_on_with_gets_another_id(
        self, keeper: Keeper, tmp_path: Path
    ) -> None:
        keeper.keep("id", lambda: "mine")
        assert keeper.settle("id")
        other = open_store(tmp_path / "s.sqlite")
        other.keep_draft("id", "theirs")
        keeper.keep("id", lambda: "mine again")
        assert keeper.settle("id")
        mine = keeper.id_of("id")
        assert mine != "id"
        kept = [other.draft(one) for one in ("id", mine)]
        assert [draft.payload_json for draft in kept if draft] == ["theirs", "mine again"]
        other.close()
        keeper.close()

    def test_a_fault_is_told_and_the_next_work_is_kept(self, keeper: Keeper) -> None:
        def broken() -> str:
            raise RuntimeError("no text")

        keeper.keep("id", broken)
        assert keeper.settle()
        assert keeper.trouble is not None
        assert "no text" in str(keeper.trouble)
        keeper.keep("id", lambda: "text")
        assert keeper.settle()
        assert [keeper.trouble] == [None]
        keeper.close()

    def test_a_place_that_refuses_is_asked_again(self, tmp_path: Path) -> None:
        (tmp_path / "folder").write_text("in the way")
        refused = Keeper(tmp_path / "folder" / "s.sqlite")
        refused.keep("id", lambda: "text")
        assert (refused.draft("id"), "cannot be kept" in str(refused.trouble)) == (None, True)
        (tmp_path / "folder").unlink()
        refused.open()
        refused.keep("id", lambda: "text")
        draft = refused.draft("id")
        assert draft is not None
        refused.close()


def test_the_shelf_keeps_what_was_used_last() -> None:
    shelf = Shelf(most=2)
    lots = [row_of_lots(["준주거지역"], side_m=side_m) for side_m in (100, 110, 120)]
    shelf.put(lots[0], source="0")
    shelf.put(lots[1], source="1")
    assert shelf.find(lots[0].digest) == (lots[0], "0")
    shelf.put(lots[2], source="2")
    assert shelf.find(lots[1].digest) is None
    assert shelf.find(lots[0].digest) == (lots[0], "0")


class TestArrival:
    @staticmethod
    def arrive(keeper: Keeper, *, here: bool = True, **words: str) -> Arrival:
        find = {LOTS.digest: (LOTS, "lots.zip")} if here else {}
        return arrived(words, keeper=keeper, find=find.get)

    def test_a_plain_address_begins_new_work(self, keeper: Keeper) -> None:
        assert self.arrive(keeper) == Arrival()

    def test_work_is_restored_without_lots_that_are_gone(self, keeper: Keeper) -> None:
        text = draft_text(WORK, parcels_digest=LOTS.digest, source="lots.zip")
        keeper.keep("id", lambda: text)
        found = self.arrive(keeper, work="id")
        assert found.parcels is LOTS
        assert found.state is not None
        assert found.state.scenario == WORK.scenario
        assert found.state.selected == ("a",)
        waiting = self.arrive(keeper, here=False, work="id")
        assert (waiting.awaits, waiting.blocks, waiting.source) == (True, False, "lots.zip")
        keeper.close()

    def test_work_that_cannot_be_read_is_refused_in_words(self, keeper: Keeper) -> None:
        keeper.keep("id", lambda: "{}")
        found = self.arrive(keeper, work="id")
        assert "cannot be read" in str(found.refused)
        assert not found.blocks
        keeper.close()

    def test_a_link_that_shows_nothing_blocks(self, keeper: Keeper) -> None:
        assert self.arrive(keeper, share="none").blocks
        assert self.arrive(keeper, share="none", work="id").asked_share
        keeper.close()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://host:8501/scenarios", "http://host:8501/?share=abc"),
        ("https://host/plans/scenarios", "https://host/plans/?share=abc"),
        ("https://host/plans/scenarios/", "https://host/plans/?share=abc"),
        ("https://host/", "https://host/?share=abc"),
        (None, "/?share=abc"),
    ],
)
def test_a_link_leads_to_the_first_page_wherever_the_app_lives(
    url: str | None, address: str
) -> None:
    assert link_to(url, page="scenarios", share="abc") == address


def test_selecting_is_kept_and_a_notice_is_not() -> None:
    chosen = reduce(WORK, SelectParcel("b"), parcels=LOTS)
    text = draft_text(chosen, parcels_digest="d", source=None)
    assert '"selected":["b"]' in text
    assert "notice" not in text

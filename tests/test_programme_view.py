"""The programme bar: what it shows of a plan, and what is made of what people do on it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.app.programme_events import amount_m2, programme_event
from siteplan.app.programme_view import placed_m2, programme_view
from siteplan.app.state import MoveUse, SetBounds, SetLock, SetTotal
from siteplan.errors import InputError
from siteplan.evaluation import Plan, evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.maps.contrast import contrast_ratio, ink_on
from siteplan.maps.style import USE_COLOURS
from siteplan.programme import Programme, UseTarget
from siteplan.scenario import Scenario
from siteplan.text import sentence
from siteplan.uses import USES
from tests.studies import row_of_lots

# Culture and campus may stand on all three, housing not on the last.
LOTS = row_of_lots(["준주거지역", "제3종일반주거지역", "유통상업지역"])


def planned(programme: Programme) -> Plan:
    return evaluate(LOTS, Scenario(programme=programme))


def split(total_m2: int, *gfa_m2: int) -> Programme:
    return Programme.from_gfa(total_m2, dict(zip(USES, gfa_m2, strict=True)))


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Draw totals that fit and totals that do not, with locks and with uses left free."""
    gfa_m2 = draw(st.lists(st.integers(0, 30_000), min_size=4, max_size=4).filter(any))
    free = draw(st.sets(st.integers(0, 3), max_size=4))
    locked = draw(st.sets(st.integers(0, 3), max_size=4)) - free
    targets = tuple(
        UseTarget(None if i in free else value, locked=i in locked)
        for i, value in enumerate(gfa_m2)
    )
    return Programme(sum(gfa_m2), targets)


class TestWhatIsShown:
    @settings(max_examples=40, deadline=None)
    @given(programme=programmes(), lang=st.sampled_from(["ko", "en"]))
    def test_figures_add_up_and_ranges_lie_within_the_total(
        self, programme: Programme, lang: str
    ) -> None:
        plan = planned(programme)
        shown = programme_view(plan, lang=lang)
        total_m2 = programme.total_gfa_m2
        uses = shown["uses"]
        assert [use["key"] for use in uses] == list(USES)
        assert sum(use["m2"] for use in uses) == total_m2
        assert sum(use["share_permille"] for use in uses) == 1000
        for use in uses:
            assert abs(use["share_permille"] - use["m2"] / total_m2 * 1000) < 1
            assert 0 <= use["min_m2"] <= use["max_m2"] <= total_m2
            if use["low_m2"] is None:
                assert use["high_m2"] is None
            else:
                assert 0 <= use["low_m2"] <= use["high_m2"] <= total_m2
                assert f"{use['low_m2']:,} m²" in use["range"]
            if plan.status != "infeasible" and not use["locked"]:
                assert use["low_m2"] <= use["m2"] <= use["high_m2"]
        assert json.loads(json.dumps(shown)) == shown

    def test_thirds_sum_to_a_hundred(self) -> None:
        shown = programme_view(planned(split(30_000, 10_000, 10_000, 10_000, 0)), lang="en")
        assert [use["share_permille"] for use in shown["uses"]] == [334, 333, 333, 0]

    def test_what_was_wished_is_shown_where_nothing_fits(self) -> None:
        programme = split(900_000, 100_000, 200_000, 300_000, 300_000)
        plan = planned(programme)
        assert plan.status == "infeasible"
        shown = programme_view(plan, lang="en")
        assert [use["m2"] for use in shown["uses"]] == [100_000, 200_000, 300_000, 300_000]
        assert {use["range"] for use in shown["uses"]} == {"No value fits on these parcels."}

    def test_locks_are_blamed_only_where_there_are_some(self) -> None:
        targets = (UseTarget(800_000, locked=True), *(UseTarget(30_000) for _ in range(3)))
        shown = programme_view(planned(Programme(890_000, targets)), lang="en")
        assert {use["range"] for use in shown["uses"]} == {"No value fits under the present locks."}

    def test_unknown_zones_are_the_reason_where_no_zone_is_known(self) -> None:
        scenario = Scenario(programme=split(20_000, 5_000, 5_000, 5_000, 5_000))
        plan = evaluate(row_of_lots([None, None]), scenario)
        shown = programme_view(plan, lang="en")
        assert {use["range"] for use in shown["uses"]} == {
            "No value yet: the zone of no parcel is known."
        }

    def test_the_announced_total_is_told_of_yangjae_alone(self) -> None:
        elsewhere = programme_view(planned(split(20_000, 5_000, 5_000, 5_000, 5_000)), lang="en")
        assert elsewhere["words"]["total_note"] == ""
        assert "2023 district plan" not in elsewhere["words"]["assumption"]
        here = read_parcels()
        shown = programme_view(evaluate(here, default_scenario(here)), lang="en")
        assert "270,000" in shown["words"]["total_note"]
        assert "2023 district plan" in shown["words"]["assumption"]

    def test_free_uses_share_the_rest_of_what_does_not_fit(self) -> None:
        targets = (UseTarget(800_000), UseTarget(None, 0, 20_000), UseTarget(None), UseTarget(0))
        plan = planned(Programme(900_000, targets))
        assert plan.status == "infeasible"
        assert placed_m2(plan) == [800_000, 20_000, 80_000, 0]

    def test_locks_bounds_and_who_absorbs_are_said(self) -> None:
        targets = (
            UseTarget(5_000, locked=True),
            UseTarget(5_000, 1_000, 8_000),
            UseTarget(4_000, 2_000),
            UseTarget(6_000, 0, 7_000),
        )
        shown = programme_view(planned(Programme(20_000, targets)), lang="en")
        assert [use["bounds"] for use in shown["uses"]] == [
            "Bounds",
            "Bounds: 1,000 m² to 8,000 m²",
            "Bounds: at least 2,000 m²",
            "Bounds: at most 7,000 m²",
        ]
        assert "(Campus, Housing, Culture)" in shown["absorbers"]
        assert "20,000 m²" in shown["absorbers"]

    def test_uses_at_nothing_take_up_what_they_had_and_the_bar_says_so(self) -> None:
        plan = planned(split(20_000, 20_000, 0, 0, 0))
        before = split(20_000, 10_000, 5_000, 4_000, 1_000)
        shown = programme_view(plan, lang="en", earlier=[before])
        assert shown["uses"][0]["weights"] == [10_000, 5_000, 4_000, 1_000]
        assert shown["uses"][1]["weights"] == [20_000, 0, 0, 0]
        assert (
            "Campus, Housing, Culture are at nothing: when Research moves, they take it up in the "
            "proportions that they had before." in shown["absorbers"]
        )
        alone = programme_view(plan, lang="en")
        assert alone["uses"][0]["weights"] == [0, 0, 0, 0]
        assert "in equal parts." in alone["absorbers"]
        usual = programme_view(planned(before), lang="en")
        assert "at nothing" not in usual["absorbers"]

    def test_one_use_without_a_lock_has_nobody_to_absorb(self) -> None:
        targets = tuple(UseTarget(5_000, locked=i > 0) for i in range(4))
        shown = programme_view(planned(Programme(20_000, targets)), lang="en")
        assert "unlock one" in shown["absorbers"]

    def test_notice_and_refusals_stand_where_they_belong(self) -> None:
        shown = programme_view(
            planned(split(20_000, 5_000, 5_000, 5_000, 5_000)),
            lang="en",
            notice=sentence("Parcels"),
            refused={"campus": sentence("Data")},
        )
        assert shown["notice"] == "Parcels"
        assert [use["refused"] for use in shown["uses"]] == ["", "Data", "", ""]
        assert shown["total"]["refused"] == ""

    def test_words_on_the_colours_can_be_read(self) -> None:
        assert all(contrast_ratio(ink_on(c), c) >= 4.5 for c in USE_COLOURS.values())
        assert contrast_ratio("#FFFFFF", "#000000") == pytest.approx(21)
        assert contrast_ratio("#FFFFFF", "#767676") == pytest.approx(4.54, abs=0.01)

    def test_steps_suit_the_total(self) -> None:
        steps = []
        for total_m2 in (270_000, 5_000, 400):
            shown = programme_view(planned(split(total_m2, total_m2, 0, 0, 0)), lang="en")
            steps.append((shown["step_m2"], shown["page_m2"]))
        assert steps == [(100, 1_000), (10, 100), (1, 10)]


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("text", "area_m2"),
        [
            ("54000", 54_000),
            (" 54,000 ", 54_000),
            ("1,234,567", 1_234_567),
            ("54,000 m²", 54_000),
            ("54000㎡", 54_000),
            ("５４，０００", 54_000),
            ("30%", 81_000),
            ("33.3 %", 89_910),
            ("27만", 270_000),
            ("5.4만㎡", 54_000),
            ("121평", 400),
            ("12,100 py", 40_000),
            ("99.6", 100),
        ],
    )
    def test_amounts_are_read_as_people_write_them(self, text: str, area_m2: int) -> None:
        assert amount_m2(text, share_of_m2=270_000) == area_m2

    @given(st.integers(0, 10**8))
    def test_what_is_shown_is_read_back(self, area_m2: int) -> None:
        assert amount_m2(f"{area_m2:,}") == area_m2

    @pytest.mark.parametrize(
        "text", ["", "much", "-5", "12,5", "1,23,456", "1.2.3", "5e3", "20 %%", "3만 %", "9" * 50]
    )
    def test_what_is_no_amount_is_refused_with_an_example(self, text: str) -> None:
        with pytest.raises(InputError, match=r"such as 54,000, or a share such as 20 %"):
            amount_m2(text, share_of_m2=270_000)

    def test_a_total_is_no_share(self) -> None:
        with pytest.raises(InputError, match=r"“50%” is no floor area"):
            amount_m2("50%")

    @given(st.text(max_size=60))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        try:
            area_m2 = amount_m2(text, share_of_m2=270_000)
        except InputError:
            return
        assert area_m2 >= 0


class TestWhatIsDone:
    PROGRAMME = split(40_000, 10_000, 10_000, 10_000, 10_000)

    @pytest.mark.parametrize(
        ("message", "event"),
        [
            ({"kind": "total", "text": "300,000"}, SetTotal(300_000)),
            ({"kind": "move", "use": "campus", "gfa_m2": 5_000}, MoveUse("campus", 5_000)),
            ({"kind": "type", "use": "campus", "text": "25 %"}, MoveUse("campus", 10_000)),
            ({"kind": "lock", "use": "housing", "locked": True}, SetLock("housing", locked=True)),
            (
                {"kind": "bounds", "use": "culture", "min": "10%", "max": "", "free": True},
                SetBounds("culture", min_m2=4_000, max_m2=40_000, free=True),
            ),
            (
                {"kind": "bounds", "use": "culture", "min": "", "max": "9,000", "free": False},
                SetBounds("culture", min_m2=0, max_m2=9_000, free=False),
            ),
        ],
    )
    def test_messages_become_events(self, message: dict[str, object], event: object) -> None:
        assert programme_event(message, self.PROGRAMME) == event

    @pytest.mark.parametrize(
        "message",
        [
            {},
            {"kind": "lock", "use": "casino", "locked": True},
            {"kind": "move", "use": "campus", "gfa_m2": "5000"},
            {"kind": "move", "use": "campus", "gfa_m2": None},
            {"kind": "delete", "use": "campus"},
        ],
    )
    def test_anything_else_is_no_event(self, message: dict[str, object]) -> None:
        assert programme_event(message, self.PROGRAMME) is None

    def test_a_share_is_of_the_present_total(self) -> None:
        message = {"kind": "type", "use": "campus", "text": "25 %"}
        smaller = self.PROGRAMME.with_total(20_000)
        assert programme_event(message, smaller) == MoveUse("campus", 5_000)

"""The programme: the total is kept to the square metre whatever moves."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.errors import InputError
from siteplan.programme import (
    Programme,
    UseTarget,
    rebalance,
    shared_out,
    with_uses,
)
from siteplan.uses import USES

SPLIT = {"research": 45, "campus": 25, "housing": 20, "culture": 10}


def programme(**gfa_m2: int) -> Programme:
    return Programme.from_gfa(sum(gfa_m2.values()), gfa_m2)


def totals(found: Programme) -> list[int | None]:
    return [entry.target_m2 for entry in found.targets]


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Programmes with bounds and locks; every target within its bounds."""
    gfa_m2 = draw(st.lists(st.integers(0, 100_000), min_size=4, max_size=4).filter(any))
    total = sum(gfa_m2)
    entries = []
    for target in gfa_m2:
        low = draw(st.integers(0, target))
        high = draw(st.one_of(st.none(), st.integers(target, total)))
        entries.append(UseTarget(target, low, high, locked=draw(st.booleans())))
    return Programme(total, tuple(entries))


class TestRebalance:
    def test_the_others_absorb_in_proportion(self) -> None:
        # 45:25:10 share the 170,000 that housing leaves of 270,000.
        before = Programme.from_shares(270_000, SPLIT)
        assert totals(rebalance(before, "housing", 100_000)) == [95_625, 53_125, 100_000, 21_250]

    def test_a_locked_use_stays(self) -> None:
        before = Programme.from_shares(270_000, SPLIT)
        locked = before.with_target("campus", replace(before.target("campus"), locked=True))
        after = rebalance(locked, "housing", 100_000)
        assert after.target("campus").target_m2 == 67_500
        # 102,500 left for 121,500 : 27,000
        assert totals(after) == [83_864, 67_500, 100_000, 18_636]

    def test_with_all_others_locked_nothing_moves(self) -> None:
        before = Programme.from_shares(270_000, SPLIT)
        entries = tuple(replace(e, locked=True) for e in before.targets)
        locked = Programme(270_000, entries)
        assert rebalance(locked, "housing", 10_000) == locked

    def test_uses_at_zero_absorb_equally(self) -> None:
        before = programme(research=90, campus=0, housing=0, culture=0)
        assert totals(rebalance(before, "research", 60)) == [60, 10, 10, 10]

    def test_uses_at_zero_absorb_in_the_proportions_that_they_had_last(self) -> None:
        now = programme(research=90, campus=0, housing=0, culture=0)
        same, last = replace(now), programme(research=35, campus=25, housing=20, culture=10)
        first = programme(research=60, campus=10, housing=10, culture=10)
        after = rebalance(now, "research", 35, earlier=(same, last, first))
        assert totals(after) == totals(last)
        # Uses that are not at zero keep their own proportions.
        moved = rebalance(first, "research", 30, earlier=(last,))
        assert totals(moved) == [30, 20, 20, 20]
        # A use that did not absorb then, because it is locked at zero now, gets nothing.
        locked = now.with_target("culture", UseTarget(0, locked=True))
        assert totals(rebalance(locked, "research", 45, earlier=(last,))) == [45, 25, 20, 0]

    def test_a_bound_hands_the_rest_on(self) -> None:
        before = Programme(
            100,
            (UseTarget(40), UseTarget(30, max_m2=35), UseTarget(20), UseTarget(10)),
        )
        # 80 left for 30:20:10 would be 40, 26, 14; campus stops at 35, 45 go 20:10.
        assert totals(rebalance(before, "research", 20)) == [20, 35, 30, 15]

    def test_a_free_use_absorbs_first(self) -> None:
        before = Programme(
            100, (UseTarget(40), UseTarget(30), UseTarget(20), UseTarget(None, 0, 50))
        )
        assert totals(rebalance(before, "research", 20)) == [20, 30, 20, None]

    @given(programmes(), st.sampled_from(USES), st.integers(0, 500_000))
    def test_total_bounds_and_locks_hold(self, before: Programme, use: str, wished: int) -> None:
        after = rebalance(before, use, wished)
        assert sum(t for t in totals(after) if t is not None) == before.total_gfa_m2
        for name, old, new in zip(USES, before.targets, after.targets, strict=True):
            assert new.target_m2 is not None
            assert new.min_m2 <= new.target_m2
            assert new.max_m2 is None or new.target_m2 <= new.max_m2
            if old.locked and name != use:
                assert new.target_m2 == old.target_m2

    @given(programmes(), st.sampled_from(USES), st.integers(0, 500_000))
    def test_the_moved_use_gets_its_wish_or_the_nearest_that_fits(
        self, before: Programme, use: str, wished: int
    ) -> None:
        after = rebalance(before, use, wished)
        reached = after.target(use).target_m2
        assert reached is not None
        entry = before.target(use)
        others = [e for name, e in zip(USES, before.targets, strict=True) if name != use]
        low = sum(e.target_m2 or 0 if e.locked else e.min_m2 for e in others)
        tops = [before.total_gfa_m2 if e.max_m2 is None else e.max_m2 for e in others]
        high = sum(
            e.target_m2 or 0 if e.locked else top for e, top in zip(others, tops, strict=True)
        )
        total = before.total_gfa_m2
        least = max(entry.min_m2, total - high)
        most = min(total if entry.max_m2 is None else entry.max_m2, total - low)
        assert reached == min(max(wished, least), most)

    @given(programmes(), st.sampled_from(USES))
    def test_setting_what_is_already_there_changes_nothing(
        self, before: Programme, use: str
    ) -> None:
        now = before.target(use).target_m2
        assert now is not None
        assert rebalance(before, use, now) == before

    @given(programmes(), st.sampled_from(USES), st.integers(0, 500_000))
    def test_unbounded_others_keep_their_proportion(
        self, before: Programme, use: str, wished: int
    ) -> None:
        open_entries = tuple(UseTarget(e.target_m2) for e in before.targets)
        after = rebalance(Programme(before.total_gfa_m2, open_entries), use, wished)
        old = [e.target_m2 or 0 for n, e in zip(USES, open_entries, strict=True) if n != use]
        new = [e.target_m2 or 0 for n, e in zip(USES, after.targets, strict=True) if n != use]
        if sum(old):
            scale = sum(new) / sum(old)
            assert all(abs(b - a * scale) < 1 for a, b in zip(old, new, strict=True))

    @pytest.mark.parametrize("wrong", [math.nan, math.inf, -1])
    def test_what_is_no_area_is_refused(self, wrong: float) -> None:
        with pytest.raises(InputError, match="Research must be a number of m²"):
            rebalance(Programme.from_shares(270_000, SPLIT), "research", wrong)


class TestSharing:
    @given(
        st.integers(0, 10_000),
        st.lists(
            st.tuples(st.integers(0, 50), st.integers(0, 3000), st.integers(0, 3000)),
            min_size=1,
            max_size=5,
        ),
    )
    def test_exact_within_bounds_or_none(
        self, amount: int, rows: list[tuple[int, int, int]]
    ) -> None:
        weights = [row[0] for row in rows]
        bounds = [(min(a, b), max(a, b)) for _, a, b in rows]
        parts = shared_out(amount, weights=weights, bounds_m2=bounds)
        if not sum(b[0] for b in bounds) <= amount <= sum(b[1] for b in bounds):
            assert parts is None
            return
        assert parts is not None
        assert sum(parts) == amount
        assert all(low <= part <= high for part, (low, high) in zip(parts, bounds, strict=True))


class TestShares:
    def test_whole_square_metres_that_sum_exactly(self) -> None:
        found = Programme.from_shares(
            100, {"research": 33.33, "campus": 33.33, "housing": 33.34, "culture": 0}
        )
        assert sum(t or 0 for t in totals(found)) == 100

    def test_shares_that_do_not_sum_are_refused_with_the_sum(self) -> None:
        with pytest.raises(InputError, match="sum to 97 %, not to 100 %"):
            Programme.from_shares(270_000, {**SPLIT, "culture": 7})

    @pytest.mark.parametrize("wrong", [math.nan, -5, 101])
    def test_a_share_that_is_none_is_refused(self, wrong: float) -> None:
        with pytest.raises(InputError, match="from 0 to 100 %"):
            Programme.from_shares(270_000, {**SPLIT, "culture": wrong})

    def test_an_unknown_use_is_named(self) -> None:
        with pytest.raises(InputError, match="no use office"):
            Programme.from_shares(270_000, {"office": 100})


class TestTotal:
    @pytest.mark.parametrize("wrong", [0, -1, 0.5, math.nan, math.inf])
    def test_totals_that_are_none(self, wrong: float) -> None:
        with pytest.raises(InputError, match="whole number of m² above 0"):
            Programme.from_shares(wrong, SPLIT)

    def test_an_absurd_total_asks_for_square_metres(self) -> None:
        with pytest.raises(InputError, match="Give it in square metres"):
            Programme.from_shares(10**12, SPLIT)

    def test_a_new_total_keeps_the_split(self) -> None:
        found = Programme.from_shares(270_000, SPLIT).with_total(540_000)
        assert totals(found) == [243_000, 135_000, 108_000, 54_000]

    def test_a_total_below_the_locks_is_refused(self) -> None:
        before = Programme.from_shares(270_000, SPLIT)
        locked = before.with_target("research", replace(before.target("research"), locked=True))
        with pytest.raises(InputError, match="do not leave exactly 100,000"):
            locked.with_total(100_000)


class TestSettingSome:
    def test_the_rest_takes_what_is_left(self) -> None:
        before = Programme.from_shares(270_000, SPLIT)
        after = with_uses(before, {"housing": 100_000}, share_pct={"research": 50})
        assert totals(after) == [135_000, 25_000, 100_000, 10_000]

    def test_locks_bounds_and_freedom_of_the_others_hold(self) -> None:
        before = Programme(
            100, (UseTarget(40), UseTarget(10), UseTarget(20, locked=True), UseTarget(None, 5, 50))
        )
        after = with_uses(before, {"research": 55}, share_pct={})
        assert totals(after) == [55, 10, 20, None]
        assert after.target("housing").locked
        with pytest.raises(InputError, match="do not leave exactly 100"):
            with_uses(before, {"research": 79}, share_pct={})

    def test_all_set_must_meet_the_total(self) -> None:
        before = Programme.from_shares(100, SPLIT)
        with pytest.raises(InputError, match="sum to 90 m², the total is 100"):
            with_uses(
                before, {"research": 60, "campus": 10, "housing": 10, "culture": 10}, share_pct={}
            )

    def test_more_than_the_total_is_refused(self) -> None:
        before = Programme.from_shares(100, SPLIT)
        with pytest.raises(InputError, match="sum to 140 m²"):
            with_uses(before, {"research": 140}, share_pct={})

    def test_one_use_given_twice_is_refused(self) -> None:
        before = Programme.from_shares(100, SPLIT)
        with pytest.raises(InputError, match="both by share and by m²"):
            with_uses(before, {"research": 10}, share_pct={"research": 10})


class TestContradictions:
    def test_least_above_most(self) -> None:
        with pytest.raises(InputError, match=r"least .* is above the most"):
            Programme(10, (UseTarget(None, 8, 5), UseTarget(5), UseTarget(0), UseTarget(0)))

    def test_target_outside_bounds(self) -> None:
        with pytest.raises(InputError, match="outside its bounds"):
            Programme(10, (UseTarget(10, 0, 5), UseTarget(0), UseTarget(0), UseTarget(0)))

    def test_targets_that_miss_the_total(self) -> None:
        with pytest.raises(InputError, match="misses the total of 10"):
            Programme(10, (UseTarget(5), UseTarget(0), UseTarget(0), UseTarget(0)))

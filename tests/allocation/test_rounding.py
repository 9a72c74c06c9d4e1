from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from siteplan.allocation import allocate, allocate_practical, rounding, whole_m2

RATIOS = np.array([0.7, 0.8, 0.9, 0.6])


def assert_kept(
    whole: np.ndarray, *, ratio: np.ndarray, capacity: np.ndarray, target: np.ndarray
) -> None:
    assert whole.dtype == np.int64
    assert (whole >= 0).all()
    assert np.array_equal(whole.sum(axis=0), target)
    assert (whole @ ratio <= capacity * (1 + 1e-6)).all()


@pytest.mark.parametrize("n", [8, 50, 2000])
@pytest.mark.parametrize("fill", [0.4, 0.9])
def test_totals_are_exact_and_little_moves(n: int, fill: float) -> None:
    rng = np.random.default_rng(n)
    capacity = rng.lognormal(7, 1, n)
    score = np.where(rng.random((n, 4)) < 0.2, -np.inf, rng.random((n, 4)))
    share = np.array([0.4, 0.3, 0.2, 0.1])
    target = np.floor(share * fill * 0.8 * capacity.sum() / RATIOS)
    plan = allocate(capacity, score, target * RATIOS)
    assert plan.status == "optimal"
    gfa = plan.area_m2 / RATIOS
    whole = whole_m2(gfa, far_ratio=RATIOS, capacity_m2=capacity, target_gfa_m2=target, score=score)
    assert whole is not None
    assert_kept(whole, ratio=RATIOS, capacity=capacity, target=target)
    assert not whole[score == -np.inf].any()
    # At most one m² is cut per cell in use, and as much given back elsewhere.
    assert np.abs(whole - gfa).sum() <= 2 * np.count_nonzero(gfa > 0) + 8


def test_a_whole_answer_is_left_alone() -> None:
    gfa = [[10, 5], [0, 7]]
    whole = whole_m2(gfa, far_ratio=[1, 1], capacity_m2=[20, 7], target_gfa_m2=[10, 12])
    assert whole is not None
    assert whole.tolist() == gfa


def test_a_chain_of_exchanges() -> None:
    # Parcel 0 is full of use 0 and the only place for use 1; use 0 can only move to parcel 1.
    whole = whole_m2(
        [[3.0, 0.0], [0.0, 0.0]],
        far_ratio=[1, 1],
        capacity_m2=[3, 2],
        target_gfa_m2=[3, 2],
        upper_gfa_m2=[[9, 9], [9, 0]],
    )
    assert whole is not None
    assert whole.tolist() == [[1, 2], [2, 0]]


def test_fractions_of_capacity_cannot_be_filled() -> None:
    # 10.5 m² twice holds 21 m² in the LP, 20 whole ones.
    assert (
        whole_m2([[10.5], [10.5]], far_ratio=[1], capacity_m2=[10.5, 10.5], target_gfa_m2=[21])
        is None
    )


def test_unequal_ratios_may_need_the_integer_programme() -> None:
    # Capacity 5 = 2 + 3 only: the two uses must share the parcel as 1 and 1.
    whole = whole_m2([[2.5, 0]], far_ratio=[2, 3], capacity_m2=[5], target_gfa_m2=[1, 1])
    assert whole is not None
    assert whole.tolist() == [[1, 1]]


def existing(
    capacity: np.ndarray, ratio: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> set[tuple[int, ...]]:
    """Every vector of totals that whole m² can reach."""
    sums = {(0,) * ratio.size}
    for row, room in enumerate(capacity):
        spans = (range(int(a), int(b) + 1) for a, b in zip(lower[row], upper[row], strict=True))
        cells = [c for c in product(*spans) if np.dot(c, ratio) <= room * (1 + 1e-9)]
        sums = {tuple(a + b for a, b in zip(s, c, strict=True)) for s in sums for c in cells}
    return sums


@pytest.mark.parametrize("ratios", ["equal", "unequal"])
def test_existence_agrees_with_brute_force(monkeypatch: pytest.MonkeyPatch, ratios: str) -> None:
    equal = ratios == "equal"
    programmes = []
    original = rounding._programme
    monkeypatch.setattr(rounding, "_programme", lambda work: programmes.append(1) or original(work))
    rng = np.random.default_rng(8 + equal)
    seen = {True: 0, False: 0}
    for number in range(500):
        n, k = int(rng.integers(1, 4)), int(rng.integers(1, 4))
        capacity = np.round(rng.random(n) * 5, int(rng.integers(0, 3)))
        ratio = np.full(k, rng.choice([1.0, 0.7])) if equal else rng.choice([1.0, 0.7, 0.45], k)
        upper = np.where(rng.random((n, k)) < 0.2, 0, rng.integers(0, 6, (n, k)))
        lower = np.minimum(upper, rng.integers(0, 2, (n, k))) * (number % 4 == 0)
        sums = sorted(existing(capacity, ratio, lower, upper), key=sum)
        top = sums[-1] if sums else (1,) * k
        target = np.array(sums[rng.integers(len(sums))] if sums and number % 3 else top)
        if number % 6 == 0:
            target = target + rng.integers(0, 2, k)
        whole = whole_m2(
            rng.random((n, k)) * upper * 0.6,
            far_ratio=ratio,
            capacity_m2=capacity,
            target_gfa_m2=target,
            upper_gfa_m2=upper,
            lower_gfa_m2=lower,
        )
        exists = tuple(target.tolist()) in set(sums)
        seen[exists] += 1
        assert (whole is not None) == exists, number
        if whole is not None:
            assert_kept(whole, ratio=ratio, capacity=capacity, target=target)
            assert (whole <= upper).all()
            assert (whole >= lower).all()
    assert min(seen.values()) > 20
    assert bool(programmes) is not equal


def test_arguments_are_left_alone() -> None:
    gfa = np.array([[1.5, 2.5], [2.5, 1.5]])
    before = gfa.copy()
    whole_m2(gfa, far_ratio=[1, 1], capacity_m2=[9, 9], target_gfa_m2=[4, 4])
    assert np.array_equal(gfa, before)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("far_ratio", {"far_ratio": [0, 1]}),
        ("target_gfa_m2", {"target_gfa_m2": [1.5, 1]}),
        ("capacity_m2", {"capacity_m2": [-1, 1]}),
        ("score", {"score": [[1], [1]]}),
    ],
)
def test_bad_arguments_are_named(name: str, change: dict[str, object]) -> None:
    fair: dict[str, object] = {
        "far_ratio": [1, 1],
        "capacity_m2": [5, 5],
        "target_gfa_m2": [1, 1],
    }
    with pytest.raises(ValueError, match=name):
        whole_m2(np.ones((2, 2)), **{**fair, **change})


def practical_plan(kind: str, seed: int) -> dict[str, np.ndarray]:
    """A plan of `allocate_practical` in GFA, its limits in GFA, and its rules."""
    rng = np.random.default_rng(seed)
    rows, uses = 60, 4
    capacity = np.round(rng.lognormal(7.0, 0.8, rows), 1)
    ratio = rng.uniform(0.5, 1.0, uses).round(2)
    score = rng.random((rows, uses))
    score[rng.random(score.shape) < 0.1] = -np.inf
    goal = np.floor(np.array([0.4, 0.3, 0.2, 0.1]) * 0.6 * capacity.sum() / ratio)
    most = np.where(score > -np.inf, np.floor(capacity[:, None] / ratio), 0.0)
    every: dict[str, dict[str, Any]] = {
        "blocks": {"min_block_m2": 200.0 * ratio},
        "shares": {"max_share": 0.7, "min_block_m2": 20.0},
        "floors": {"step_m2": np.round(0.2 * capacity, 1)},
    }
    rules = every[kind]
    found = allocate_practical(
        capacity, score, goal * ratio, most * ratio, max_uses=2, time_limit_s=5.0, **rules
    )
    assert found.status in {"certified", "feasible"}
    block = np.broadcast_to(rules.get("min_block_m2", 0.0), (uses,)) / ratio
    share = rules.get("max_share", 1.0) * capacity[:, None] / ratio
    return {
        "gfa": found.area_m2 / ratio,
        "ratio": ratio,
        "capacity": capacity,
        "goal": goal,
        "most": np.minimum(most, share),
        "block": block,
        "score": score,
    }


@pytest.mark.parametrize("kind", ["blocks", "shares", "floors"])
def test_practical_plans_stay_practical_in_whole_square_metres(kind: str) -> None:
    moves = []
    for seed in range(7):
        plan = practical_plan(kind, seed)
        gfa = plan["gfa"]
        whole = whole_m2(
            gfa,
            far_ratio=plan["ratio"],
            capacity_m2=plan["capacity"],
            target_gfa_m2=plan["goal"],
            upper_gfa_m2=plan["most"],
            score=plan["score"],
            only_used=True,
        )
        assert whole is not None
        np.testing.assert_array_equal(whole.sum(axis=0), plan["goal"])
        assert (whole @ plan["ratio"] <= plan["capacity"] * (1 + 1e-9)).all()
        assert (whole <= plan["most"] * (1 + 1e-9)).all()
        assert not whole[gfa < 0.5].any()  # no use comes to a parcel by rounding
        assert ((whole > 0).sum(axis=1) <= 2).all()
        move = float(np.abs(whole - gfa).max())
        moves.append(move)
        held = np.where(whole > 0, whole, np.inf)
        assert (held >= plan["block"] - move - 1e-6).all()
        # Less than a m² of each cell is cut, and as much is poured back.
        assert np.abs(whole - gfa).sum() <= 2 * np.count_nonzero(gfa)
    # A full parcel loses the rest of a m² for good, so another must take it: one m² is not always
    # enough. Two uses that fill a parcel between them both lose one, on every parcel of `shares`.
    if kind != "shares":
        assert np.median(moves) <= 1.0 + 1e-6
        assert max(moves) <= 4.0 + 1e-6


def test_only_used_cells_take_what_full_ones_lose() -> None:
    # Each of the first two loses half a m²; the third is in use and has room, the fourth is not.
    gfa = [[10.5], [20.5], [3.0], [0.0]]
    given = {"far_ratio": [1.0], "capacity_m2": [10.5, 20.5, 9.0, 9.0], "target_gfa_m2": [34]}
    whole = whole_m2(gfa, **given, score=[[1.0], [1.0], [1.0], [9.0]], only_used=True)
    np.testing.assert_array_equal(whole, [[10], [20], [4], [0]])


def test_none_where_the_cells_in_use_have_no_room() -> None:
    given = {"far_ratio": [1.0], "capacity_m2": [10.5, 10.5, 9.0], "target_gfa_m2": [21]}
    gfa = [[10.5], [10.5], [0.0]]
    assert whole_m2(gfa, **given, only_used=True) is None
    np.testing.assert_array_equal(whole_m2(gfa, **given), [[10], [10], [1]])

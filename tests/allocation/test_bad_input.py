"""Bad numbers never come in: every public function names the argument, the place and the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from siteplan.allocation import (
    allocate,
    allocate_near,
    allocate_practical,
    allocate_together,
    allocate_within,
    alternatives,
    change_between,
    feasible_ranges,
    pareto_front,
    schedule,
    schedule_jointly,
    shared_use_m,
    shortfall,
    subset_capacity_m2,
    whole_m2,
)

PARCELS, USES = 4, 2
CAPACITY = np.array([10.0, 20.0, 30.0, 40.0])
SCORE = np.arange(8.0).reshape(PARCELS, USES)
TARGET = np.array([20.0, 30.0])
UPPER = np.full((PARCELS, USES), 25.0)
LOWER = np.ones((PARCELS, USES))
AREA = np.full((PARCELS, USES), 5.0)
BOUNDED: dict[str, Any] = {
    "capacity_m2": CAPACITY,
    "score": SCORE,
    "target_m2": TARGET,
    "upper_m2": UPPER,
    "lower_m2": LOWER,
}
PHASED: dict[str, Any] = {
    "ready_year": np.array([0, 0, 1, 1]),
    "ceiling_m2": np.array([80.0, 80.0]),
    "minimum_by_year_m2": np.ones((2, USES)),
    "ceiling_weight": np.ones(USES),
}
PAIRED: dict[str, Any] = {"pairs": [[0, 1], [1, 2]], "length_m": np.array([5.0, 6.0])}
RANGED: dict[str, Any] = {
    "capacity_m2": CAPACITY,
    "upper_m2": UPPER,
    "lower_m2": LOWER,
    "low_total_m2": np.array([5.0, 5.0]),
    "high_total_m2": np.array([50.0, 50.0]),
    "weight": np.ones(USES),
}

GOOD: dict[Callable[..., Any], dict[str, Any]] = {
    allocate: BOUNDED,
    allocate_within: RANGED | {"score": SCORE},
    allocate_practical: BOUNDED
    | {
        "min_block_m2": np.ones(USES),
        "step_m2": np.full((PARCELS, USES), 0.5),
        "max_share": np.ones(USES),
    },
    allocate_near: BOUNDED | {"previous_m2": AREA, "price": 0.5},
    alternatives: BOUNDED | {"present_m2": AREA, "count": 1},
    pareto_front: {key: value for key, value in BOUNDED.items() if key != "score"}
    | {"first": SCORE, "second": SCORE[::-1], "points": 3},
    allocate_together: BOUNDED | PAIRED | {"worth_per_m": 1.0},
    schedule: PHASED | {"area_m2": AREA, "priority": np.ones(PARCELS)},
    schedule_jointly: BOUNDED | PHASED,
    feasible_ranges: RANGED,
    shortfall: {key: value for key, value in BOUNDED.items() if key != "score"},
    subset_capacity_m2: {"capacity_m2": CAPACITY, "upper_m2": UPPER},
    shared_use_m: PAIRED | {"area_m2": AREA, "capacity_m2": CAPACITY},
    change_between: {"before_m2": AREA, "after_m2": AREA, "capacity_m2": CAPACITY},
    whole_m2: {
        "gfa_m2": AREA,
        "far_ratio": np.array([0.5, 1.0]),
        "capacity_m2": CAPACITY,
        "target_gfa_m2": np.array([20.0, 20.0]),
        "upper_gfa_m2": UPPER,
        "lower_gfa_m2": LOWER,
        "score": SCORE,
    },
}

SCORES = {"score", "first", "second"}
INFINITE_IS_FAIR = {"upper_m2", "upper_gfa_m2", "high_total_m2", "ceiling_m2"}
POSITIVE = {"far_ratio", "ceiling_weight", "weight"}
PLAIN = {"pairs", "price", "count", "points", "worth_per_m"}


def arrays() -> Iterator[tuple[Callable[..., Any], str]]:
    for function, good in GOOD.items():
        for name in good:
            if name not in PLAIN:
                yield function, name


def bad_values() -> Iterator[tuple[Callable[..., Any], str, float]]:
    for function, name in arrays():
        yield function, name, np.nan
        if name in SCORES:
            yield function, name, np.inf
            continue
        yield function, name, -3.0
        yield function, name, -np.inf
        if name not in INFINITE_IS_FAIR:
            yield function, name, np.inf
        if name in POSITIVE:
            yield function, name, 0.0


def said(value: object) -> str:
    return str(getattr(value, "__name__", value))


@pytest.mark.parametrize("function", GOOD, ids=said)
def test_the_good_input_is_taken(function: Callable[..., Any]) -> None:
    function(**GOOD[function])


@pytest.mark.parametrize(("function", "name", "value"), list(bad_values()), ids=said)
def test_a_bad_number_is_named_with_its_place_and_value(
    function: Callable[..., Any], name: str, value: float
) -> None:
    array = np.array(GOOD[function][name], dtype=float)
    place = (array.shape[0] - 1, *(0,) * (array.ndim - 1))
    array[place] = value
    with pytest.raises(ValueError, match=rf"\b{name}\b") as found:
        function(**GOOD[function] | {name: array})
    words = str(found.value)
    where = re.escape(", ".join(map(str, place)))
    assert re.search(rf"\[{where}\]|index \(?{where}\b", words), words
    assert str(value) in words, words


@pytest.mark.parametrize(("function", "name"), list(arrays()), ids=said)
def test_a_wrong_shape_is_named_with_the_shape(function: Callable[..., Any], name: str) -> None:
    array = np.array(GOOD[function][name], dtype=float)
    longer = np.repeat(array, 3, axis=-1)[np.newaxis]
    with pytest.raises(ValueError, match=rf"\b{name}\b") as found:
        function(**GOOD[function] | {name: longer})
    assert str(longer.shape) in str(found.value)


@pytest.mark.parametrize(("function", "name"), list(arrays()), ids=said)
def test_words_are_no_numbers(function: Callable[..., Any], name: str) -> None:
    words = np.full(np.shape(GOOD[function][name]), "lot").tolist()
    with pytest.raises(ValueError, match=rf"\b{name}\b") as found:
        function(**GOOD[function] | {name: words})
    place = re.escape(", ".join(["0"] * np.ndim(words)))
    assert re.search(rf"\[{place}\].*'lot'", str(found.value)), found.value


SCALARS: list[tuple[Callable[..., Any], str, list[object]]] = [
    (feasible_ranges, "total", ["x", -1.0, np.nan, np.inf, [1.0]]),
    (allocate_within, "total", ["x", -1.0, np.nan, np.inf]),
    (allocate_near, "price", [None, "1", -0.5, np.nan]),
    (alternatives, "count", [1.5, 0, "2", None]),
    (alternatives, "within_ratio", ["x", -0.1, 1.1, np.nan]),
    (pareto_front, "points", [2.5, 1, "3", None]),
    (allocate_practical, "max_uses", [0, 1.5, True, None]),
    (allocate_practical, "time_limit_s", [None, "x", -1.0, np.nan]),
    (allocate_practical, "gap", [None, "x", -1.0, np.nan]),
    (allocate_together, "rounds", ["a", 0, 1.5]),
    (allocate_together, "worth_per_m", ["a", -1.0, np.nan, np.inf]),
    (schedule, "discount_ratio", ["a", -1.0, np.nan, np.inf]),
    (schedule_jointly, "discount_ratio", ["a", -1.0, np.nan, np.inf]),
]


@pytest.mark.parametrize(
    ("function", "name", "value"),
    [(function, name, value) for function, name, values in SCALARS for value in values],
    ids=said,
)
def test_a_bad_setting_is_named_with_its_value(
    function: Callable[..., Any], name: str, value: object
) -> None:
    with pytest.raises(ValueError, match=rf"\b{name}\b") as found:
        function(**GOOD[function] | {name: value})
    assert str(value) in str(found.value)


def test_prices_that_are_no_numbers_are_named() -> None:
    with pytest.raises(ValueError, match=r"prices .*\[0\] stands 'a'"):
        allocate(CAPACITY, SCORE, TARGET, prices=["a", "b"])


PAIRS_OF_LIMITS = [
    (function, low, high)
    for function, good in GOOD.items()
    for low, high in (
        ("lower_m2", "upper_m2"),
        ("lower_gfa_m2", "upper_gfa_m2"),
        ("low_total_m2", "high_total_m2"),
    )
    if {low, high} <= set(good)
]


@pytest.mark.parametrize(("function", "low", "high"), PAIRS_OF_LIMITS, ids=said)
def test_a_lower_limit_above_its_upper_one_is_named(
    function: Callable[..., Any], low: str, high: str
) -> None:
    least = np.array(GOOD[function][low], dtype=float)
    place = (least.shape[0] - 1, *(0,) * (least.ndim - 1))
    least[place] = 77.5
    with pytest.raises(ValueError, match=rf"\b{low}\b") as found:
        function(**GOOD[function] | {low: least})
    words = str(found.value)
    assert high in words
    assert f"[{', '.join(map(str, place))}]" in words
    assert "77.5" in words


@pytest.mark.parametrize("function", GOOD, ids=said)
def test_arguments_are_left_as_they_were(function: Callable[..., Any]) -> None:
    before = {
        name: np.array(value)
        for name, value in GOOD[function].items()
        if isinstance(value, np.ndarray)
    }
    function(**GOOD[function])
    for name, value in before.items():
        np.testing.assert_array_equal(value, GOOD[function][name])

"""The best trade-offs between two aims of a plan: points of a Pareto front, each a plan to take.

Aims are linear in the floor area, so that every point is proven (`siteplan.allocation.pareto`):
suitability as a whole or of one use, the value of one criterion over all floor area, and the floor
area that stays where the present plan has it. The last is ``sum min(y, o)``, which is made linear
by cutting each parcel into what its old uses held and the rest: a use fills its own part first.
Compactness is left out: it multiplies the uses of neighbours with one another, and its best plans
have no such proof (`siteplan.approach.Together` weighs it with a bound of its own).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np

from siteplan.advice._differences import Difference, difference
from siteplan.advice._taken import board_of, remarks, taken, whole_of
from siteplan.allocation.pareto import ParetoFront, ParetoPoint, pareto_front, pareto_point
from siteplan.errors import InputError
from siteplan.suitability import CRITERION_LABELS
from siteplan.text import Renderable, Text, sentence
from siteplan.uses import ALL_USES, USES, use_index

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.advice._taken import Board
    from siteplan.evaluation import Plan
    from siteplan.scenario import Scenario

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

SUITABILITY, UNCHANGED = "suitability", "unchanged"
AIMS: tuple[str, ...] = (SUITABILITY, *USES, *CRITERION_LABELS, UNCHANGED)
"""Keys of all aims: overall suitability, that of a use, a criterion's value, what stays."""

SHOWN_GAP = 0.005
"""A point of a front that may miss it by more (points of 100) is proven by a search of its own."""


@dataclass(frozen=True, eq=False)
class FrontPoint:
    """One plan on a front.

    Parameters
    ----------
    first, second : float
        Mean of both aims, 0 to 100, of the plan in whole m².
    second_most : float
        No plan with as much of the first has more of the second (proven), 0 to 100.
    gfa_m2 : ndarray of int, shape (n, k)
    scenario : Scenario
        `siteplan.evaluate` gives exactly this plan for it.
    difference : Difference
        From the present plan.
    """

    first: float
    second: float
    second_most: float
    gfa_m2: Integers
    scenario: Scenario
    difference: Difference

    @property
    def gap(self) -> float:
        """By how many points of 100 the plan may miss the front at most."""
        return max(self.second_most - self.second, 0.0)


@dataclass(frozen=True, eq=False)
class Front:
    """The trade-off between two aims, from most of the second to most of the first.

    Parameters
    ----------
    status : {"optimal", "feasible", "infeasible"}
        Of the points before they are brought to whole m².
    first_key, second_key : str
        Of `AIMS`.
    first_label, second_label : Renderable
    points : tuple of FrontPoint
        One where the aims do not compete.
    present_first, present_second : float
        Mean of both aims in the present plan, 0 to 100.
    below : float
        By how many points of the second aim the present plan lies below the front: what could be
        had without less of the first.
    notes : tuple of Text
    """

    status: Literal["optimal", "feasible", "infeasible"]
    first_key: str
    second_key: str
    first_label: Renderable
    second_label: Renderable
    points: tuple[FrontPoint, ...]
    present_first: float
    present_second: float
    below: float
    notes: tuple[Text, ...]

    @property
    def gap(self) -> float:
        """The largest gap of a point, points of 100."""
        return max((point.gap for point in self.points), default=math.nan)


def aims_of(plan: Plan) -> dict[str, Renderable]:
    """Return the aims that a plan's front may weigh, key -> label; infeasible plans have none."""
    if plan.status == "infeasible":
        return {}
    found: dict[str, Renderable] = {SUITABILITY: sentence("Suitability of the whole plan")}
    for use, gfa_m2 in zip(ALL_USES, plan.uses_gfa_m2.tolist(), strict=True):
        if gfa_m2:
            found[use.key] = sentence("Suitability for {use}", use=use.label)
    found |= {key: CRITERION_LABELS[key] for key in plan.suitability.value}
    if _can_be_cut(plan):
        found[UNCHANGED] = sentence("Floor area that stays where it is")
    return found


_kept: WeakKeyDictionary[Plan, dict[tuple[str, str, int], Front]] = WeakKeyDictionary()


def front_between(plan: Plan, first: str, second: str, *, points: int = 21) -> Front:
    """Return the best trade-offs between two aims, equally spaced in the first.

    Parameters
    ----------
    plan : Plan
        The present plan; every point keeps its totals and limits.
    first, second : str
        Two different keys of `aims_of`.
    points : int
        Two or more.

    Returns
    -------
    Front
        Kept as long as the plan is. Without points where nothing fits.

    Raises
    ------
    InputError
        An aim that does not exist, that this plan cannot weigh, or the same one twice.
    """
    _check(plan, first, second)
    kept = _kept.setdefault(plan, {})
    asked = (first, second, points)
    if asked not in kept:
        kept[asked] = _front(plan, first, second, points=points)
    return kept[asked]


def aim_mean(plan: Plan, key: str, gfa_m2: Integers) -> float:
    """Return the mean of an aim over the floor area that it speaks of, 0 to 100.

    Parameters
    ----------
    plan : Plan
        The present plan, which says what stays.
    key : str
        Of `aims_of`.
    gfa_m2 : ndarray of int, shape (n, k)
        The plan to measure.
    """
    order = plan.parcels.id_order
    if key == UNCHANGED:
        worth = float(np.minimum(gfa_m2, plan.gfa_m2).sum())
    else:
        worth = float((_worth(plan, key)[order] * gfa_m2[order]).sum())
    return worth / _base_m2(plan, key) * 100


def _check(plan: Plan, first: str, second: str) -> None:
    aims = aims_of(plan)
    for key in (first, second):
        if key not in AIMS:
            raise InputError(
                sentence(
                    "There is no aim {key}. Choose from: {keys}.", key=key, keys=", ".join(AIMS)
                )
            )
        if aims and key not in aims:
            raise InputError(
                sentence(
                    "This plan cannot weigh {key}: {why} Choose from: {keys}.",
                    key=key,
                    why=_why_not(key),
                    keys=", ".join(aims),
                )
            )
    if first == second:
        raise InputError(sentence("Choose two different aims to weigh against each other."))


def _why_not(key: str) -> Text:
    if key == UNCHANGED:
        return sentence("parcels carry limits of your own that leave a use only a part of them.")
    if key in USES:
        return sentence("the programme has no floor area of this use.")
    return sentence("the surroundings of these parcels are not known.")


def _worth(plan: Plan, key: str) -> Floats:
    """Return what a m² of GFA counts for an aim, shape (n, k), 0 to 1."""
    score = plan.suitability.score
    if key == SUITABILITY:
        return score
    if key in USES:
        only = np.zeros(score.shape)
        only[:, use_index(key)] = score[:, use_index(key)]
        return only
    return np.repeat(plan.suitability.value[key][:, None], score.shape[1], axis=1)


def _base_m2(plan: Plan, key: str) -> int:
    """Return the GFA over which an aim's mean is taken."""
    return int(plan.uses_gfa_m2[use_index(key)]) if key in USES else plan.total_gfa_m2


def _can_be_cut(plan: Plan) -> bool:
    """Whether every use may fill a parcel or not stand there at all, with nothing held."""
    room = plan.room
    if room.bounded_m2 is None:
        return True
    whole = room.upper_m2 >= room.capacity_m2[:, None] * (1 - 1e-9)
    return room.lower_m2 is None and bool((whole | (room.upper_m2 <= 0)).all())


@dataclass(frozen=True, eq=False)
class _Cut:
    """A board whose parcels may be cut into parts; m parts of n parcels."""

    board: Board
    owner: npt.NDArray[np.intp]  # (m,) parcel of each part, in the order of ids
    own_use: npt.NDArray[np.intp]  # (m,) use that the present plan has in a part, -1 for none

    def joined(self, area_m2: Floats) -> Floats:
        """Return parts' areas, shape (m, k), added up by parcel."""
        whole_m2 = np.zeros((int(self.owner.max(initial=-1)) + 1, area_m2.shape[1]))
        np.add.at(whole_m2, self.owner, area_m2)
        return whole_m2


def _cut(plan: Plan, *, parts: bool) -> _Cut:
    """Return the plan's board, where asked for with each parcel cut into its present uses."""
    board, rows = board_of(plan), np.arange(len(plan.parcels))
    if not parts:
        return _Cut(board, rows, np.full(len(rows), -1))
    present_m2 = (plan.gfa_m2 * plan.far_ratio)[plan.parcels.id_order]
    row, use = np.nonzero(present_m2 > 0)
    rest_m2 = np.maximum(board.held_m2 - present_m2.sum(axis=1), 0.0)
    owner = np.concatenate([rows, row])
    allowed = board.allowed
    if board.upper_m2 is not None:
        allowed = allowed & (board.upper_m2 > 0)
    held_m2 = np.concatenate([rest_m2, present_m2[row, use]])
    whole = type(board)(held_m2, None, None, board.target_m2, allowed[owner])
    return _Cut(whole, owner, np.concatenate([np.full(len(rows), -1), use]))


def _scores(plan: Plan, key: str, cut: _Cut) -> Floats:
    """Return what a m² of FAR area counts on each part, -inf where not allowed, shape (m, k)."""
    if key == UNCHANGED:
        worth = (cut.own_use[:, None] == np.arange(len(USES))).astype(float)
    else:
        worth = _worth(plan, key)[plan.parcels.id_order][cut.owner]
    return np.where(cut.board.allowed, worth / plan.far_ratio, -np.inf)


def _front(plan: Plan, first: str, second: str, *, points: int) -> Front:
    if plan.status == "infeasible":
        note = sentence("Nothing fits yet, so there is nothing to choose from.")
        nan, none = math.nan, Text("–")
        return Front("infeasible", first, second, none, none, (), nan, nan, nan, (note,))
    cut = _cut(plan, parts=UNCHANGED in (first, second))
    one, two = _scores(plan, first, cut), _scores(plan, second, cut)
    board = cut.board
    problem = _Problem(board, one, two)
    found = pareto_front(
        board.held_m2,
        one,
        two,
        board.target_m2,
        upper_m2=board.upper_m2,
        lower_m2=board.lower_m2,
        points=points,
    )
    here_first, here_second = (aim_mean(plan, key, plan.gfa_m2) for key in (first, second))
    above = problem.at(here_first / 100 * _base_m2(plan, first))
    reached = here_second if above is None else above.second / _base_m2(plan, second) * 100
    labels = aims_of(plan)
    shown = _points(plan, first, second, cut, problem, found=found)
    notes = list(remarks(plan))
    if len(shown) == 1:
        notes.insert(
            0, sentence("The two aims do not compete: one plan is best for both, and it is shown.")
        )
    return Front(
        found.status,
        first,
        second,
        labels[first],
        labels[second],
        shown,
        here_first,
        here_second,
        max(reached - here_second, 0.0),
        tuple(notes),
    )


@dataclass(frozen=True, eq=False)
class _Problem:
    """The two aims on a board."""

    board: Board
    first: Floats
    second: Floats

    def at(self, first_worth: float) -> ParetoPoint | None:
        """Return the plan with most of the second among those with so much of the first."""
        return pareto_point(
            self.board.held_m2,
            self.first,
            self.second,
            self.board.target_m2,
            least_first=first_worth,
            upper_m2=self.board.upper_m2,
            lower_m2=self.board.lower_m2,
        )


def _points(
    plan: Plan, first: str, second: str, cut: _Cut, problem: _Problem, *, found: ParetoFront
) -> tuple[FrontPoint, ...]:
    """Bring the points to whole m² and measure them anew; each plan once."""
    shown: list[FrontPoint] = []
    for point in found.points:
        gfa_m2 = whole_of(plan, cut.joined(point.area_m2))
        if gfa_m2 is None or any((gfa_m2 == other.gfa_m2).all() for other in shown):
            continue
        first_mean, second_mean = (aim_mean(plan, key, gfa_m2) for key in (first, second))
        worth, base_m2 = first_mean / 100 * _base_m2(plan, first), _base_m2(plan, second)
        most = _most(found, first_worth=worth) / base_m2 * 100
        if most - second_mean > SHOWN_GAP:  # a corner between two points: ask at this very place
            there = problem.at(worth)
            most = most if there is None else min(most, there.second_bound / base_m2 * 100)
        shown.append(
            FrontPoint(
                first_mean,
                second_mean,
                most,
                gfa_m2,
                taken(plan, gfa_m2, name=f"trade-off {len(shown) + 1}"),
                difference(plan.gfa_m2, gfa_m2),
            )
        )
    return tuple(shown)


def _most(found: ParetoFront, *, first_worth: float) -> float:
    """Return the most of the second aim beside so much of the first.

    The prices of each point prove ``second <= bound + slope * (first of the point - first)`` for
    every plan, so the least of these bounds is one.
    """
    tangents = [p.second_bound + p.slope * (p.first - first_worth) for p in found.points]
    return min(found.second_bound, *tangents)

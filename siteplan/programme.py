"""The programme: how many square metres in all, and how they are split among the uses.

`rebalance` keeps the total to the square metre: when one use moves, the unlocked others absorb
the difference in proportion to their size, within their bounds. Where they are all at nothing,
they take it up in the proportions that they had before.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from siteplan.errors import InputError
from siteplan.text import sentence
from siteplan.uses import USES, use_index, use_label

DEFAULT_TOTAL_GFA_M2 = 270_000
"""연면적 27만㎡, announced 2025-02-11 (헤럴드경제, 뉴스핌; read)."""

MAX_TOTAL_GFA_M2 = 100_000_000
"""Totals above 100 km² of floor are taken for a slip of the pen."""

SHARE_TOLERANCE_PCT = 0.01


@dataclass(frozen=True)
class UseTarget:
    """What is wished of one use.

    Parameters
    ----------
    target_m2 : int or None
        GFA that the use must reach exactly; None leaves it free between `min_m2` and `max_m2`.
    min_m2, max_m2 : int
        Bounds that `rebalance` and free uses keep; max None means the programme's total.
    locked : bool
        A locked target does not move when another use does.
    """

    target_m2: int | None
    min_m2: int = 0
    max_m2: int | None = None
    locked: bool = False


@dataclass(frozen=True)
class Programme:
    """A total and one `UseTarget` per use, in the order of `siteplan.uses.USES`.

    Raises
    ------
    InputError
        The total is not a sensible whole number of m², or targets and bounds contradict it.
    """

    total_gfa_m2: int
    targets: tuple[UseTarget, ...]

    def __post_init__(self) -> None:
        _check_total(self.total_gfa_m2)
        if len(self.targets) != len(USES):
            raise InputError(
                sentence("A programme has one entry for each of: {uses}.", uses=", ".join(USES))
            )
        for use, target in zip(USES, self.targets, strict=True):
            _check_target(use, target, total_m2=self.total_gfa_m2)
        _check_sums(self)

    @classmethod
    def from_gfa(cls, total_gfa_m2: int, gfa_m2: Mapping[str, int]) -> Programme:
        """Return a programme whose uses have the given GFA; uses left out get 0."""
        _check_uses(gfa_m2)
        return cls(
            total_gfa_m2, tuple(UseTarget(_whole(gfa_m2.get(use, 0), use=use)) for use in USES)
        )

    @classmethod
    def from_shares(cls, total_gfa_m2: float, share_pct: Mapping[str, float]) -> Programme:
        """Return a programme split by percentages, whole m² by largest remainder.

        Raises
        ------
        InputError
            Shares are not numbers from 0 to 100 that sum to 100 (within 0.01).
        """
        _check_uses(share_pct)
        _check_total(total_gfa_m2)
        shares = [float(share_pct.get(use, 0.0)) for use in USES]
        if not all(math.isfinite(share) and 0 <= share <= 100 for share in shares):
            raise InputError(
                sentence("Every share must be a number from 0 to 100 %. Correct the shares.")
            )
        if abs(sum(shares) - 100) > SHARE_TOLERANCE_PCT:
            raise InputError(
                sentence(
                    "The shares sum to {sum:.4g} %, not to 100 %. Change one of them, or leave "
                    "one use out: it takes the rest.",
                    sum=sum(shares),
                )
            )
        weights = [round(share * 1_000_000) for share in shares]
        gfa_m2 = _proportional(int(total_gfa_m2), weights=weights)
        return cls(int(total_gfa_m2), tuple(UseTarget(m2) for m2 in gfa_m2))

    def target(self, use: str) -> UseTarget:
        """Return the entry of a use."""
        return self.targets[use_index(use)]

    def with_target(self, use: str, target: UseTarget) -> Programme:
        """Return a programme in which one entry is replaced."""
        entries = list(self.targets)
        entries[use_index(use)] = target
        return replace(self, targets=tuple(entries))

    def bounds_m2(self) -> list[tuple[int, int]]:
        """Return (least, most) GFA that each use may take: a target is exact."""
        return [
            (t.min_m2, _max_m2(t, self.total_gfa_m2))
            if t.target_m2 is None
            else (t.target_m2, t.target_m2)
            for t in self.targets
        ]

    def with_total(self, total_gfa_m2: float) -> Programme:
        """Return the programme at another total, unlocked targets in proportion."""
        _check_total(total_gfa_m2)
        return _absorbed(self, total_m2=int(total_gfa_m2), fixed={})


def with_uses(
    programme: Programme, gfa_m2: Mapping[str, float], *, share_pct: Mapping[str, float]
) -> Programme:
    """Return the programme with some uses set, by m² or by share; the others take the rest.

    Parameters
    ----------
    programme : Programme
    gfa_m2, share_pct : Mapping[str, float]
        Uses set in m² and in percent of the total; no use in both. Locks and bounds of the
        others hold, free uses absorb first.

    Raises
    ------
    InputError
        A use that does not exist or stands in both, values that are no amounts, or amounts that
        miss the total (all uses set), exceed it or break a bound.
    """
    _check_uses(gfa_m2)
    _check_uses(share_pct)
    twice = [use for use in gfa_m2 if use in share_pct]
    if twice:
        raise InputError(
            sentence("{use} is set both by share and by m². Give one of them.", use=twice[0])
        )
    total_m2 = programme.total_gfa_m2
    given = {use: _whole(value, use=use) for use, value in gfa_m2.items()}
    if set(share_pct) == set(USES):
        split = Programme.from_shares(total_m2, share_pct)
        given = {use: e.target_m2 or 0 for use, e in zip(USES, split.targets, strict=True)}
    else:
        given |= {use: round(total_m2 * _share(pct) / 100) for use, pct in share_pct.items()}
    sum_m2 = sum(given.values())
    if sum_m2 > total_m2 or (len(given) == len(USES) and sum_m2 != total_m2):
        raise InputError(
            sentence(
                "The uses given sum to {sum:,} m², the total is {total:,} m². Change one of them, "
                "or leave one use out: it takes the rest.",
                sum=sum_m2,
                total=total_m2,
            )
        )
    for use, m2 in given.items():
        entry = programme.target(use)
        _check_target(use, replace(entry, target_m2=m2), total_m2=total_m2)
    fixed = {use_index(use): m2 for use, m2 in given.items()}
    return _absorbed(programme, total_m2=total_m2, fixed=fixed)


def _share(share_pct: float) -> float:
    if not (math.isfinite(share_pct) and 0 <= share_pct <= 100):
        raise InputError(
            sentence("Every share must be a number from 0 to 100 %. Correct the shares.")
        )
    return share_pct


def rebalance(
    programme: Programme, use: str, gfa_m2: float, *, earlier: Iterable[Programme] = ()
) -> Programme:
    """Move one use; the unlocked others absorb the difference in proportion.

    Parameters
    ----------
    programme : Programme
    use : str
        The use that is moved, even if it is locked.
    gfa_m2 : float
        Wished GFA; rounded to whole m² and held within what the bounds and locks of all uses
        leave it.
    earlier : iterable of Programme
        Programmes before this one, the latest first: see `absorbing_weights`.

    Returns
    -------
    Programme
        Same total. Uses without a target (free between min and max) absorb first, since they
        move by themselves; then unlocked targets in proportion to their size, within bounds.
        Targets that are all at nothing take up the proportions that they had before.

    Raises
    ------
    InputError
        `gfa_m2` is not a number.
    """
    wished = _whole(gfa_m2, use=use)
    entry = programme.target(use)
    others = [i for i in range(len(USES)) if i != use_index(use)]
    low = sum(_span(programme, i)[0] for i in others)
    high = sum(_span(programme, i)[1] for i in others)
    least = max(entry.min_m2, programme.total_gfa_m2 - high)
    most = min(_max_m2(entry, programme.total_gfa_m2), programme.total_gfa_m2 - low)
    if most < least:
        return programme
    value = min(max(wished, least), most)
    return _absorbed(
        programme,
        total_m2=programme.total_gfa_m2,
        fixed={use_index(use): value},
        weights=absorbing_weights(programme, use, earlier=earlier),
    )


def absorbing(programme: Programme, use: str) -> list[int]:
    """Return the places of the unlocked targets that absorb a move of a use."""
    return [
        i
        for i, entry in enumerate(programme.targets)
        if i != use_index(use) and entry.target_m2 is not None and not entry.locked
    ]


def absorbing_weights(
    programme: Programme, use: str, *, earlier: Iterable[Programme] = ()
) -> tuple[int, ...]:
    """Return in which proportions the others absorb a move of a use: a weight for each use.

    Parameters
    ----------
    programme : Programme
    use : str
        The use that is moved.
    earlier : iterable of Programme
        Programmes before this one, the latest first.

    Returns
    -------
    tuple of int
        The targets, in m². Where all that absorb are at nothing, the targets of the latest earlier
        programme in which they were not; all zero, which means equal parts, where there is none.
    """
    places = absorbing(programme, use)
    for one in (programme, *earlier):
        targets_m2 = tuple(entry.target_m2 or 0 for entry in one.targets)
        if any(targets_m2[i] for i in places):
            return targets_m2
    return (0,) * len(USES)


def _absorbed(
    programme: Programme,
    *,
    total_m2: int,
    fixed: Mapping[int, int],
    weights: Sequence[int] | None = None,
) -> Programme:
    """Return the programme with some uses set and the unlocked others sharing what is left."""
    entries = list(programme.targets)
    fixed_m2 = sum(fixed.values())
    free: list[int] = []
    sharing: list[int] = []
    for i, entry in enumerate(entries):
        if i in fixed:
            entries[i] = replace(entry, target_m2=fixed[i])
        elif entry.target_m2 is None:
            free.append(i)
        elif entry.locked:
            fixed_m2 += entry.target_m2
        else:
            sharing.append(i)
    rest_m2 = total_m2 - fixed_m2
    free_low = sum(entries[i].min_m2 for i in free)
    free_high = sum(_max_m2(entries[i], total_m2) for i in free)
    now_m2 = sum(entries[i].target_m2 or 0 for i in sharing)
    wanted_m2 = min(max(now_m2, rest_m2 - free_high), rest_m2 - free_low)
    bounds = [(entries[i].min_m2, _max_m2(entries[i], total_m2)) for i in sharing]
    shares = [(entries[i].target_m2 or 0) if weights is None else weights[i] for i in sharing]
    shared = shared_out(wanted_m2, weights=shares, bounds_m2=bounds)
    if shared is None:
        raise InputError(
            sentence(
                "The locks and bounds of the other uses do not leave exactly {total:,} m² in all. "
                "Unlock a use, widen its bounds, or change the amounts.",
                total=total_m2,
            )
        )
    for i, gfa_m2 in zip(sharing, shared, strict=True):
        entries[i] = replace(entries[i], target_m2=gfa_m2)
    return Programme(total_m2, tuple(entries))


def shared_out(
    amount_m2: int, *, weights: Sequence[int], bounds_m2: Sequence[tuple[int, int]]
) -> list[int] | None:
    """Share whole m² in proportion to weights, within bounds, exactly.

    Parameters
    ----------
    amount_m2 : int
    weights : sequence of int, length k
        All zero means equal parts.
    bounds_m2 : sequence of (low, high), length k

    Returns
    -------
    list of int or None
        Sums to `amount_m2`; None when the bounds cannot hold it.
    """
    k = len(weights)
    if not sum(b[0] for b in bounds_m2) <= amount_m2 <= sum(b[1] for b in bounds_m2):
        return None
    result = [0] * k
    open_uses = list(range(k))
    rest = amount_m2
    while open_uses:
        parts = _proportional(rest, weights=[weights[i] for i in open_uses])
        below = {
            i: bounds_m2[i][0] for i, p in zip(open_uses, parts, strict=True) if p < bounds_m2[i][0]
        }
        above = {
            i: bounds_m2[i][1] for i, p in zip(open_uses, parts, strict=True) if p > bounds_m2[i][1]
        }
        if not below and not above:
            for i, part in zip(open_uses, parts, strict=True):
                result[i] = part
            return result
        part_of = dict(zip(open_uses, parts, strict=True))
        lifted = sum(bound - part_of[i] for i, bound in below.items())
        cut = sum(part_of[i] - bound for i, bound in above.items())
        # Fixing only the side that weighs more keeps the other side's uses free to absorb.
        for i, bound in (below if lifted >= cut else above).items():
            result[i] = bound
            rest -= bound
            open_uses.remove(i)
    return result


def _proportional(amount: int, *, weights: Sequence[int]) -> list[int]:
    """Split a whole number in proportion to whole weights, by largest remainder, first wins."""
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    if not weights:
        return []
    parts = [amount * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in order[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def _span(programme: Programme, i: int) -> tuple[int, int]:
    """Return the least and most that an entry may take when another use moves."""
    entry = programme.targets[i]
    if entry.locked and entry.target_m2 is not None:
        return entry.target_m2, entry.target_m2
    return entry.min_m2, _max_m2(entry, programme.total_gfa_m2)


def _max_m2(entry: UseTarget, total_m2: int) -> int:
    return total_m2 if entry.max_m2 is None else min(entry.max_m2, total_m2)


def _whole(value: float, *, use: str) -> int:
    if isinstance(value, bool) or not math.isfinite(value) or value < 0:
        raise InputError(
            sentence(
                "The floor area of {use} must be a number of m² from 0 up, not {value}.",
                use=use_label(use).en,
                value=value,
            )
        )
    return round(value)


def _check_uses(given: Mapping[str, float]) -> None:
    unknown = [use for use in given if use not in USES]
    if unknown:
        raise InputError(
            sentence(
                "There is no use {use}. The uses are: {uses}.",
                use=unknown[0],
                uses=", ".join(USES),
            )
        )


def _check_total(total_m2: float) -> None:
    if (
        isinstance(total_m2, bool)
        or not math.isfinite(total_m2)
        or total_m2 != int(total_m2)
        or total_m2 <= 0
    ):
        raise InputError(
            sentence(
                "The total must be a whole number of m² above 0, not {total}. "
                "The AI Tech City has 270000.",
                total=total_m2,
            )
        )
    if total_m2 > MAX_TOTAL_GFA_M2:
        raise InputError(
            sentence(
                "A total of {total:,.0f} m² is more than {most:,} m² of floor. "
                "Give it in square metres.",
                total=total_m2,
                most=MAX_TOTAL_GFA_M2,
            )
        )


def _check_target(use: str, entry: UseTarget, *, total_m2: int) -> None:
    label = use_label(use)
    high = _max_m2(entry, total_m2)
    if entry.min_m2 < 0 or entry.min_m2 > high:
        raise InputError(
            sentence(
                "{use}: the least ({low:,} m²) is above the most ({high:,} m²). Change one.",
                use=label,
                low=entry.min_m2,
                high=high,
            )
        )
    if entry.target_m2 is not None and not entry.min_m2 <= entry.target_m2 <= high:
        raise InputError(
            sentence(
                "{use}: {target:,} m² lies outside its bounds {low:,} to {high:,} m². "
                "Change the target or the bounds.",
                use=label,
                target=entry.target_m2,
                low=entry.min_m2,
                high=high,
            )
        )


def _check_sums(programme: Programme) -> None:
    bounds = programme.bounds_m2()
    low, high = sum(b[0] for b in bounds), sum(b[1] for b in bounds)
    if not low <= programme.total_gfa_m2 <= high:
        raise InputError(
            sentence(
                "The uses sum to {low:,} to {high:,} m², which misses the total of {total:,} m². "
                "Change a use or the total.",
                low=low,
                high=high,
                total=programme.total_gfa_m2,
            )
        )

"""What the programme bar shows: every figure and sentence of it, ready for the browser.

Nothing here knows Streamlit. The browser draws what `programme_view` returns and adds no words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from siteplan.app.widgets.figures import m2
from siteplan.decided import is_announced
from siteplan.maps.contrast import ink_on
from siteplan.maps.style import USE_COLOURS
from siteplan.programme import absorbing, absorbing_weights, shared_out
from siteplan.text import N_, Joined, Text, translate
from siteplan.units import PYEONG, PYEONG_M2, pyeong_text
from siteplan.uses import ALL_USES, USES, Use

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.programme import Programme


_USE_NAMES = {
    "slider": N_("{use}, m²"),
    "slider_help": N_("Home and End go as far as {use} fits."),
    "number": N_("{use}, m² or %"),
    "lock": N_("Lock {use}"),
    "unlocked": N_("Lock {use}: it keeps its floor area when others move."),
    "locked": N_("Locked: {use} keeps its floor area when others move. Press to unlock."),
    "no_lock": N_("{use} is free between its least and most, so there is nothing to lock."),
    "bounds": N_("Least and most of {use}"),
    "min": N_("{use}, at least (m²)"),
    "max": N_("{use}, at most (m²)"),
}
_WORDS = {
    "total": N_("Total gross floor area (m²)"),
    "total_note": N_("The city announced 270,000 m² (2025-02-11), ten times today's AI Hub."),
    "assumption": N_(
        "No split by use has been published. The starting split is siteplan's own assumption: "
        "research at least 40 % as in the 2023 district plan; 20 % of housing are about 360 "
        "homes of 84 m², where the 2021 plan had some 300."
    ),
    "stack": N_("The total by use"),
    "locked_tag": N_("locked"),
    "free_tag": N_("free"),
    "free": N_("Let the allocation choose between them"),
    "preview": N_(
        "Preview: ≈ marks what the other uses would give or take. Let go for the exact plan, or "
        "for the reason why it does not fit."
    ),
    "waiting": N_("Preview: ≈ marks estimates. The exact plan is being worked out."),
    "outside": N_("Does not fit: {range}"),
}
_ELSEWHERE = {
    "total_note": "",
    "assumption": N_("The starting split by use is siteplan's own assumption."),
}
"""What stands instead where no announcement is known."""

"""Sentences that stay the same whatever the plan; the browser fills in what stands in braces."""


def programme_view(
    plan: Plan,
    *,
    lang: str,
    notice: Text | None = None,
    refused: Mapping[str, Text] | None = None,
    earlier: Sequence[Programme] = (),
) -> dict[str, Any]:
    """Return what the programme bar shows of a plan.

    Parameters
    ----------
    plan : Plan
    lang : str
    notice : Text, optional
        What the last event could not do.
    refused : Mapping[str, Text], optional
        What was typed and could not be read, by field: ``total`` or the key of a use.
    earlier : sequence of Programme, optional
        Programmes of the steps before, the latest first.

    Returns
    -------
    dict
        JSON-ready. ``total`` and one entry of ``uses`` per use, in their fixed order; areas are
        whole m². ``low_m2`` and ``high_m2`` are None where no value of a use fits; ``weights`` are
        the proportions in which the others absorb its move. ``share_permille`` of all uses sums
        to 1000, so that the percentages shown sum to 100.0.
    """
    total_m2 = plan.scenario.programme.total_gfa_m2
    now_m2 = placed_m2(plan)
    permille = shared_out(1000, weights=now_m2, bounds_m2=[(0, 1000)] * len(USES)) or [0] * 4
    said = {field: text.render(lang) for field, text in (refused or {}).items()}
    step_m2 = _step_m2(total_m2)
    return {
        "total": {
            "m2": total_m2,
            "pyeong": pyeong_text(total_m2, lang=lang),
            "refused": said.get("total", ""),
        },
        "uses": [
            _use_view(plan, use, now_m2=now_m2[i], permille=permille[i], column=i, lang=lang)
            | {
                "refused": said.get(use.key, ""),
                "weights": list(
                    absorbing_weights(plan.scenario.programme, use.key, earlier=earlier)
                ),
            }
            for i, use in enumerate(ALL_USES)
        ],
        "step_m2": step_m2,
        "page_m2": 10 * step_m2,
        "pyeong_m2": PYEONG_M2,
        "pyeong": PYEONG.render(lang),
        "absorbers": _absorbers(plan, earlier, lang=lang),
        "notice": "" if notice is None else notice.render(lang),
        "words": {
            name: translate(msgid, lang=lang) if msgid else ""
            for name, msgid in (_WORDS if is_announced(plan) else _WORDS | _ELSEWHERE).items()
        },
    }


def placed_m2(plan: Plan) -> list[int]:
    """Return the GFA to show for each use: what the plan holds, else what is wished.

    Where nothing fits, uses that are free share what the others leave of the total, equally
    within their bounds. Sums to the programme's total.
    """
    if plan.status != "infeasible":
        return [int(gfa_m2) for gfa_m2 in plan.uses_gfa_m2]
    programme = plan.scenario.programme
    wished = [entry.target_m2 for entry in programme.targets]
    free = [i for i, target_m2 in enumerate(wished) if target_m2 is None]
    bounds_m2 = programme.bounds_m2()
    shares = shared_out(
        programme.total_gfa_m2 - sum(target_m2 or 0 for target_m2 in wished),
        weights=[1] * len(free),
        bounds_m2=[bounds_m2[i] for i in free],
    )
    for i, share_m2 in zip(free, shares or (), strict=True):
        wished[i] = share_m2
    return [target_m2 or 0 for target_m2 in wished]


def _step_m2(total_m2: int) -> int:
    """Return how far one press of an arrow key moves a slider."""
    if total_m2 >= 10_000:
        return 100
    return 10 if total_m2 >= 1_000 else 1


def _use_view(
    plan: Plan, use: Use, *, now_m2: int, permille: int, column: int, lang: str
) -> dict[str, Any]:
    programme = plan.scenario.programme
    entry = programme.targets[column]
    total_m2 = programme.total_gfa_m2
    low_m2, high_m2 = plan.ranges_m2[column].tolist()
    fits = not math.isnan(low_m2)
    max_m2 = total_m2 if entry.max_m2 is None else min(entry.max_m2, total_m2)
    names = {
        name: translate(msgid, lang=lang).format(use=use.label.render(lang))
        for name, msgid in _USE_NAMES.items()
    }
    return {
        "key": use.key,
        "name": use.label.render(lang),
        "colour": USE_COLOURS[use.key],
        "ink": ink_on(USE_COLOURS[use.key]),
        "m2": now_m2,
        "share_permille": permille,
        "low_m2": int(low_m2) if fits else None,
        "high_m2": int(high_m2) if fits else None,
        "range": _range_words(low_m2, high_m2, lang=lang) if fits else _no_value(plan, lang=lang),
        "locked": entry.locked,
        "free": entry.target_m2 is None,
        "min_m2": entry.min_m2,
        "max_m2": max_m2,
        "bounds": _bounds_words(entry.min_m2, max_m2, total_m2=total_m2, lang=lang),
        "names": names,
    }


def _no_value(plan: Plan, *, lang: str) -> str:
    """Say why no value of a use fits: locks and bounds are to blame only where there are some."""
    _ = partial(translate, lang=lang)
    if not any(plan.capacity.zone_rules):
        return _("No value yet: the zone of no parcel is known.")
    entries = plan.scenario.programme.targets
    if any(entry.locked or entry.min_m2 or entry.max_m2 is not None for entry in entries):
        return _("No value fits under the present locks.")
    return _("No value fits on these parcels.")


def _range_words(low_m2: float, high_m2: float, *, lang: str) -> str:
    """Say how far a use can go."""
    _ = partial(translate, lang=lang)
    if low_m2 == high_m2:
        return _("can only take {low}").format(low=m2(low_m2))
    return _("can take {low} to {high}").format(low=m2(low_m2), high=m2(high_m2))


def _bounds_words(min_m2: int, max_m2: int, *, total_m2: int, lang: str) -> str:
    """Say the planner's own least and most, for the button that opens them."""
    _ = partial(translate, lang=lang)
    if min_m2 > 0 and max_m2 < total_m2:
        said = _("Bounds: {low} to {high}")
    elif min_m2 > 0:
        said = _("Bounds: at least {low}")
    elif max_m2 < total_m2:
        said = _("Bounds: at most {high}")
    else:
        said = _("Bounds")
    return said.format(low=m2(min_m2), high=m2(max_m2))


def _absorbers(plan: Plan, earlier: Sequence[Programme], *, lang: str) -> str:
    """Say who absorbs a change."""
    _ = partial(translate, lang=lang)
    entries = plan.scenario.programme.targets
    total = m2(plan.scenario.programme.total_gfa_m2)
    unlocked = [use.label for use, e in zip(ALL_USES, entries, strict=True) if not e.locked]
    if len(unlocked) < 2:
        return _("All other uses are locked: unlock one so that it can absorb a change.")
    if any(entry.target_m2 is None for entry in entries):
        return _(
            "When one use moves, the free uses absorb the difference first, then the other "
            "unlocked ones in proportion to their size. Moving a free use fixes it. "
            "The total stays {total}."
        ).format(total=total)
    said = _(
        "When one use moves, the other unlocked ones ({uses}) absorb the difference in proportion "
        "to their size, as far as the parcels allow. The total stays {total}."
    ).format(uses=Joined(tuple(unlocked)).render(lang), total=total)
    return " ".join((said, *_from_nothing(plan.scenario.programme, earlier, lang=lang)))


def _from_nothing(
    programme: Programme, earlier: Sequence[Programme], *, lang: str
) -> Iterator[str]:
    """Say of each use whose move only uses at nothing can absorb, how they take it up."""
    for use, entry in zip(ALL_USES, programme.targets, strict=True):
        places = absorbing(programme, use.key)
        if not entry.target_m2 or entry.locked or len(places) < 2:
            continue
        if any(programme.targets[i].target_m2 for i in places):
            continue
        told = (
            N_(
                "{uses} are at nothing: when {use} moves, they take it up in the proportions that "
                "they had before."
            )
            if any(absorbing_weights(programme, use.key, earlier=earlier))
            else N_("{uses} are at nothing: when {use} moves, they take it up in equal parts.")
        )
        uses = Joined(tuple(ALL_USES[i].label for i in places))
        yield Text(told, {"uses": uses, "use": use.label}).render(lang)

"""The drawing of a parcel's floors: every m² of the parcel, top floor first, in words."""

from __future__ import annotations

import re

import numpy as np

from siteplan.evaluation import evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.maps.floor_stack import Run, floor_stack, runs
from siteplan.massing import Storey, storeys

PARCELS = read_parcels()
PLAN = evaluate(PARCELS, default_scenario(PARCELS))


def test_floors_that_hold_the_same_are_one_line() -> None:
    found = [
        Storey(-1, None, 50),
        Storey(1, "culture", 20),
        Storey(2, "culture", 19),
        Storey(3, "culture", 5),
        Storey(3, "housing", 14),
        Storey(4, "housing", 19),
    ]
    assert runs(found) == (
        Run(-1, -1, (None,), 50),
        Run(1, 2, ("culture",), 39),
        Run(3, 3, ("culture", "housing"), 19),
        Run(4, 4, ("housing",), 19),
    )


def test_every_square_metre_of_a_parcel_is_in_its_drawing() -> None:
    for row in np.flatnonzero(PLAN.parcel_gfa_m2).tolist():
        drawn = floor_stack(PLAN, row, lang="en")
        words = re.findall(r"<span>([^<]*) m²</span>", drawn)
        areas = [int(text.rsplit(" ", 1)[1].replace(",", "")) for text in words]
        assert sum(areas) == PLAN.parcel_gfa_m2[row]
        assert sum(one.area_m2 for one in storeys(PLAN.massing, row)) == sum(areas)


def test_an_empty_parcel_has_no_drawing_and_names_are_escaped() -> None:
    empty = int(np.flatnonzero(PLAN.parcel_gfa_m2 == 0)[0])
    assert floor_stack(PLAN, empty, lang="ko") == ""
    frame = PARCELS.frame.copy()
    frame["name_ko"] = frame["name_en"] = '"><script>x</script>'
    nasty = PARCELS.from_frame(frame, context=PARCELS.context)
    plan = evaluate(nasty, default_scenario(PARCELS))
    row = int(np.flatnonzero(plan.parcel_gfa_m2)[0])
    assert "<script" not in floor_stack(plan, row, lang="en")

"""분할: a parcel cut into lots by a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.edits import MOST_PIECES, Cut, Line
from siteplan.errors import InputError
from siteplan.issues import Issue
from siteplan.lots import shapes
from siteplan.lots._register import (
    check_free,
    columns_of,
    lettered,
    replaced,
    rows_of,
    source_of,
    weakest,
)
from siteplan.lots.areas import area_parts_m2
from siteplan.parcels import Parcels
from siteplan.text import sentence

if TYPE_CHECKING:
    import numpy.typing as npt

    Objects = npt.NDArray[np.object_]

MIN_PIECE_M2 = 1.0
"""A cut that leaves a piece smaller than this is refused: the line runs along an edge."""

_LETTERS_KO = "가나다라마바사아자차"
_LETTERS_EN = "ABCDEFGHIJ"


def cut_lots(parcels: Parcels, edit: Cut, *, found: Objects | None = None) -> Parcels:
    """Return the parcels after a cut; `found` are its pieces where they are known."""
    import shapely

    (row,) = rows_of(parcels, [edit.parcel_id])
    check_free(parcels, edit)
    if found is None:
        found = pieces_of(parcels, row, edit.line)
    if len(found) != len(edit.new_ids):
        raise InputError(
            sentence(
                "The line cuts {parcel} into {count} pieces, but {named} ids are given. Give one "
                "id for each piece.",
                parcel=parcels.label(row),
                count=len(found),
                named=len(edit.new_ids),
            )
        )
    areas_m2 = area_parts_m2(float(parcels.site_area_m2[row]), shapely.area(found).tolist())
    common = columns_of(parcels, row)
    parts = parcels.zone_parts[row]
    source = source_of(parcels, [row], word="분할 cut from")
    lots = [
        {
            **common,
            "ids": new_id,
            "geometry": found[n],
            "site_area_m2": areas_m2[n],
            "zone_verified": bool(common["zone_verified"]) and not parts,
            "evidence": weakest((common["evidence"], "supplied")),
            "pnus": None,
            "jibuns": lettered(common["jibuns"], _LETTERS_KO[n]),
            "names_ko": lettered(common["names_ko"], _LETTERS_KO[n]),
            "names_en": lettered(common["names_en"], _LETTERS_EN[n]),
            "sources": source,
        }
        for n, new_id in enumerate(edit.new_ids)
    ]
    name = parcels.label(row)
    details: dict[str, object] = {"parcel": name, "count": len(found)}
    issues = [Issue("cut_drawn", edit.new_ids, details)]
    if parts:
        zones = ", ".join(zone for zone, _ in parts)
        issues.append(Issue("cut_zone_parts", edit.new_ids, {"parcel": name, "zones": zones}))
    return replaced(parcels, edit, rows=[row], lots=lots, issues=issues)


def pieces_of(parcels: Parcels, row: int, line: Line) -> Objects:
    """Return the outlines of the pieces, or refuse the line in words."""
    import shapely

    found = shapes.pieces(parcels.geometry[row], line)
    name = parcels.label(row)
    whole_m2 = float(shapely.area(parcels.geometry[row]))
    if len(found) < 2 or not np.isclose(shapely.area(found).sum(), whole_m2, rtol=1e-6, atol=1e-3):
        raise InputError(
            sentence(
                "The line does not cut {parcel} in two. Draw it across the lot, from one side to "
                "the other.",
                parcel=name,
            )
        )
    if len(found) > MOST_PIECES:
        raise InputError(
            sentence(
                "The line cuts {parcel} into {count} pieces; at most {most} are made at once. "
                "Draw a simpler line.",
                parcel=name,
                count=len(found),
                most=MOST_PIECES,
            )
        )
    least_m2 = float(shapely.area(found).min())
    if least_m2 < MIN_PIECE_M2:
        raise InputError(
            sentence(
                "The line would leave a piece of {area:.2f} m² of {parcel}: it runs along an edge "
                "or past a corner. Draw it further inside.",
                area=least_m2,
                parcel=name,
            )
        )
    return found

"""합필: parcels that adjoin, made one lot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.edits import Merge
from siteplan.errors import InputError
from siteplan.geometry import POLYGON
from siteplan.issues import Issue
from siteplan.lots import shapes
from siteplan.lots._register import (
    and_more,
    by_size,
    check_free,
    columns_of,
    listed,
    plus_more,
    replaced,
    rows_of,
    source_of,
    weakest,
)
from siteplan.lots.areas import area_sum_m2
from siteplan.parcels import Parcels, ZoneParts
from siteplan.text import sentence

if TYPE_CHECKING:
    import numpy.typing as npt

    Objects = npt.NDArray[np.object_]


def merged_lots(parcels: Parcels, edit: Merge) -> Parcels:
    """Return the parcels after a merge."""
    rows = by_size(parcels, rows_of(parcels, edit.ids))
    check_free(parcels, edit)
    outlines = parcels.geometry[rows]
    _check_adjoining(parcels, rows, outlines)
    union = shapes.joined(outlines)
    import shapely

    if shapely.get_type_id(union.geometry) != POLYGON:
        raise InputError(
            sentence(
                "Merged, {lots} would be {count} parts that lie apart. Merge only parcels that "
                "are one piece of ground.",
                lots=listed(parcels, rows),
                count=int(shapely.get_num_geometries(union.geometry)),
            )
        )
    lot, found = _merged_facts(parcels, rows)
    lot |= {"ids": edit.new_id, "geometry": union.geometry}
    if union.gaps_m2 > 0:
        closed: dict[str, object] = {"width": shapes.SNAP_M, "area": union.gaps_m2}
        found.append(("merged_gap_closed", closed))
    names = listed(parcels, rows)
    issues = [Issue(code, (edit.new_id,), {"lots": names, **details}) for code, details in found]
    return replaced(parcels, edit, rows=rows, lots=[lot], issues=issues)


def _merged_facts(
    parcels: Parcels, rows: list[int]
) -> tuple[dict[str, Any], list[tuple[str, dict[str, object]]]]:
    """Return the merged lot's columns and what is to be said; `rows` has the largest first."""
    lead = rows[0]
    area_m2 = [float(parcels.site_area_m2[row]) for row in rows]
    found: list[tuple[str, dict[str, object]]] = [("merge_conditions", {})]
    pnus = [pnu for row in rows if (pnu := parcels.pnus[row])]
    dongs, registers = {pnu[:10] for pnu in pnus}, {pnu[10] for pnu in pnus}
    if len(dongs) > 1:
        found.append(("merged_across_dong", {"dongs": ", ".join(sorted(dongs))}))
    if len(registers) > 1:
        found.append(("merged_land_and_forest", {}))
    jimoks = {parcels.jimoks[row] for row in rows}
    if len(jimoks) > 1:
        named = ", ".join(sorted(jimok or "–" for jimok in jimoks))
        found.append(("merged_jimok_differs", {"jimoks": named}))
    zone, parts = _merged_zones([(parcels.zones[r], parcels.zone_parts[r]) for r in rows], area_m2)
    if parts:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in parts)
        if len({(parcels.zones[row], parcels.zone_parts[row]) for row in rows}) > 1:
            found.append(("merged_zones_differ", {"shares": shares, "zone": zone}))
    known = {parcels.zones[row] is not None for row in rows}
    if len(known) > 1:
        others = ", ".join(name for name, _ in parts) or zone
        found.append(("merged_zone_missing", {"zones": others}))
    price = [float(parcels.land_price_krw_per_m2[row]) for row in rows]
    return {
        **columns_of(parcels, lead),
        "site_area_m2": area_sum_m2(area_m2),
        "zones": zone,
        "zone_parts": parts,
        "zone_verified": bool(parcels.zone_verified[rows].all()),
        "evidence": weakest(parcels.evidence[row] for row in rows),
        "pnus": None,
        "jibuns": and_more([parcels.jibuns[row] for row in rows]),
        "names_ko": and_more([parcels.names_ko[row] for row in rows]),
        "names_en": plus_more([parcels.names_en[row] for row in rows]),
        "sources": source_of(parcels, rows, word="합필 merged from"),
        "jimoks": parcels.jimoks[lead] if len(jimoks) == 1 else None,
        "land_price_krw_per_m2": float(np.average(price, weights=area_m2)),
    }, found


def _merged_zones(
    zones: list[tuple[str | None, ZoneParts]], area_m2: list[float]
) -> tuple[str | None, ZoneParts]:
    """Return the zone and the shares of a merged lot; parcels without a zone have no share."""
    if len(set(zones)) == 1:
        return zones[0]
    held_m2: dict[str, float] = {}
    for (zone, parts), whole_m2 in zip(zones, area_m2, strict=True):
        for name, share in parts or (((zone, 1.0),) if zone else ()):
            held_m2[name] = held_m2.get(name, 0.0) + share * whole_m2
    if not held_m2:
        return None, ()
    total_m2 = sum(held_m2.values())
    ranked = sorted(held_m2.items(), key=lambda entry: (-entry[1], entry[0]))
    if len(ranked) == 1:
        return ranked[0][0], ()
    return ranked[0][0], tuple((name, area / total_m2) for name, area in ranked)


def _check_adjoining(parcels: Parcels, rows: list[int], outlines: Objects) -> None:
    """Refuse parcels that do not hang together, naming the nearest one that lies apart."""
    import shapely

    group = shapes.components(outlines)
    if not group.any():
        return
    with_lead = shapely.union_all(outlines[group == group[0]])
    apart = np.flatnonzero(group != group[0])
    away_m = shapely.distance(outlines[apart], with_lead)
    nearest = int(away_m.argmin())
    name = parcels.label(rows[int(apart[nearest])])
    rest = listed(parcels, [row for row, g in zip(rows, group, strict=True) if g == group[0]])
    if away_m[nearest] > shapes.SNAP_M:
        raise InputError(
            sentence(
                "{parcel} lies {distance:,.2f} m apart from {others}. Merge only parcels that "
                "adjoin, or add what lies between.",
                parcel=name,
                distance=float(away_m[nearest]),
                others=rest,
            )
        )
    raise InputError(
        sentence(
            "{parcel} only touches {others} at a corner: they share less than {least} m of edge. "
            "Merge only parcels that adjoin.",
            parcel=name,
            others=rest,
            least=shapes.MIN_EDGE_M,
        )
    )

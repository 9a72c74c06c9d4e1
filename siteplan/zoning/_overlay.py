"""Parcels with the zones that polygons or the land register give them, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siteplan.issues import Issue
from siteplan.rules import legal_zone
from siteplan.zoning._polygons import Zones
from siteplan.zoning._shares import SLIVER_M2, SLIVER_WIDTH_M, ZoneShares, zone_shares

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.parcels import Parcels, ZoneParts

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

_NO_ZONE = ("", "지정되지않음", "-", "none", "nan")
_EXAMPLES = 3


def zoned(parcels: Parcels, zones: Zones) -> Parcels:
    """Return the parcels with the zones that polygons give them, and what was found.

    Parameters
    ----------
    parcels : Parcels
    zones : Zones

    Returns
    -------
    Parcels
        The overlay decides the zone of each parcel that it covers: the zone with the largest
        share, and `zone_parts` where it is several. The file's own zone stays where no polygon
        covers a parcel; where the two differ, both are listed. A zone counts as verified only
        where it is the only one and a verified zone of the parcel's own agrees: an overlay is as
        good as its file.
        Where a part of a lot lies in no zone, the zones' shares are taken of the part that does.
    """
    shares = zone_shares(parcels.geometry, zones.geometry, zones.names)
    own = [None if zone is None else legal_zone(zone) or zone for zone in parcels.zones]
    over = [parts[0][0] if parts else None for parts in shares.parts]
    names = tuple(
        before if zone is None else zone for before, zone in zip(parcels.zones, over, strict=True)
    )
    agrees = np.array(
        [
            not parts or (len(parts) == 1 and parts[0][0] == zone)
            for parts, zone in zip(shares.parts, own, strict=True)
        ],
        dtype=bool,
    )
    verified = parcels.zone_verified & agrees
    told = _overlay_findings(parcels, zones, shares, own=own, over=over)
    outside = {i for i, zone in zip(parcels.ids, over, strict=True) if zone is None}
    found = [
        *_still_open(parcels.issues, outside),
        *zones.issues,
        *_zone_states(parcels.ids, names, verified),
        *told,
    ]
    return replace(
        parcels,
        zones=names,
        zone_verified=verified,
        zone_parts=tuple(
            _of_covered(parts) if parts else before
            for parts, before in zip(shares.parts, parcels.zone_parts, strict=True)
        ),
        issues=tuple(found),
    )


_STATES = ("zone_missing", "zone_unverified")
"""Findings of the reader about zones; they are made anew."""


def _still_open(issues: Sequence[Issue], outside: set[str]) -> list[Issue]:
    """Return the findings that the overlay does not answer, of lots outside it the old ones."""
    left = []
    for issue in issues:
        if issue.code == "zone_straddles_register":
            ids = tuple(i for i in issue.parcel_ids if i in outside)
            words = str(issue.details["examples"]).split("; ")
            shown = [text for text in words if text.partition(": ")[0] in outside] or ids[:1]
            if ids:
                left.append(replace(issue, parcel_ids=ids, details={"examples": "; ".join(shown)}))
        elif issue.code not in _STATES:
            left.append(issue)
    return left


def _of_covered(parts: ZoneParts) -> ZoneParts:
    """Return shares of the part that zones cover; none for one zone."""
    if len(parts) == 1:
        return ()
    covered = sum(share for _, share in parts)
    return tuple((name, share / covered) for name, share in parts)


def _zone_states(
    ids: tuple[str, ...], names: tuple[str | None, ...], verified: Bools
) -> list[Issue]:
    missing = tuple(i for i, name in zip(ids, names, strict=True) if name is None)
    unverified = tuple(
        i for i, name, ok in zip(ids, names, verified, strict=True) if name is not None and not ok
    )
    found = [Issue("zone_missing", missing)] if missing else []
    return [*found, Issue("zone_unverified", unverified)] if unverified else found


def _overlay_findings(
    parcels: Parcels,
    zones: Zones,
    shares: ZoneShares,
    *,
    own: list[str | None],
    over: list[str | None],
) -> list[Issue]:
    """Say what the overlay did to which parcels."""
    ids = np.array(parcels.ids, dtype=object)
    covered = np.array([zone is not None for zone in over], dtype=bool)
    several = np.array([len(parts) > 1 for parts in shares.parts], dtype=bool)
    conflict = np.array(
        [z is not None and o is not None and z != o for z, o in zip(over, own, strict=True)],
        dtype=bool,
    )
    open_part = covered & (shares.uncovered_ratio > 0)
    slivers = shares.sliver_m2 >= _NOTED_M2
    doubled = shares.doubled_m2 >= SLIVER_M2

    def examples(rows: Bools, words: Sequence[str]) -> str:
        few = np.flatnonzero(rows)[:_EXAMPLES].tolist()
        return "; ".join(f"{parcels.ids[row]}: {words[row]}" for row in few)

    lists = [_parts_words(parts) for parts in shares.parts]
    both = [f"{o} / {z}" for o, z in zip(own, over, strict=True)]
    lacking = [f"{ratio * 100:.1f} %" for ratio in shares.uncovered_ratio.tolist()]
    area = f"{shares.sliver_m2.sum():,.1f} m²", f"{shares.doubled_m2.sum():,.0f} m²"
    limits = {"least": f"{SLIVER_M2:g}", "width": f"{SLIVER_WIDTH_M:g}"}
    table: list[tuple[str, Bools, dict[str, object]]] = [
        ("zone_from_overlay", covered, {}),
        ("zone_straddles", several, {"examples": examples(several, lists)}),
        ("zone_conflict", conflict, {"examples": examples(conflict, both)}),
        ("zone_outside", ~covered, {}),
        ("zone_partly_outside", open_part, {"examples": examples(open_part, lacking)}),
        ("zone_doubled", doubled, {"area": area[1]}),
        ("zone_slivers", slivers, {"area": area[0], **limits}),
    ]
    return [
        Issue(code, tuple(ids[rows].tolist()), {**details, "source": zones.source})
        for code, rows, details in table
        if rows.any()
    ]


_NOTED_M2 = 0.01
"""Drawing differences below this area are rounding and not worth a line."""


def _parts_words(parts: ZoneParts) -> str:
    return ", ".join(f"{name} {share * 100:.1f} %" for name, share in parts)


def register_straddlers(
    zone1_texts: Sequence[object], zone2_texts: Sequence[object]
) -> npt.NDArray[np.intp]:
    """Return the rows that the land register puts into two zones (용도지역1, 용도지역2).

    Parameters
    ----------
    zone1_texts, zone2_texts : sequence, length n
        Texts of the two columns. An empty second one, "지정되지않음", or the same zone again
        means one zone.

    Returns
    -------
    ndarray of int
        Ascending. The register does not say by which shares.
    """
    rows = [
        row
        for row, (one, two) in enumerate(zip(zone1_texts, zone2_texts, strict=True))
        if (second := _register_zone(two)) is not None and second != _register_zone(one)
    ]
    return np.array(rows, dtype=np.intp)


def _register_zone(text: object) -> str | None:
    compact = "".join(text.split()) if isinstance(text, str) else ""
    return None if compact.casefold() in _NO_ZONE else legal_zone(compact) or compact


def check_register_zones(
    ids: Sequence[str], zone1_texts: Sequence[object], zone2_texts: Sequence[object]
) -> list[Issue]:
    """Return the finding about lots in two zones by the register, of unknown shares."""
    rows = register_straddlers(zone1_texts, zone2_texts).tolist()
    if not rows:
        return []
    examples = "; ".join(
        f"{ids[row]}: {zone1_texts[row] or '–'} / {zone2_texts[row]}" for row in rows[:_EXAMPLES]
    )
    straddling = tuple(ids[row] for row in rows)
    return [Issue("zone_straddles_register", straddling, {"examples": examples})]

"""Parcels: facts about sites, checked once and never changed.

`Parcels.from_frame` turns a frame that was read from a file into schema-valid parcels in
EPSG:5186 and lists every finding. Arrays are read-only and in the order of the ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.cadastre.agreement import disagreements, lot_number_issues, settled_jimoks
from siteplan.cadastre.lot_number import lot_numbers
from siteplan.cadastre.pnu import PnuStatus, checked_pnus
from siteplan.context import Context
from siteplan.errors import InputError
from siteplan.issues import Issue
from siteplan.text import Label, sentence
from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Objects = npt.NDArray[np.object_]

FACT_COLUMNS = (
    "parcel_id",
    "pnu",
    "jibun",
    "name_ko",
    "name_en",
    "zone",
    "zone_verified",
    "site_area_m2",
    "evidence",
    "source",
    "jimok",
    "land_price_krw_per_m2",
    "zone_parts",
)
"""Columns of `Parcels.frame` beside the geometry; missing text is None."""

EVIDENCE = ("official", "supplied", "published", "schematic")
"""Where an outline comes from: an official survey, a file that does not say, a published lot
number with our own outline, or drawn by siteplan altogether."""

ZoneParts = tuple[tuple[str, float], ...]

DRAWN_BY_US = ("published", "schematic")
"""Kinds of `EVIDENCE` whose outline is schematic."""


@dataclass(frozen=True, eq=False)
class Parcels:
    """Parcels of a study, immutable.

    Build with `Parcels.from_frame` or `siteplan.read_parcels`; the constructor takes columns
    that are already checked.

    Parameters
    ----------
    ids : tuple of str
        Unique ids, n of them; the row order of every array here and in a `Plan`.
    geometry : ndarray of shapely (Multi)Polygons, shape (n,)
        Valid outlines in EPSG:5186.
    site_area_m2 : ndarray of float, shape (n,)
        Register area where known, else the outline's.
    zones, pnus, jibuns, names_ko, names_en, sources : tuple of (str or None)
        Facts as text.
    zone_verified : ndarray of bool, shape (n,)
    evidence : tuple of str
        One of `EVIDENCE` per parcel.
    jimoks : tuple of (str or None)
        Land category (지목) as its register letter, e.g. "대"; empty when no file carried any.
    land_price_krw_per_m2 : ndarray of float, shape (n,) or (0,)
        Officially assessed land price (개별공시지가), not-a-number where unknown.
    zone_parts : tuple of tuple of (str, float)
        Zones of a parcel that lies in several, each with its share of the area (sum 1), the
        largest first; empty for a parcel in one zone.
    issues : tuple of Issue
        What was found, repaired or assumed on the way in.
    context : Context
        Stations, roads, stream, parks and the like round the parcels; may be empty.
    """

    ids: tuple[str, ...]
    geometry: Objects
    site_area_m2: Floats
    zones: tuple[str | None, ...]
    zone_verified: npt.NDArray[np.bool_]
    evidence: tuple[str, ...]
    pnus: tuple[str | None, ...]
    jibuns: tuple[str | None, ...]
    names_ko: tuple[str | None, ...]
    names_en: tuple[str | None, ...]
    sources: tuple[str | None, ...]
    jimoks: tuple[str | None, ...] = ()
    land_price_krw_per_m2: Floats = field(default_factory=lambda: np.zeros(0))
    zone_parts: tuple[ZoneParts, ...] = ()
    issues: tuple[Issue, ...] = ()
    context: Context = field(default_factory=Context)

    def __post_init__(self) -> None:
        fill = object.__setattr__
        if not self.jimoks:
            fill(self, "jimoks", (None,) * len(self.ids))
        if not len(self.land_price_krw_per_m2):
            fill(self, "land_price_krw_per_m2", np.full(len(self.ids), np.nan))
        if not self.zone_parts:
            fill(self, "zone_parts", ((),) * len(self.ids))
        for array in (
            self.geometry,
            self.site_area_m2,
            self.zone_verified,
            self.land_price_krw_per_m2,
        ):
            array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"Parcels({len(self)} parcels, {self.site_area_m2.sum():,.0f} m², {self.digest})"

    @cached_property
    def index(self) -> dict[str, int]:
        """Row of each id."""
        return {parcel_id: row for row, parcel_id in enumerate(self.ids)}

    @cached_property
    def id_order(self) -> npt.NDArray[np.intp]:
        """Rows in the order of their ids: what makes a plan independent of the file's order."""
        return np.argsort(np.array(self.ids), kind="stable")

    @cached_property
    def digest(self) -> str:
        """12 hexadecimal digits made from all facts (outlines to 1 mm) and the context."""
        import shapely

        blake = hashlib.blake2b(digest_size=6)
        texts = (self.zones, self.evidence, self.pnus, self.jibuns, self.names_ko, self.names_en)
        for column in (self.ids, *texts):
            blake.update("\x1f".join(text or "" for text in column).encode() + b"\x1e")
        blake.update("\x1f".join(map(zone_parts_text, self.zone_parts)).encode() + b"\x1e")
        blake.update(np.round(self.site_area_m2, 3).tobytes())
        blake.update(np.round(shapely.get_coordinates(self.geometry), 3).tobytes())
        blake.update(self.context.digest.encode())
        return blake.hexdigest()

    @cached_property
    def criterion_distances_m(self) -> dict[str, Floats]:
        """Distance of each parcel's outline to each criterion's nearest object, in metres."""
        return self.context.distances_m(self.geometry)

    def take(self, rows: npt.NDArray[np.intp]) -> Parcels:
        """Return the parcels of some rows, in that order, with the same findings and context."""
        picked: dict[str, Any] = {}
        for column in fields(self):
            value = getattr(self, column.name)
            if isinstance(value, np.ndarray):
                picked[column.name] = value[rows]
            elif isinstance(value, tuple) and column.name != "issues":
                picked[column.name] = tuple(value[row] for row in rows.tolist())
        return replace(self, **picked)

    def name(self, row: int, *, lang: str) -> str:
        """Return what to call a parcel on screen: its name, else its lot number, else its id."""
        named = self.names_ko[row] if lang == "ko" else (self.names_en[row] or self.names_ko[row])
        return named or self.jibuns[row] or self.ids[row]

    def label(self, row: int) -> Label:
        """Return what to call a parcel in a sentence of either language."""
        return Label(self.name(row, lang="ko"), self.name(row, lang="en"))

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """A new GeoDataFrame in EPSG:5186 with `FACT_COLUMNS`; changing it changes nothing here."""
        import geopandas as gpd

        return gpd.GeoDataFrame(
            {
                "parcel_id": list(self.ids),
                "pnu": list(self.pnus),
                "jibun": list(self.jibuns),
                "name_ko": list(self.names_ko),
                "name_en": list(self.names_en),
                "zone": list(self.zones),
                "zone_verified": self.zone_verified.copy(),
                "site_area_m2": self.site_area_m2.copy(),
                "evidence": list(self.evidence),
                "source": list(self.sources),
                "jimok": list(self.jimoks),
                "land_price_krw_per_m2": self.land_price_krw_per_m2.copy(),
                "zone_parts": [zone_parts_text(parts) or None for parts in self.zone_parts],
            },
            geometry=self.geometry.copy(),
            crs=WORK_EPSG,
        )

    @classmethod
    def from_frame(
        cls,
        frame: gpd.GeoDataFrame,
        *,
        issues: Sequence[Issue] = (),
        context: Context | None = None,
    ) -> Parcels:
        """Check a frame and take its facts.

        Parameters
        ----------
        frame : GeoDataFrame
            Any declared CRS; the columns of `FACT_COLUMNS` that it has (others are left out).
            Outlines must be valid polygons or multipolygons (`siteplan.geometry.repaired`).
        issues : sequence of Issue
            Findings of the reader, kept in front of the ones found here.
        context : Context, optional
            What lies round the parcels.

        Raises
        ------
        InputError
            No CRS, or no rows.
        """
        if frame.crs is None:
            raise InputError(
                sentence(
                    "The parcels declare no coordinate system. Say which one they are in, "
                    "e.g. EPSG:5186 (--crs EPSG:5186)."
                )
            )
        if len(frame) == 0:
            raise InputError(
                sentence("There are no parcels in the data. Load a file with polygons.")
            )
        work = frame if frame.crs.to_epsg() == WORK_EPSG else frame.to_crs(WORK_EPSG)
        columns, found = _checked_columns(work)
        return cls(
            **columns,
            geometry=np.asarray(work.geometry.array, dtype=object).copy(),
            issues=(*issues, *found),
            context=context if context is not None else Context(),
        )


def _checked_columns(work: gpd.GeoDataFrame) -> tuple[dict[str, Any], list[Issue]]:
    """Return the constructor's columns and the findings made while reading them."""
    facts, ids, found = _register_facts(work)
    site_area_m2, bad_area = _site_areas(work, ids=ids)
    found += bad_area
    zones = column_texts(work, "zone")
    without_zone = tuple(i for i, zone in zip(ids, zones, strict=True) if zone is None)
    if without_zone:
        found.append(Issue("zone_missing", without_zone))
    verified = (
        work["zone_verified"].fillna(value=False).astype(bool).to_numpy(dtype=bool, copy=True)
        if "zone_verified" in work
        else np.zeros(len(work), dtype=bool)
    )
    unverified = (
        tuple(
            i
            for i, ok, zone in zip(ids, verified.tolist(), zones, strict=True)
            if zone is not None and not ok
        )
        if len(without_zone) < len(ids)
        else ()
    )
    if unverified:
        found.append(Issue("zone_unverified", unverified))
    evidence = ("supplied",) * len(ids)
    schematic: tuple[str, ...] = ()
    if "evidence" in work:
        texts = column_texts(work, "evidence")
        evidence = tuple(text if text in EVIDENCE else "supplied" for text in texts)
        schematic = tuple(i for i, e in zip(ids, evidence, strict=True) if e in DRAWN_BY_US)
    if schematic:
        found.append(Issue("schematic_outlines", schematic))
    return {
        "ids": ids,
        "site_area_m2": site_area_m2,
        "zones": tuple(zones),
        "zone_verified": verified,
        "evidence": evidence,
        **facts,
        "names_ko": tuple(column_texts(work, "name_ko")),
        "names_en": tuple(column_texts(work, "name_en")),
        "sources": tuple(column_texts(work, "source")),
        "land_price_krw_per_m2": _numbers(work, "land_price_krw_per_m2"),
        "zone_parts": tuple(zone_parts_from(text) for text in column_texts(work, "zone_parts"))
        if "zone_parts" in work
        else ((),) * len(ids),
    }, found


def _register_facts(
    work: gpd.GeoDataFrame,
) -> tuple[dict[str, tuple[str | None, ...]], tuple[str, ...], list[Issue]]:
    """Return PNUs, lot numbers and land categories made plain, one id per row, and findings."""
    check = checked_pnus(work["pnu"].tolist() if "pnu" in work else [None] * len(work))
    lost = check.status == PnuStatus.FLOAT_DAMAGED
    names = [
        None if gone else plain or given or None
        for plain, given, gone in zip(check.texts, check.given, lost.tolist(), strict=True)
    ]
    ids, found = _unique_ids(column_texts(work, "parcel_id"), pnus=names, rows=_row_numbers(work))
    found += check.issues(ids)
    given = column_texts(work, "jibun")
    lots = lot_numbers(given)
    found += lot_number_issues(lots, given=given, ids=ids)
    shapes = np.asarray(work.geometry.array, dtype=object)
    refused, contradictions = disagreements(check, lots, ids=ids, shapes=shapes)
    jimoks, odd = settled_jimoks(column_texts(work, "jimok"), lots=lots, ids=ids)
    found += [*contradictions, *odd]
    pnus = list(check.texts)
    for row in np.flatnonzero(refused).tolist():
        pnus[row] = None
    return {"pnus": tuple(pnus), "jibuns": lots.texts, "jimoks": jimoks}, ids, found


def zone_parts_text(parts: ZoneParts) -> str:
    """Return zones and shares as one text, "제3종일반주거지역:0.6;준주거지역:0.4"."""
    return ";".join(f"{zone}:{share!r}" for zone, share in parts)


def zone_parts_from(text: str | None) -> ZoneParts:
    """Return the parts that `zone_parts_text` wrote; text of another form gives none."""
    parts = []
    for piece in (text or "").split(";"):
        zone, colon, share = piece.rpartition(":")
        try:
            parts.append((zone, float(share)))
        except ValueError:
            return ()
        if not colon or not zone or not 0 < parts[-1][1] <= 1:
            return ()
    return tuple(parts)


def _numbers(work: gpd.GeoDataFrame, name: str) -> Floats:
    """Return a column as numbers, not-a-number where absent or no number."""
    import pandas as pd

    if name not in work:
        return np.full(len(work), np.nan)
    numbers: Floats = pd.to_numeric(work[name], errors="coerce").to_numpy(dtype=float, copy=True)
    return numbers


def column_texts(work: gpd.GeoDataFrame, name: str) -> list[str | None]:
    """Return a column as stripped text, None where empty, absent or not a value."""
    if name not in work:
        return [None] * len(work)
    missing, values = work[name].isna().to_numpy(), work[name].tolist()
    if not missing.any() and set(map(type, values)) == {str}:
        stripped: list[str | None] = list(map(str.strip, values))
        return stripped if all(stripped) else [text or None for text in stripped]
    return [
        None if gone else str(value).strip() or None
        for value, gone in zip(values, missing.tolist(), strict=True)
    ]


def _row_numbers(work: gpd.GeoDataFrame) -> list[int]:
    """Return the number of each row, from 0: its place in the file where the index tells it."""
    index = work.index
    if index.dtype.kind == "i" and index.is_unique and len(index) and int(index.min()) >= 0:
        return [int(number) for number in index.tolist()]
    return list(range(len(work)))


def _unique_ids(
    given: list[str | None], *, pnus: list[str | None], rows: list[int]
) -> tuple[tuple[str, ...], list[Issue]]:
    """Return one id per row: the given one, else the PNU, else the row's number."""
    wished = [
        parcel_id or pnu or f"row-{row + 1}"
        for row, parcel_id, pnu in zip(rows, given, pnus, strict=True)
    ]
    taken = set(wished)
    if len(taken) == len(wished):
        return tuple(wished), []
    seen: dict[str, list[str]] = {}
    numbers: dict[str, int] = {}
    ids: list[str] = []
    for wish in wished:
        if wish not in seen:
            seen[wish] = []
            ids.append(wish)
            continue
        number = numbers.get(wish, 2)
        while f"{wish}#{number}" in taken:
            number += 1
        numbers[wish] = number + 1
        name = f"{wish}#{number}"
        taken.add(name)
        seen[wish].append(name)
        ids.append(name)
    found = [
        Issue(
            "duplicate_id",
            (wish, *names),
            {"id": wish, "count": len(names) + 1, "renamed": ", ".join(names)},
        )
        for wish, names in seen.items()
        if names
    ]
    return tuple(ids), found


def _site_areas(work: gpd.GeoDataFrame, *, ids: tuple[str, ...]) -> tuple[Floats, list[Issue]]:
    """Return register areas where given and sound, else the outlines' areas, in m²."""
    import pandas as pd
    import shapely

    outline_m2 = shapely.area(np.asarray(work.geometry.array, dtype=object))
    if "site_area_m2" not in work:
        return outline_m2, [Issue("area_from_outline", ids)]
    given_m2 = pd.to_numeric(work["site_area_m2"], errors="coerce").to_numpy(dtype=float)
    sound = np.isfinite(given_m2) & (given_m2 > 0)
    found = []
    if not sound.all():
        found.append(
            Issue("area_invalid", tuple(i for i, ok in zip(ids, sound, strict=True) if not ok))
        )
    return np.where(sound, given_m2, outline_m2), found

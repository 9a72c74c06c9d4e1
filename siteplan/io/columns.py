"""Which column of a foreign file is which fact of a parcel, and its values made plain.

Sources of the names: the national download of the continuous cadastral map (LSMD_CONT_LDREG),
land characteristics (AL_D194), cadastral outlines (AL_D002), VWorld's data service, urban plan
zones (UPIS_C_UQ111), and the columns that siteplan itself writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siteplan.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import pandas as pd

ALIASES: dict[str, tuple[str, ...]] = {
    "parcel_id": ("parcel_id",),
    "pnu": ("pnu", "고유번호", "필지고유번호", "pnu_cd", "pnu코드"),
    "jibun": ("jibun", "지번", "지번지목", "mnnmslno"),
    "name_ko": ("name_ko", "name", "이름", "명칭", "필지명"),
    "name_en": ("name_en",),
    "zone": (
        "zone_regst",
        "zone",
        "용도지역",
        "용도지역1",
        "용도지역명",
        "용도지역명1",
        "uname",
        "dgm_nm",
        "prposarea1nm",
    ),
    "zone_verified": ("zone_verified", "zone_verif"),
    "site_area_m2": (
        "site_area_m2",
        "site_m2",
        "area_m2",
        "대장면적",
        "토지면적",
        "면적",
        "lndpclar",
    ),
    "evidence": ("evidence",),
    "source": ("source",),
    "jimok": ("jimok", "지목", "지목명", "lndcgrcodenm"),
    "land_price_krw_per_m2": (
        "land_price_krw_per_m2",
        "landprice",
        "공시지가",
        "개별공시지가",
        "jiga",
        "pblntfpclnd",
    ),
    "zone_parts": ("zone_parts",),
}
"""Fact -> names in files, without regard to case; the first that a file has is taken."""

ZONE_REGISTER = "zone_regst"
"""Column in which siteplan writes the zone of the data; `zone` is the one that a plan applied."""


@dataclass(frozen=True)
class Layout:
    """A national file whose columns are only numbered.

    Parameters
    ----------
    needs : tuple of str
        Columns that tell the layout.
    lacks : tuple of str
        Columns that another layout would have.
    columns : dict of str to str
        Fact -> column.
    """

    needs: tuple[str, ...]
    lacks: tuple[str, ...]
    columns: dict[str, str]


LAYOUTS = (
    Layout(
        ("a1", "a12", "a14", "a20"),
        (),
        {"pnu": "a1", "site_area_m2": "a12", "zone": "a14"},
    ),
    Layout(("a1", "a4", "a5"), ("a9",), {"pnu": "a1", "jibun": "a5"}),
)
"""Numbered layouts: land characteristics, then cadastral outlines; only where a1 holds PNUs."""

_TRUE = {"true", "t", "yes", "y", "1", "1.0"}


def recognised(frame: gpd.GeoDataFrame) -> dict[str, str]:
    """Return fact -> column of the frame, for the facts that it holds."""
    names = {
        str(name).strip().casefold(): str(name)
        for name in reversed(frame.columns)
        if name != frame.geometry.name
    }
    found = {
        fact: names[alias]
        for fact, aliases in ALIASES.items()
        for alias in aliases[::-1]
        if alias in names
    }
    for layout in LAYOUTS:
        fits = all(n in names for n in layout.needs) and not any(n in names for n in layout.lacks)
        if fits and "pnu" not in found and _holds_pnus(frame[names[layout.columns["pnu"]]]):
            named = {fact: names[column] for fact, column in layout.columns.items()}
            return {**named, **found}
    return found


def facts(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, dict[str, str], list[Issue]]:
    """Return the facts of a foreign frame under siteplan's names.

    Parameters
    ----------
    frame : GeoDataFrame
        As read, n rows.

    Returns
    -------
    facts : GeoDataFrame
        The columns of `siteplan.parcels.FACT_COLUMNS` that the file has, n rows in their order.
    columns : dict of str to str
        Fact -> the file's own column.
    issues : list of Issue
        Columns whose values were damaged before they came here.
    """
    import geopandas as gpd

    columns = recognised(frame)
    taken: dict[str, list[object]] = {}
    issues: list[Issue] = []
    for fact, column in columns.items():
        values = frame[column]
        if fact == "pnu" and values.dtype.kind == "f":
            lost = values.dropna()
            if len(lost):
                details = {"column": column, "example": f"{lost.iloc[0]:.6g}"}
                issues.append(Issue("column_damaged", (), details))
            continue
        taken[fact] = [
            None if gone else _READ.get(fact, _plain)(value)
            for value, gone in zip(values.tolist(), values.isna().tolist(), strict=True)
        ]
    result = gpd.GeoDataFrame(
        taken, index=frame.index, geometry=frame.geometry.array, crs=frame.crs
    )
    return result, columns, issues


def file_kind(frame: gpd.GeoDataFrame, *, columns: dict[str, str]) -> str:
    """Return what the file seems to be: parcels, zoning, buildings, land price or other."""
    names = {str(name).casefold() for name in frame.columns}
    if names & {"uname", "dgm_nm", "dgm_ar", "prposarea1nm"} and "pnu" not in columns:
        return "zoning"
    if names & {"a9", "buld_nm", "bldg_nm", "grnd_flr", "gro_flo_co"} and "pnu" not in columns:
        return "buildings"
    if names & {"공시지가", "pblntfpclnd"} and "jibun" not in columns and "zone" not in columns:
        return "land price"
    return "parcels" if {"pnu", "jibun", "parcel_id", "site_area_m2"} & set(columns) else "other"


def _holds_pnus(values: pd.Series[Any]) -> bool:
    """Tell whether most of the values have the form of a PNU."""
    sample = [str(value).strip() for value in values.dropna().head(50).tolist()]
    fitting = sum(len(text) == 19 and text.isdigit() for text in sample)
    return bool(sample) and fitting * 2 > len(sample)


def _plain(value: object) -> object:
    """Return text for whole numbers that a spreadsheet made of lot numbers and names."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _area_m2(value: object) -> object:
    """Return an area as a number where it is one; "1,234.5 ㎡" is 1234.5."""
    if isinstance(value, int | float):
        return float(value)
    text = str(value).replace(",", "").replace("㎡", "").replace("m²", "").strip()
    try:
        return float(text)
    except ValueError:
        return None


def _truth(value: object) -> object:
    return str(value).strip().casefold() in _TRUE


_READ: dict[str, Callable[[object], object]] = {
    "site_area_m2": _area_m2,
    "zone_verified": _truth,
    "land_price_krw_per_m2": _area_m2,
}

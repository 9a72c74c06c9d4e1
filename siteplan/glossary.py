"""The one list of exported columns: name, unit, Korean, English, meaning.

Every file format, the table in the app and the map's tooltips take their columns from here.
GFA (연면적) and FAR area (용적률 산정용 연면적) are different quantities: FAR uses only the
second (건축법 시행령 §119 ①4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from siteplan.text import Label

Kind = Literal["text", "integer", "number"]


@dataclass(frozen=True)
class Column:
    """One exported column.

    Parameters
    ----------
    name : str
        Name in every format but Shapefile.
    short_name : str
        At most 10 characters, for Shapefile.
    kind : {"text", "integer", "number"}
        Type of the values.
    unit : str
        Unit as shown, empty for none.
    label, meaning : Label
        Heading and one-line meaning in Korean and English.
    """

    name: str
    short_name: str
    kind: Kind
    unit: str
    label: Label
    meaning: Label


def _gfa_column(use: str, short: str, ko: str, en: str) -> Column:
    return Column(
        f"gfa_{use}_m2",
        short,
        "integer",
        "m²",
        Label(f"{ko} 연면적", f"{en} GFA"),
        Label(f"이 필지에 배분된 {ko} 연면적", f"{en} gross floor area placed on the parcel"),
    )


COLUMNS: tuple[Column, ...] = (
    Column(
        "parcel_id",
        "parcel_id",
        "text",
        "",
        Label("필지 ID", "Parcel id"),
        Label("siteplan이 쓰는 고유 식별자", "Unique id of the parcel in siteplan"),
    ),
    Column(
        "pnu",
        "pnu",
        "text",
        "",
        Label("PNU", "PNU"),
        Label("필지고유번호 19자리", "19-digit number of the cadastre, as text"),
    ),
    Column(
        "jibun",
        "jibun",
        "text",
        "",
        Label("지번", "Lot number"),
        Label("지번", "Lot number of the cadastre"),
    ),
    Column(
        "zone",
        "zone",
        "text",
        "",
        Label("용도지역", "Zone"),
        Label("계획에 적용한 용도지역", "Zone that the plan was checked against"),
    ),
    Column(
        "site_area_m2",
        "site_m2",
        "number",
        "m²",
        Label("대지면적", "Site area"),
        Label("대장면적이 있으면 대장면적, 없으면 도형면적", "Register area, else outline area"),
    ),
    Column(
        "far_capacity_m2",
        "farcap_m2",
        "number",
        "m²",
        Label("수용 가능 용적률 산정용 연면적", "FAR capacity"),
        Label(
            "참여 비율을 곱한, 이 필지가 담을 수 있는 용적률 산정용 연면적",
            "FAR area that the parcel can hold, times the part available",
        ),
    ),
    _gfa_column("research", "gfa_resrch", "연구", "Research"),
    _gfa_column("campus", "gfa_campus", "캠퍼스", "Campus"),
    _gfa_column("housing", "gfa_housng", "주거", "Housing"),
    _gfa_column("culture", "gfa_cultur", "문화", "Culture"),
    Column(
        "gfa_total_m2",
        "gfa_total",
        "integer",
        "m²",
        Label("연면적 합계", "Total GFA"),
        Label("네 용도의 연면적 합계(지하 포함)", "Gross floor area of all uses, basements too"),
    ),
    Column(
        "far_area_m2",
        "far_m2",
        "number",
        "m²",
        Label("용적률 산정용 연면적", "FAR area"),
        Label(
            "지하층과 부속 주차장을 뺀 연면적 (건축법 시행령 §119 ①4)",
            "Floor area that FAR counts: no basements, no accessory parking",
        ),
    ),
    Column(
        "far_pct",
        "far_pct",
        "number",
        "%",
        Label("용적률", "FAR"),
        Label(
            "이 계획의 배분분만 ÷ 대지면적. 그 밖의 건축은 포함하지 않음",
            "This plan's FAR area only over the whole site area",
        ),
    ),
    Column(
        "bcr_pct",
        "bcr_pct",
        "number",
        "%",
        Label("건폐율", "BCR"),
        Label(
            "이 계획의 배분분만 ÷ 대지면적", "This plan's footprint only over the whole site area"
        ),
    ),
    Column(
        "floors",
        "floors",
        "integer",
        "",
        Label("층수", "Floors"),
        Label("지상 층수(개략)", "Floors above ground, outline massing"),
    ),
    Column(
        "height_m",
        "height_m",
        "number",
        "m",
        Label("높이", "Height"),
        Label("층수 × 용도별 층고(개략)", "Floors times storey heights, outline massing"),
    ),
    Column(
        "dominant_use",
        "dom_use",
        "text",
        "",
        Label("주용도", "Dominant use"),
        Label("연면적이 가장 큰 용도", "Use with the most floor area"),
    ),
    Column(
        "phase",
        "phase",
        "integer",
        "",
        Label("준공 연도", "Year completed"),
        Label(
            "이 필지가 준공되는 연도(단계를 정하지 않았거나 쓰지 않으면 비움)",
            "Year in which the parcel is completed, empty without phases and where nothing stands",
        ),
    ),
    Column(
        "evidence",
        "evidence",
        "text",
        "",
        Label("근거", "Evidence"),
        Label(
            "official 공식 · supplied 제공 파일 · published 공표된 지번·면적 · schematic 개략도",
            "official, supplied (by a file), published (lot number known) or schematic",
        ),
    ),
)

COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)


def column(name: str) -> Column:
    """Return the column called `name`; KeyError when there is none."""
    for candidate in COLUMNS:
        if candidate.name == name:
            return candidate
    raise KeyError(f"no column {name!r} in the glossary")

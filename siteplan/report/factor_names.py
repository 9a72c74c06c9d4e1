"""Names of factors for people who do not know their keys."""

from __future__ import annotations

from siteplan.suitability import CRITERION_LABELS
from siteplan.text import Label
from siteplan.uses import ALL_USES

_FAMILIES: dict[str, Label] = {
    "far_ratio": Label("연면적 중 용적률 산입 비율", "Part of GFA that FAR counts"),
    "storey_height_m": Label("층고", "Floor to floor"),
    "parking_m2_per_stall": Label("주차 1대당 시설면적", "Floor area per parking stall"),
    "construction_cost": Label("공사비 단가", "Construction cost"),
    "energy_intensity": Label("에너지 사용량 원단위", "Energy per floor area"),
    "embodied_co2": Label("내재 탄소 원단위", "Embodied carbon"),
    "reach_m": Label("적합도 영향 거리", "Reach of suitability"),
    "m2_per_job": Label("1인당 연면적", "Floor area per job"),
    "researcher_share": Label("연구원 비율", "Researchers among jobs"),
    "m2_per_student": Label("학생 1인당 연면적", "Floor area per student"),
    "m2_per_household": Label("세대당 공급면적", "Supply area per home"),
    "exclusive_share": Label("공급면적 중 전용면적 비율", "Exclusive over supply area"),
    "persons_per_household": Label("가구원 수", "Persons per home"),
    "m2_per_dormitory_bed": Label("기숙사 1인당 연면적", "Dormitory area per bed"),
    "visits_per_m2_year": Label("면적당 연간 방문", "Visits per floor area and year"),
    "stalls_per_household": Label("세대당 최소 주차대수", "Least stalls per home"),
    "trips": Label("통행 발생 원단위", "Trips a day"),
    "cost_index": Label("공사비 지수", "Cost index"),
    "grid_co2": Label("전력 배출계수", "Emission of grid electricity"),
    "zeb_self_sufficiency": Label("목표 에너지 자립률", "Self-sufficiency aimed at"),
    "zeb_threshold": Label("ZEB 등급 최소 자립률", "Least self-sufficiency of ZEB grade"),
    "landscape_share": Label("조경면적 비율", "Landscaping share"),
    "open_space_share": Label("공개공지 비율", "Public open space share"),
    "parking_stall_m2": Label("주차 1대당 바닥면적", "Floor area of a stall"),
    "underground_share": Label("지하 설치 비율", "Part below ground"),
    "setback_m": Label("대지경계선 이격거리", "Distance to the lot line"),
}
_MEMBERS: dict[str, Label] = {
    **{use.key: use.label for use in ALL_USES},
    **CRITERION_LABELS,
    "parking": Label("주차장", "parking"),
    "large": Label("연면적 2,000㎡ 이상", "GFA of 2,000 m² or more"),
    "middle": Label("연면적 1,000–2,000㎡", "GFA of 1,000 to 2,000 m²"),
    "small": Label("연면적 1,000㎡ 미만", "GFA below 1,000 m²"),
    "1plus": Label("1+", "1+"),
}


def factor_label(key: str) -> Label:
    """Return the name of a factor, such as "Embodied carbon · Campus"; an unknown key is its own.

    Parameters
    ----------
    key : str
        As in the ledger, ``family`` or ``family.member``.
    """
    family, _, member = key.partition(".")
    name = _FAMILIES.get(family)
    if name is None:
        return Label(key, key)
    of = _MEMBERS.get(member, Label(member, member))
    if not member:
        return name
    return Label(f"{name.ko} · {of.ko}", f"{name.en} · {of.en}")

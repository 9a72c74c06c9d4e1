"""The columns of national files and of siteplan's own: their names, and the form of their values.

Sources of the names: the national download of the continuous cadastral map (LSMD_CONT_LDREG),
cadastral outlines (AL_D002), land characteristics (AL_D194), land prices (AL_D151), buildings
(AL_D010), VWorld's and NED's data services, urban plan zones (UPIS_C_UQ111), siteplan's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from siteplan.text import Label

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
    "zone2": ("zone2", "용도지역2", "용도지역명2", "prposarea2nm"),
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
    "as_of": (
        "as_of",
        "기준연도",
        "stdryear",
        "공시일자",
        "gosi_year",
        "데이터기준일자",
        "기준일자",
    ),
}
"""Fact -> names in files, without regard to case; the first that a file has is taken."""

BUILDING_ALIASES: dict[str, tuple[str, ...]] = {
    "pnu": ALIASES["pnu"],
    "height_m": ("height_m", "height", "높이", "건물높이"),
    "name": ("buld_nm", "bldg_nm", "건물명", "name"),
    "use": ("건축물용도", "건물용도", "주용도", "mainpurps"),
}
"""The same for the facts of buildings."""

FACTS = tuple(dict.fromkeys((*ALIASES, *BUILDING_ALIASES)))
"""Every fact that a column can be mapped to."""

ZONE_REGISTER = "zone_regst"
"""Column in which siteplan writes the zone of the data; `zone` is the one that a plan applied."""

PNU_FORM = re.compile(r"\d{10}[12]\d{8}")
FORMS = {
    "pnu": PNU_FORM,
    "pnu19": re.compile(r"\d{19}"),
    "dong code": re.compile(r"\d{10}"),
    "zone": re.compile(r".*지역|지정되지\s*않음"),
    "number": re.compile(r"-?(\d[\d,]*\.?\d*|\.\d+)([eE][-+]?\d+)?"),
    "lot": re.compile(r"(산\s*)?\d{1,4}(-\d{1,4})?\s*[가-힣]*"),
    "words": re.compile(r"[^\d]*[가-힣][^\d]*"),
}
"""Name of a form -> what a whole value of it looks like."""


@dataclass(frozen=True)
class Layout:
    """A national file, told by its columns and by the form of their values.

    Parameters
    ----------
    name : str
        Its code and Korean title.
    kind : str
    needs : tuple of str
        Columns, in small letters, that it always has.
    any_of : tuple of str
        Columns of which it has at least one; empty asks for none.
    forms : dict of str to str
        Column -> form (key of `FORMS`) of its values.
    columns : dict of str to str
        Fact -> column, where the names themselves do not say it.
    documented : tuple of str
        Columns whose meaning is known and that siteplan does not use.
    unverified : tuple of str
        Facts whose column is reported, but not confirmed.
    """

    name: str
    kind: str
    needs: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    forms: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    documented: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


LAYOUTS = (
    Layout(
        "AL_D194 토지특성",
        "parcels",
        needs=("a1", "a12", "a14"),
        forms={"a1": "pnu", "a12": "number", "a14": "zone"},
        columns={
            "pnu": "a1",
            "jimok": "a11",
            "site_area_m2": "a12",
            "zone": "a14",
            "zone2": "a16",
            "land_price_krw_per_m2": "a25",
            "as_of": "a26",
        },
        documented=("a2", "a3", "a10", "a13", "a15", "a17", "a19", "a21", "a23"),
    ),
    Layout(
        "AL_D002 연속지적도형정보",
        "parcels",
        needs=("a1", "a2", "a5"),
        forms={"a1": "pnu", "a2": "dong code", "a5": "lot"},
        columns={"pnu": "a1", "jibun": "a5", "as_of": "a6"},
        documented=("a3", "a4", "a7", "a2"),
    ),
    Layout(
        "AL_D010 GIS건물통합정보",
        "buildings",
        needs=("a9", "a16"),
        forms={"a16": "number", "a9": "words"},
        columns={"height_m": "a16", "use": "a9"},
        unverified=("height_m", "use"),
    ),
    Layout(
        "AL_D151 개별공시지가",
        "land price",
        needs=("고유번호", "공시지가"),
        any_of=("공시일자", "데이터기준일자"),
        documented=("공시일자", "데이터기준일자"),
    ),
    Layout(
        "LSMD_CONT_LDREG 연속지적도",
        "parcels",
        needs=("pnu", "jibun"),
        any_of=("bchk", "sgg_oid", "col_adm_se"),
        documented=("bchk", "sgg_oid", "col_adm_se"),
    ),
    Layout(
        "LP_PA_CBND_BUBUN 연속지적도 (VWorld)",
        "parcels",
        needs=("pnu", "jibun", "bonbun", "bubun"),
        documented=("bonbun", "bubun", "addr", "gosi_year", "gosi_month"),
    ),
    Layout(
        "LP_PA_CBND 연속지적도 (UPIS)",
        "parcels",
        needs=("pnu", "space_area"),
        documented=("space_area", "jiga"),
    ),
    Layout(
        "토지특성정보 (NED)",
        "parcels",
        needs=("pnu",),
        any_of=("lndpclar", "prposarea1nm", "pblntfpclnd"),
        documented=("ladusesittnnm", "roadsidecodenm", "stdryear", "posesnsecodenm"),
    ),
    Layout(
        "LT_C_UQ111–114 용도지역 (VWorld)",
        "zoning",
        needs=("uname",),
        any_of=("sido_name", "sigg_name", "dyear", "dnum"),
        documented=("sido_name", "sigg_name", "dyear", "dnum"),
    ),
    Layout(
        "UPIS_C_UQ111 용도지역",
        "zoning",
        needs=("dgm_nm",),
        forms={"dgm_nm": "zone"},
        documented=("dgm_ar", "dgm_lt", "sclas_cl", "mlsfc_cl", "lclas_cl"),
    ),
)
"""National layouts, the ones with the narrowest signature first."""

KIND_LABELS = {
    "parcels": Label("필지 자료", "a file of parcels"),
    "zoning": Label("용도지역도", "a map of zones (용도지역)"),
    "buildings": Label("건물 자료", "a file of buildings"),
    "land price": Label("공시지가 목록", "a list of land prices (공시지가)"),
    "other": Label("종류를 알 수 없는 자료", "a file of another kind"),
}
"""What to call each kind in a sentence."""

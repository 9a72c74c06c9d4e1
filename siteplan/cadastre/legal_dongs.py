"""Codes and names of legal dongs (법정동) of 서초구, the district of the study.

Source: the legal dong boundaries of the road-name address service (juso), 2015; its names and
first eight digits, "00" added. 양재동 and 우면동 were checked against independent sources. Other
public tables give 1165010200 to 방배동, 서초2동 or 반포동: they are wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

from siteplan.text import Label


@dataclass(frozen=True)
class LegalDong:
    """One legal dong.

    Parameters
    ----------
    code : str
        Ten digits, the beginning of each PNU there.
    label : Label
    verified : bool
        Whether a second, independent source gives the same code.
    """

    code: str
    label: Label
    verified: bool


LEGAL_DONGS: tuple[LegalDong, ...] = (
    LegalDong("1165010100", Label("방배동", "Bangbae-dong"), verified=False),
    LegalDong("1165010200", Label("양재동", "Yangjae-dong"), verified=True),
    LegalDong("1165010300", Label("우면동", "Umyeon-dong"), verified=True),
    LegalDong("1165010400", Label("원지동", "Wonji-dong"), verified=False),
    LegalDong("1165010600", Label("잠원동", "Jamwon-dong"), verified=False),
    LegalDong("1165010700", Label("반포동", "Banpo-dong"), verified=False),
    LegalDong("1165010800", Label("서초동", "Seocho-dong"), verified=False),
    LegalDong("1165010900", Label("내곡동", "Naegok-dong"), verified=False),
    LegalDong("1165011000", Label("염곡동", "Yeomgok-dong"), verified=False),
    LegalDong("1165011100", Label("신원동", "Sinwon-dong"), verified=False),
)
"""By code. Dongs of other districts are not known here."""

_LABELS = {dong.code: dong.label for dong in LEGAL_DONGS}


def dong_name(code: str) -> Label | None:
    """Return the name of a legal dong of 서초구; None for any other code."""
    return _LABELS.get(code)

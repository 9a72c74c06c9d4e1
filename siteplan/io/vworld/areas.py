"""What a person asks for: 법정동 codes, PNUs or a box, read from one text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from siteplan.cadastre.pnu import is_pnu
from siteplan.crs import KOREA_LONLAT
from siteplan.errors import InputError
from siteplan.io.vworld.tiles import Box, count_tiles
from siteplan.text import Label, sentence

DONGS: dict[str, Label] = {
    "1165010200": Label("양재동", "Yangjae-dong"),
    "1165010300": Label("우면동", "Umyeon-dong"),
}
"""Codes (법정동코드) that may be asked for by name: the ones round the AI Tech City."""

MAX_TILES = 400
MAX_PNUS = 1000
"""Limits of our own, so that nobody asks a public service for a whole province by mistake."""


@dataclass(frozen=True)
class Area:
    """What to fetch: a box, or 동 codes and PNUs.

    Parameters
    ----------
    dongs : tuple of str
        Ten digits each.
    pnus : tuple of str
        Nineteen digits each.
    box : Box or None
    """

    dongs: tuple[str, ...] = ()
    pnus: tuple[str, ...] = ()
    box: Box | None = None

    def __str__(self) -> str:
        if self.box is not None:
            return str(self.box)
        shown = (*self.dongs, *self.pnus)
        return ", ".join(shown[:3]) + (" …" if len(shown) > 3 else "")


def parsed_area(wish: str | Sequence[str] | Sequence[float]) -> Area:
    """Return what a person asks for.

    Parameters
    ----------
    wish : str, or sequence of str or of four floats
        동 codes (ten digits; 양재동 and 우면동 also by name) and PNUs (nineteen digits), or one
        box "west,south,east,north" in degrees; separated by commas, spaces or lines.

    Raises
    ------
    InputError
        It is none of these, or more than should be asked for at once.
    """
    text = wish if isinstance(wish, str) else " ".join(str(part) for part in wish)
    words = [word for word in re.split(r"[\s,;]+", text.strip()) if word]
    if not words:
        raise InputError(
            sentence(
                "Nothing is asked for. Name a dong code (e.g. 1165010200), PNUs, or a box as "
                "WEST,SOUTH,EAST,NORTH in degrees."
            )
        )
    if len(words) == 4 and all(_is_coordinate(word) for word in words):
        return Area(box=_box(words))
    names = {label.ko: code for code, label in DONGS.items()}
    names |= {label.en.casefold(): code for code, label in DONGS.items()}
    codes = [names.get(word.casefold(), word) for word in words]
    for code in codes:
        if not (_is_dong(code) or is_pnu(code)):
            raise InputError(
                sentence(
                    "{text} is no dong code (10 digits), no PNU (19 digits, the eleventh 1 or 2) "
                    "and no box. Write e.g. 1165010200, or 127.030,37.460,127.040,37.470.",
                    text=code[:40],
                )
            )
    unique = list(dict.fromkeys(codes))
    dongs = tuple(code for code in unique if _is_dong(code))
    pnus = tuple(code for code in unique if not _is_dong(code) and code[:10] not in dongs)
    if len(pnus) > MAX_PNUS:
        raise InputError(
            sentence(
                "{count} PNUs are more than {most} at once. Ask for their dong, or in parts.",
                count=len(pnus),
                most=MAX_PNUS,
            )
        )
    return Area(dongs=dongs, pnus=pnus)


def _is_coordinate(word: str) -> bool:
    return re.fullmatch(r"-?\d{1,3}(\.\d*)?", word, re.ASCII) is not None


def _is_dong(code: str) -> bool:
    return len(code) == 10 and code.isascii() and code.isdigit()


def _box(words: list[str]) -> Box:
    west, south, east, north = (float(word) for word in words)
    low_lon, low_lat, high_lon, high_lat = KOREA_LONLAT
    inside = low_lon <= west <= east <= high_lon and low_lat <= south <= north <= high_lat
    if not inside or round(east - west, 7) <= 0 or round(north - south, 7) <= 0:
        raise InputError(
            sentence(
                "The box {text} is no box in Korea. Write WEST,SOUTH,EAST,NORTH in degrees, "
                "longitude first, e.g. 127.030,37.460,127.040,37.470.",
                text=",".join(words)[:80],
            )
        )
    box = Box(west, south, east, north)
    check_size(box)
    return box


def check_size(box: Box) -> None:
    """Refuse a box that would take too many requests.

    Raises
    ------
    InputError
        More than `MAX_TILES` tiles.
    """
    if count_tiles(box) > MAX_TILES:
        raise InputError(
            sentence(
                "The box would take {count} requests of about 1 km² each, more than {most}. "
                "Choose a smaller one, or load the download of the whole district.",
                count=count_tiles(box),
                most=MAX_TILES,
            )
        )

"""KML as GDAL can read it: UTF-8, and columns whose Korean names it would blot out."""

from __future__ import annotations

import html
import re

KML_DRAWING = (
    "id",
    "timestamp",
    "begin",
    "end",
    "altitudeMode",
    "tessellate",
    "extrude",
    "visibility",
    "drawOrder",
    "icon",
    "snippet",
)
"""Columns of KML about how a shape is drawn; they are no facts of a parcel."""

_XML_ENCODING = re.compile(rb"""(?<=\sversion=.1\.[01].)\s+encoding=(["']).*?\1""")
_DATA = re.compile(rb"""(<(?:\w+:)?Data\b[^>]*?\bname=)(["'])(.*?)\2""", re.DOTALL)
_SAFE = re.compile(rb"[A-Za-z][A-Za-z0-9_]*")


def plain_kml(content: bytes, *, names: dict[str, str], recoded: bool) -> bytes | None:
    """Return a KML that loses nothing on its way through GDAL, None where it is one already.

    Parameters
    ----------
    content : bytes
        UTF-8.
    names : dict of str to str
        Filled: stand-in -> the name of a column in ``ExtendedData``. GDAL writes "_" for each
        byte of a name that is not plain ASCII, so that two Korean columns may become one.
    recoded : bool
        Whether the content was in another encoding, which its first line may still name.
    """

    def stand_in(match: re.Match[bytes]) -> bytes:
        written = match[3]
        if _SAFE.fullmatch(written):
            return match[0]
        name = html.unescape(written.decode(errors="replace"))
        known = next((short for short, full in names.items() if full == name), None)
        short = known or f"column_{len(names) + 1}_"
        names[short] = name
        return match[1] + b'"' + short.encode() + b'"'

    plain = _DATA.sub(stand_in, content)
    if recoded:
        plain = _XML_ENCODING.sub(b"", plain, count=1)
    return plain if recoded or plain != content else None

"""Which encoding the text of an old file is in, decided from its bytes.

Korean DBF files are often CP949 and often do not say so; read as Latin letters they give
"175Àü" for "175전" without any error. So the bytes are looked at, and the choice is reported.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siteplan.errors import InputError
from siteplan.text import N_, Text, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

RAW = "ISO-8859-1"
"""Maps each byte to one letter and back, so it carries bytes through a text interface.

In capitals: GDAL converts this spelling itself and hands others to iconv.
"""

_NUMBERS = {
    "949": "cp949",
    "51949": "euc-kr",
    "65001": "utf-8",
    "88591": "iso8859-1",
    "8859-1": "iso8859-1",
}
_LANGUAGE_BYTE = {0x4E: "cp949", 0x79: "cp949"}
_MISLABELS = {"iso8859-1", "cp1252", "ascii", "latin-1"}


@dataclass(frozen=True)
class Encoding:
    """An encoding, and why it was chosen; no reason where the file or the person said so."""

    name: str
    reason: Text | None = None


def codec_name(text: str) -> str | None:
    """Return Python's name of an encoding as .cpg files write it ("949", "ANSI 1252"), or None."""
    wish = text.strip().strip("\x00").casefold()
    for prefix in ("ansi ", "oem ", "windows-", "ms "):
        wish = wish.removeprefix(prefix)
    wish = _NUMBERS.get(wish, f"cp{wish}" if wish.isdigit() else wish)
    try:
        return codecs.lookup(wish).name if wish else None
    except LookupError:
        return None


def named_encoding(text: str) -> str:
    """Return the codec that a person named.

    Raises
    ------
    InputError
        Python knows no such encoding.
    """
    name = codec_name(text)
    if name is None:
        raise InputError(
            sentence(
                "{text} is not an encoding. Korean files are in cp949 or utf-8: "
                "say --encoding cp949.",
                text=text,
            )
        )
    return name


def dbf_declared(language_byte: int, cpg: str | None) -> str | None:
    """Return the encoding that a DBF declares by its .cpg file or its language byte, or None."""
    if cpg is not None:
        return codec_name(cpg)
    return _LANGUAGE_BYTE.get(language_byte)


def chosen_encoding(samples: Iterable[bytes], *, declared: str | None) -> Encoding:
    """Return the encoding in which the samples make sense.

    Parameters
    ----------
    samples : iterable of bytes
        Values of the text columns; plain ASCII ones decide nothing.
    declared : str or None
        What the file says. Believed when every sample can be read with it, unless it is a
        Latin one (the mark of tools that write none) and the bytes are Korean.
    """
    raw = sorted({sample for sample in samples if not sample.isascii()})
    if not raw:
        return Encoding(declared or "utf-8")
    readable = {name: _readable(raw, name=name) for name in ("utf-8", "cp949")}
    if declared and _readable(raw, name=declared) == len(raw):
        latin = declared in _MISLABELS
        if not (latin and max(readable.values()) == len(raw)):
            return Encoding(declared)
    best = max(readable, key=lambda name: readable[name])
    if readable[best] * 2 <= len(raw):
        return Encoding(declared or RAW, sentence("no Korean encoding fits the bytes."))
    return Encoding(best, _reason(best, declared=declared))


def decoded(text: bytes, *, encoding: str) -> tuple[str, bool]:
    """Return `text` decoded, and whether letters were lost.

    Fixed-width fields cut Korean letters in two: an unreadable end is dropped, other
    unreadable bytes become U+FFFD. Both count as lost.
    """
    try:
        return text.decode(encoding), False
    except UnicodeDecodeError:
        for cut in (1, 2, 3):
            try:
                return text[:-cut].decode(encoding), True
            except UnicodeDecodeError:
                continue
        return text.decode(encoding, errors="replace"), True


def text_file_encoding(content: bytes) -> Encoding:
    """Return the encoding of a whole text file, such as GeoJSON or CSV, that should be UTF-8."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return Encoding(name)
    for name in ("utf-8", "cp949"):
        try:
            content.decode(name)
        except UnicodeDecodeError:
            continue
        return Encoding(name, None if name == "utf-8" else _reason(name, declared=None))
    return Encoding(RAW, sentence("no Korean encoding fits the bytes."))


def _readable(raw: list[bytes], *, name: str) -> int:
    """Count the samples that can be decoded without loss."""
    return sum(not decoded(sample, encoding=name)[1] for sample in raw)


_REASONS = {
    "cp949": N_("the bytes are not UTF-8 and make sense as Korean."),
    "utf-8": N_("the bytes are well-formed UTF-8."),
}


def _reason(name: str, *, declared: str | None) -> Text:
    if declared:
        return sentence(
            "the file says {declared}, but {why}", declared=declared, why=Text(_REASONS[name])
        )
    return Text(_REASONS[name])

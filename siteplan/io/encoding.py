"""Which encoding the text of an old file is in, decided from its bytes.

Korean DBF files are often CP949 and often do not say so; read as Latin letters they give
"175Àü" for "175전" without any error. So the bytes are looked at, and the choice is reported
with what speaks for it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from siteplan.errors import InputError
from siteplan.text import N_, Text, sentence

RAW = "ISO-8859-1"
"""Maps each byte to one letter and back, so it carries bytes through a text interface.

In capitals: GDAL converts this spelling itself and hands others to iconv.
"""

SHOWN = {"cp949": "CP949", "utf-8": "UTF-8", "euc_kr": "EUC-KR", "gbk": "GBK"}
"""How encodings are written in sentences."""

OTHER_KOREAN = {"utf-8": "cp949", "cp949": "utf-8", "euc_kr": "utf-8"}
"""Encoding -> the one that rows of the same file may be in as well."""

_NUMBERS = {
    "949": "cp949",
    "51949": "euc-kr",
    "65001": "utf-8",
    "88591": "iso8859-1",
    "8859-1": "iso8859-1",
    "936": "gbk",
}
_LANGUAGE_BYTE = {0x4D: "gbk", 0x4E: "cp949", 0x4F: "big5", 0x79: "cp949", 0x7A: "gbk"}
_MISLABELS = {"iso8859-1", "cp1252", "ascii", "latin-1"}
_NEIGHBOURS = {"gbk", "gb2312", "gb18030", "big5", "big5hkscs", "cp950", "shift_jis", "cp932"}
"""Chinese and Japanese encodings: they decode most Korean bytes to wrong letters, no error."""

_KOREAN = re.compile(
    "[\uac00-\ud7a3\u3131-\u318e\u4e00-\u9fff\uf900-\ufaff\u3000-\u303f\u3200-\u33ff\uff01-\uff5e]"
)
"""Hangul, Hanja, and the signs and full-width letters that Korean text has beside them."""

_HANGUL = re.compile("[\uac00-\ud7a3\u3131-\u318e]")
_STRANGE = re.compile(rf"(?![\x00-\x7f]|{_KOREAN.pattern})[^\W\d_]")
"""A letter that is neither Korean nor of the Latin alphabet without accents."""

_JOINED = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
"""A byte beyond ASCII beside a Latin letter, as in "café"; Korean words seldom touch one."""

LOOKED_AT = 5_000
"""Different values that decide an encoding at most."""

_HEAD = 4096
_MOSTLY = 0.9


@dataclass(frozen=True)
class Encoding:
    """An encoding, and why it was chosen; no reason where the file or the person said so.

    Parameters
    ----------
    name : str
        Python's name of the codec.
    reason : Text or None
    rival : str or None
        Another encoding in which the text makes about as much sense.
    example, rival_example : str
        One value, read in both.
    """

    name: str
    reason: Text | None = None
    rival: str | None = None
    example: str = ""
    rival_example: str = ""


def codec_name(text: str) -> str | None:
    """Return Python's name of an encoding as .cpg files write it ("949", "ANSI 1252"), or None."""
    wish = text.strip().strip("\x00\ufeff").casefold()
    for prefix in ("ansi ", "oem ", "windows-", "ms "):
        wish = wish.removeprefix(prefix)
    wish = _NUMBERS.get(wish, f"cp{wish}" if wish.isdigit() else wish)
    try:
        found = codecs.lookup(wish) if wish.isascii() and wish else None
    except (LookupError, ValueError):
        return None
    # Python also lists codecs that turn bytes into bytes, such as "zip".
    return found.name if found is not None and found._is_text_encoding else None


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
                "{text} is not an encoding. Korean files are in cp949 or utf-8 (--encoding cp949).",
                text=text,
            )
        )
    return name


def dbf_declared(language_byte: int, cpg: str | None) -> str | None:
    """Return the encoding that a DBF declares by its .cpg file or its language byte, or None."""
    if cpg is not None:
        return codec_name(cpg)
    return _LANGUAGE_BYTE.get(language_byte)


@dataclass(frozen=True)
class _Sense:
    """How much sense samples make in one encoding.

    Parameters
    ----------
    readable : int
        Samples that decode, but for an end that a field's width cut off.
    korean : int
        Those of them that hold Korean letters and no letters of other scripts but Latin ASCII.
    hangul_share : float
        Share of Hangul among the Korean letters.
    example : str
        One sample that makes sense.
    """

    readable: int
    korean: int
    hangul_share: float
    example: str


def chosen_encoding(samples: Iterable[bytes], *, declared: str | None) -> Encoding:
    """Return the encoding in which the samples make sense.

    Parameters
    ----------
    samples : iterable of bytes
        Values of the text columns; plain ASCII ones decide nothing. Of more than 5,000 different
        ones, 5,000 spread evenly are looked at.
    declared : str or None
        What the file says. It is believed where every sample can be read with it, unless the
        samples are Korean in an encoding that can hardly be so by chance: all of them UTF-8, or
        all of them Hangul in CP949 where the file says a Latin, Chinese or Japanese one.
    """
    raw = sorted({sample for sample in samples if not sample.isascii()})
    raw = raw[:: max(1, -(-len(raw) // LOOKED_AT))]
    if not raw:
        return Encoding(declared or "utf-8")
    sense = {name: _sense(raw, name=name) for name in ("utf-8", "cp949")}
    if declared and _believed(declared, raw=raw, sense=sense):
        return Encoding(declared)
    best = max(sense, key=lambda name: (sense[name].korean, sense[name].readable))
    accents = sense["utf-8"].readable == len(raw) and any(map(_JOINED.search, raw))
    if accents and not sense["utf-8"].korean:
        best = "utf-8"
    if sense[best].readable * 2 <= len(raw):
        return Encoding(declared or RAW, sentence("no Korean encoding fits the bytes."))
    return _with_rival(best, raw=raw, sense=sense, declared=declared)


def _believed(declared: str, *, raw: Sequence[bytes], sense: dict[str, _Sense]) -> bool:
    """Tell whether what the file declares stands against what its bytes look like."""
    readable = sum(not decoded(sample, encoding=declared)[1] for sample in raw)
    in_utf8, in_cp949 = sense["utf-8"], sense["cp949"]
    if declared == "utf-8":
        if readable == len(raw):
            return True
        # Text that a field's width cut is UTF-8 all the same, if it makes more sense so.
        return in_utf8.readable == len(raw) and in_utf8.korean > in_cp949.korean
    if in_utf8.korean == len(raw) or readable < len(raw):
        return False
    hangul = in_cp949.korean == len(raw) and in_cp949.hangul_share >= _MOSTLY
    if declared in _MISLABELS:
        return max(in_utf8.readable, in_cp949.readable) < len(raw)
    return not (declared in _NEIGHBOURS and hangul)


def _sense(raw: Sequence[bytes], *, name: str) -> _Sense:
    readable, korean, hangul, letters, example = 0, 0, 0, 0, ""
    decoder = codecs.getincrementaldecoder(name)()
    for sample in raw:
        decoder.reset()
        try:
            text = decoder.decode(sample)
        except UnicodeDecodeError:
            continue
        count = len(_KOREAN.findall(text))
        cut_off, _ = decoder.getstate()
        if cut_off and not count:
            continue
        readable += 1
        if count and not _STRANGE.search(text):
            korean += 1
            letters += count
            hangul += len(_HANGUL.findall(text))
            if not example and _HANGUL.search(text):
                example = text
    return _Sense(readable, korean, hangul / letters if letters else 0.0, _short(example))


def _short(text: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= 20 else f"{plain[:20]}…"


def _with_rival(
    best: str, *, raw: Sequence[bytes], sense: dict[str, _Sense], declared: str | None
) -> Encoding:
    """Return the choice with its evidence, and a rival that fits as well where there is one."""
    reason = _reason(best, count=len(raw), sense=sense)
    if declared:
        reason = sentence("the file says {declared}, but {why}", declared=declared, why=reason)
    rival = None
    in_utf8, in_cp949 = sense["utf-8"], sense["cp949"]
    if best == "cp949" and in_utf8.readable == len(raw):
        rival = "utf-8"
    elif best == "cp949" and in_cp949.hangul_share < _MOSTLY:
        # Chinese text reads as a mixture of Hangul and Hanja, and without an error.
        rival = "gbk"
    elif best == "utf-8" and not in_utf8.korean and in_cp949.readable == len(raw):
        rival = "cp949"
    if rival and all(not decoded(sample, encoding=rival)[1] for sample in raw):
        shown = [_short(decoded(raw[0], encoding=name)[0]) for name in (best, rival)]
        return Encoding(best, reason, rival, *shown)
    return Encoding(best, reason)


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


def other_korean(text: bytes, *, encoding: str) -> str | None:
    """Return a value read in the other Korean encoding, None where it makes no sense so.

    For the rows of a file that was edited with tools of two encodings: the value cannot be read
    in `encoding`, and is Hangul in the other one.
    """
    other = OTHER_KOREAN.get(encoding)
    if other is None:
        return None
    sense = _sense([text], name=other)
    try:
        read = text.decode(other)
    except UnicodeDecodeError:
        return None
    return read if sense.korean and sense.hangul_share >= _MOSTLY else None


_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_file_encoding(content: bytes) -> Encoding:
    """Return the encoding of a whole text file, such as GeoJSON or CSV, that should be UTF-8.

    Where neither UTF-8 nor CP949 reads all of it, the one in which more words make sense is taken.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return Encoding(name)
    head = content[:_HEAD]
    empty = head[1::2].count(0), head[::2].count(0)
    if max(empty) * 8 > len(head):
        name = "utf-16-le" if empty[0] > empty[1] else "utf-16-be"
        return Encoding(name, sentence("many second bytes are empty, as in UTF-16."))
    if content.isascii():
        return Encoding("utf-8")
    words = _foreign_words(content)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return chosen_encoding(words, declared=None)
    chosen = chosen_encoding(words, declared=None)
    return chosen if chosen.name != "utf-8" else Encoding("utf-8")


_RUN = re.compile(rb"[A-Za-z]?[^\x00-\x7f][^\n\r\",;<>{}\t]*")


def _foreign_words(content: bytes) -> list[bytes]:
    """Return the pieces of a text that are not plain ASCII, a few thousand at most.

    A piece starts at a byte beyond ASCII, or the Latin letter before it, and ends before the
    next mark that parts cells; no letter of CP949 or UTF-8 holds such a mark as its second byte.
    """
    found: list[bytes] = []
    for match in _RUN.finditer(content):
        found.append(match.group().rstrip())
        if len(found) >= LOOKED_AT * 4:
            break
    return list(dict.fromkeys(found))


_REASONS = {
    "cp949": N_(
        "{fits} of {count} values with Korean letters make sense as CP949, e.g. {example}; "
        "as UTF-8 {others} do."
    ),
    "utf-8": N_(
        "{fits} of {count} values with Korean letters make sense as UTF-8, e.g. {example}; "
        "as CP949 {others} do."
    ),
}
_PLAIN_REASONS = {
    "cp949": N_("the bytes are not UTF-8 and make sense as Korean."),
    "utf-8": N_("the bytes are well-formed UTF-8."),
}


def _reason(name: str, *, count: int, sense: dict[str, _Sense]) -> Text:
    best, other = sense[name], sense["utf-8" if name == "cp949" else "cp949"]
    if not best.korean or not best.example:
        return Text(_PLAIN_REASONS[name])
    return Text(
        _REASONS[name],
        {"fits": best.korean, "count": count, "example": best.example, "others": other.korean},
    )

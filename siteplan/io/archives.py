"""Unpacking zips that may be hostile: under our own plain names, and never more than a limit.

What a zip says about itself (sizes, names, kinds) is not believed: bytes are counted while they
are written, members are told by their first bytes, and nothing is written under a member's name.
"""

from __future__ import annotations

import lzma
import stat
import struct
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from siteplan.errors import InputError
from siteplan.io import limits
from siteplan.io.names import shown_name
from siteplan.io.sniff import ACCEPTED, FORMATS, HEAD_BYTES, format_by_ending, refused, sniffed
from siteplan.issues import Issue
from siteplan.text import Label, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHAPEFILE_PARTS = ("shp", "shx", "dbf", "prj", "cpg")
_PIECE_BYTES = 1024 * 1024
_END_BYTES = 22 + 65_535 + 20 + 56
"""The record at the end of a zip, its longest comment, and what zip64 puts before them."""

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    MemoryError,
    RuntimeError,  # also NotImplementedError, for ways of packing that nobody uses
    ValueError,
    OverflowError,
    IndexError,
)
"""What Python's zip reader raises on broken ones; MemoryError where a header asks for a
dictionary of gigabytes."""


@dataclass
class _Budget:
    """What may still be unpacked from one source."""

    name: str
    packed: int
    unpacked: int = 0
    outside: list[str] = field(default_factory=list)
    """Members that were read although their names lead out of the zip."""

    def announce(self, members: Iterable[zipfile.ZipInfo]) -> None:
        """Refuse what says itself that it is beyond the limits, before anything is written."""
        total = 0
        for info in members:
            total += info.file_size
            self._check(info.file_size, packed=info.compress_size)
        self._check(self.unpacked + total, packed=self.packed)

    def take(self, count: int) -> None:
        """Count bytes that are about to be written; refuse them beyond the limits."""
        self.unpacked += count
        self._check(self.unpacked, packed=self.packed)

    def _check(self, unpacked: int, *, packed: int) -> None:
        if unpacked > limits.MAX_UNPACKED_BYTES:
            raise InputError(
                sentence(
                    "{name} unpacks to more than {limit} GB. Cut the area you need out of it "
                    "first.",
                    name=self.name,
                    limit=limits.MAX_UNPACKED_BYTES // limits.GB,
                )
            )
        if unpacked > max(limits.RATIO_FROM_BYTES, packed * limits.MAX_RATIO):
            raise InputError(
                sentence(
                    "{name} unpacks to more than {ratio} times its size, as zip bombs do. If it "
                    "is yours, unpack it and hand over the file inside.",
                    name=self.name,
                    ratio=limits.MAX_RATIO,
                )
            )


@dataclass
class _Group:
    """The members that make one layer: one file, or the parts of a Shapefile."""

    kind: str
    stem: str
    parts: dict[str, zipfile.ZipInfo] = field(default_factory=dict)


def unzipped(path: Path, *, name: str, folder: Path) -> tuple[str, dict[str, Path], list[Issue]]:
    """Unpack the members of the preferred format.

    Parameters
    ----------
    path : Path
        The zip.
    name : str
        What the person calls it.
    folder : Path
        Where to unpack; made here.

    Returns
    -------
    kind : str
        Key of `FORMATS`.
    files : dict of str to Path
        Layer name -> file.
    issues : list of Issue
        Members whose names lead out of the zip (``../``, ``/etc``, ``C:``).

    Raises
    ------
    InputError
        The zip is damaged, locked, holds nothing of use, a link, a member twice, zips in zips
        in zips, or more than the limits of `siteplan.io.limits`.
    """
    folder.mkdir()
    budget = _Budget(name, packed=path.stat().st_size)
    with _opened(path, name=name) as archive:
        members = _members(archive, name=name)
        groups = _groups(members)
        if groups:
            return *_unpacked(archive, groups, budget=budget, folder=folder), _remarks(budget)
        inner = [info for member, info in members.items() if member.lower().endswith(".zip")]
        if inner:
            return *_inner(archive, inner, budget=budget, folder=folder), _remarks(budget)
    raise _nothing(name)


def _remarks(budget: _Budget) -> list[Issue]:
    named = ", ".join(budget.outside[:3]) + (" …" if len(budget.outside) > 3 else "")
    return [Issue("archive_path_odd", (), {"members": named})] if named else []


def _leads_out(member: str) -> bool:
    """Tell whether a name would be written outside of the folder that it is unpacked in."""
    return ".." in PurePosixPath(member).parts or member.startswith("/") or member[1:2] == ":"


def check_parts(parts: dict[str, Path], *, name: str) -> None:
    """Refuse a Shapefile that lacks a part, or has a .prj or .cpg that is no line of text."""
    missing = [f".{part}" for part in ("shp", "shx", "dbf") if part not in parts]
    if missing:
        raise InputError(
            sentence(
                "{name} lacks {missing}, without which a Shapefile cannot be read. Put .shp, "
                ".shx, .dbf and .prj together (best in one .zip).",
                name=name,
                missing=", ".join(missing),
            )
        )
    for part in ("prj", "cpg"):
        if part in parts and parts[part].stat().st_size > limits.MAX_PART_BYTES:
            raise InputError(
                sentence(
                    "The .{part} of {name} holds {count} bytes, where one line is meant. Remove "
                    "it and say which it is (--crs EPSG:5186 or --encoding cp949).",
                    part=part,
                    name=name,
                    count=f"{parts[part].stat().st_size:,}",
                )
            )


def _nothing(name: str) -> InputError:
    return InputError(
        sentence(
            "{name} holds no file of parcels. Pack a Shapefile (.shp, .shx, .dbf, .prj) or "
            "use {accepted}.",
            name=name,
            accepted=ACCEPTED,
        )
    )


@contextmanager
def _opened(path: Path, *, name: str) -> Iterator[zipfile.ZipFile]:
    """Open a zip; whatever its reader raises means that it is damaged."""
    try:
        _check_directory(path, name=name)
        with zipfile.ZipFile(path) as archive:
            yield archive
    except InputError:
        raise
    except _DAMAGE as error:
        raise InputError(
            sentence("{name} is a damaged zip file. Download or pack it again.", name=name)
        ) from error


def _check_directory(path: Path, *, name: str) -> None:
    """Refuse a list of members that would fill the memory before one of them is seen."""
    size = path.stat().st_size
    if size <= limits.MAX_DIRECTORY_BYTES:
        return
    with path.open("rb") as stream:
        stream.seek(max(0, size - _END_BYTES))
        tail = stream.read()
    at, wide = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    directory = 0
    if 0 <= at <= len(tail) - 16:
        directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    if 0 <= wide <= len(tail) - 48:
        directory = max(
            directory if directory != 0xFFFFFFFF else 0,
            int.from_bytes(tail[wide + 40 : wide + 48], "little"),
        )
    if directory > limits.MAX_DIRECTORY_BYTES:
        raise _too_many(name)


def _too_many(name: str) -> InputError:
    return InputError(
        sentence(
            "{name} holds more than {limit} files. Pack only the file of parcels.",
            name=name,
            limit=f"{limits.MAX_MEMBERS:,}",
        )
    )


def _members(archive: zipfile.ZipFile, *, name: str) -> dict[str, zipfile.ZipInfo]:
    """Return member name -> member, without folders and what macOS adds."""
    if len(archive.filelist) > limits.MAX_MEMBERS:
        raise _too_many(name)
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        member = _member_name(info).replace("\\", "/")
        if info.is_dir() or "__MACOSX" in member or PurePosixPath(member).name.startswith("."):
            continue
        if stat.S_ISLNK(info.external_attr >> 16):
            raise InputError(
                sentence(
                    "{name} holds a link ({member}) instead of a file. Pack the file itself.",
                    name=name,
                    member=shown_name(member),
                )
            )
        if member in members:
            raise InputError(
                sentence(
                    "{name} holds {member} twice. Pack it again with one of them.",
                    name=name,
                    member=shown_name(member),
                )
            )
        members[member] = info
    if any(info.flag_bits & 0x1 for info in members.values()):
        raise InputError(
            sentence("{name} is locked with a password. Unpack it and pack it again.", name=name)
        )
    if any(member.startswith("xl/") for member in members):
        raise refused(name, what=Label("엑셀 통합 문서", "an Excel workbook"))
    return members


def _groups(members: dict[str, zipfile.ZipInfo]) -> list[_Group]:
    """Return the layers of the preferred format, in the order of their names."""
    found: dict[tuple[str, str], _Group] = {}
    for member, info in members.items():
        path = PurePosixPath(member)
        ending = path.suffix.lower()[1:]
        kind = "shp" if ending in SHAPEFILE_PARTS else format_by_ending(path.name)
        if kind:
            key = (kind, str(path.with_suffix("")).casefold())
            group = found.setdefault(key, _Group(kind, str(path.with_suffix(""))))
            group.parts[ending] = info
    kinds = {kind for kind, _ in found}
    best = next((kind for kind in FORMATS if kind in kinds), None)
    return [group for key, group in sorted(found.items()) if key[0] == best]


def _unpacked(
    archive: zipfile.ZipFile, groups: list[_Group], *, budget: _Budget, folder: Path
) -> tuple[str, dict[str, Path]]:
    """Write the members of each layer and return layer name -> file."""
    budget.announce(info for group in groups for info in group.parts.values())
    files: dict[str, Path] = {}
    for number, group in enumerate(groups):
        if _leads_out(group.stem):
            budget.outside.append(shown_name(f"{group.stem}.{next(iter(group.parts))}"))
        parts = {}
        for ending, info in group.parts.items():
            plain = "geojson" if group.kind == "geojson" else ending
            target = folder / f"layer{number}.{plain}"
            _write(archive, info, target=target, budget=budget)
            parts[ending] = target
        if group.kind == "shp":
            check_parts(parts, name=budget.name)
        main = parts.get("shp") or next(iter(parts.values()))
        _check_content(main, group=group, name=budget.name)
        files[_layer_name(group.stem, taken=files)] = main
    return groups[0].kind, files


def _layer_name(stem: str, *, taken: dict[str, Path]) -> str:
    """Return the last part of a member's name, or all of it where another layer has that."""
    short = shown_name(PurePosixPath(stem).name)
    if short not in taken:
        return short
    longer = shown_name(stem)
    number = 2
    while longer in taken:
        longer = f"{shown_name(stem)} ({number})"
        number += 1
    return longer


def _check_content(path: Path, *, group: _Group, name: str) -> None:
    """Refuse a member that is something else than its ending says."""
    member = f"{name}/{shown_name(PurePosixPath(group.stem).name)}{path.suffix}"
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if sniffed(head, name=member) != group.kind:
        raise InputError(
            sentence(
                "{name} holds something else than its ending says. Export it again.", name=member
            )
        )


def _write(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, target: Path, budget: _Budget
) -> None:
    """Write one member piece by piece, counting what comes and not what was announced."""
    with archive.open(info) as packed, target.open("wb") as out:
        while piece := packed.read(_PIECE_BYTES):
            budget.take(len(piece))
            out.write(piece)


def _inner(
    archive: zipfile.ZipFile,
    inner: list[zipfile.ZipInfo],
    *,
    budget: _Budget,
    folder: Path,
) -> tuple[str, dict[str, Path]]:
    """Unpack the zips inside a zip, as portals pack them; those inside these are refused."""
    if len(inner) > limits.MAX_INNER_ZIPS:
        raise InputError(
            sentence(
                "{name} holds more than {limit} zip files. Hand over the one that you need.",
                name=budget.name,
                limit=limits.MAX_INNER_ZIPS,
            )
        )
    budget.announce(inner)
    found: dict[str, dict[str, Path]] = {}
    deeper = False
    for number, info in enumerate(inner):
        packed = folder / f"inner{number}.zip"
        _write(archive, info, target=packed, budget=budget)
        title = shown_name(PurePosixPath(_member_name(info)).stem)
        inside = folder / f"inner{number}"
        inside.mkdir()
        with _opened(packed, name=f"{budget.name}/{title}.zip") as opened:
            members = _members(opened, name=f"{budget.name}/{title}.zip")
            groups = _groups(members)
            deeper |= any(member.lower().endswith(".zip") for member in members)
            if groups:
                kind, files = _unpacked(opened, groups, budget=budget, folder=inside)
                layers = found.setdefault(kind, {})
                for stem, path in files.items():
                    layers[_layer_name(f"{title}/{stem}", taken=layers)] = path
        packed.unlink()
    kind = next((key for key in FORMATS if key in found), "")
    if not kind and deeper:
        raise InputError(
            sentence(
                "{name} holds zips inside zips inside a zip. Unpack it and hand over the zip with "
                "the parcels.",
                name=budget.name,
            )
        )
    if not kind:
        raise _nothing(budget.name)
    return kind, found[kind]


def _member_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; Windows packs Korean names in CP949 without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("cp949")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename

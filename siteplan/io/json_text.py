"""JSON as services save it -> GeoJSON that GDAL reads: replies of VWorld, lines, old CRS members.

A plain GeoJSON is recognised by its first letters and handed on untouched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siteplan.crs import known_crs
from siteplan.errors import InputError
from siteplan.issues import Issue
from siteplan.text import N_, Text, sentence

if TYPE_CHECKING:
    import pyproj

_HEAD = 4096
_COLLECTION = re.compile(rb'"type"\s*:\s*"FeatureCollection"')
_REPLY = re.compile(rb'"response"\s*:')
_TOPOLOGY = re.compile(rb'"type"\s*:\s*"Topology"')
_ESRI = re.compile(rb'"geometryType"\s*:\s*"esri|"rings"\s*:')
_CRS = re.compile(rb'"crs"\s*:\s*(?=[{n])')
_LAYER_END = re.compile(rb'"(features|geometry|coordinates)"\s*:')


@dataclass(frozen=True, eq=False)
class GeoJson:
    """A document that GDAL reads as GeoJSON.

    Parameters
    ----------
    content : bytes or None
        UTF-8; None where the original needs no change.
    crs : CRS or None
        What a ``crs`` member of the format's older version declares.
    undeclared : bool
        Whether a ``crs`` member says that the system is unknown, or names it in no usable way.
    issues : tuple of Issue
    """

    content: bytes | None = None
    crs: pyproj.CRS | None = None
    undeclared: bool = False
    issues: tuple[Issue, ...] = ()


def as_geojson(content: bytes, *, name: str) -> GeoJson:
    """Return what is needed to read a JSON file as GeoJSON.

    Parameters
    ----------
    content : bytes
        UTF-8.
    name : str
        What to call the file.

    Raises
    ------
    InputError
        It is the error of a service, TopoJSON or Esri JSON; the sentence names the fix.
    """
    head = content[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip(b"\x1e \t\r\n")
    if _TOPOLOGY.search(head):
        raise InputError(
            sentence(
                "{name} is TopoJSON, in which neighbours share lines. Export it as GeoJSON "
                "(mapshaper: -o format=geojson).",
                name=name,
            )
        )
    found: GeoJson | None = None
    if head.startswith(b"[") or _REPLY.search(head.split(b'"features"')[0]):
        found = _from_replies(_parsed(content, name=name), name=name)
    elif content.startswith(b"\x1e") or _is_lines(content, head=head):
        found = GeoJson(_joined_lines(content))
    elif _ESRI.search(head) and not _COLLECTION.search(head):
        raise InputError(
            sentence(
                "{name} is Esri JSON. Ask the service for GeoJSON (f=geojson), or export it as "
                "GeoJSON.",
                name=name,
            )
        )
    if found is not None:
        return found
    return _with_crs_member(content)


def _parsed(content: bytes, *, name: str) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            sentence("{name} is broken off or no well-formed JSON. Download it again.", name=name)
        ) from error


def _is_lines(content: bytes, *, head: bytes) -> bool:
    """Tell whether each line is a feature of its own (newline-delimited GeoJSON)."""
    if not re.match(rb'\{\s*"', head) or not re.search(rb'"type"\s*:\s*"Feature"', head):
        return False
    first, _, rest = content.lstrip(b"\xef\xbb\xbf\x1e \t\r\n").partition(b"\n")
    return rest.lstrip(b"\x1e \t\r\n").startswith(b"{") and first.rstrip().endswith(b"}")


def _joined_lines(content: bytes) -> bytes:
    lines = (line.strip(b"\xef\xbb\xbf\x1e \t\r,") for line in content.split(b"\n"))
    features = b",\n".join(line for line in lines if line)
    return b'{"type":"FeatureCollection","features":[\n' + features + b"\n]}"


def _from_replies(document: Any, *, name: str) -> GeoJson | None:
    """Return the features of one or more replies or collections; None of a plain document."""
    pages = document if isinstance(document, list) else [document]
    features: list[Any] = []
    member: object = None
    total, replies = 0, 0
    for page in pages:
        reply = page.get("response") if isinstance(page, Mapping) else None
        collection: Any = page
        if isinstance(reply, Mapping):
            replies += 1
            collection, count = _collection(reply, name=name, alone=len(pages) == 1)
            total = max(total, count)
        if not isinstance(collection, Mapping):
            raise InputError(
                sentence(
                    "{name} holds a list that is no GeoJSON. Export the parcels as a "
                    "FeatureCollection.",
                    name=name,
                )
            )
        if collection.get("type") == "Feature":
            features.append(collection)
        elif isinstance(collection.get("features"), list):
            features += collection["features"]
            member = collection.get("crs") or member
        elif not isinstance(reply, Mapping) and len(pages) == 1:
            return None
    issues = []
    if replies and total > len(features):
        issues.append(Issue("page_of_many", (), {"present": len(features), "total": total}))
    whole: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    crs = _named_crs(member) if member is not None else None
    content = json.dumps(whole, ensure_ascii=False).encode()
    undeclared = member is not None and crs is None
    return GeoJson(content, crs, undeclared=undeclared, issues=tuple(issues))


_SERVICE_FIXES = {
    "INVALID_KEY": N_("Check the key, and that its domain is the one it was registered for."),
}


def _collection(reply: Mapping[str, Any], *, name: str, alone: bool) -> tuple[Any, int]:
    """Return the features of one reply and how many there are in all its pages.

    Raises
    ------
    InputError
        The reply is an error, or says that nothing was found.
    """
    status = str(reply.get("status", ""))
    if status == "ERROR" or "error" in reply:
        error = reply.get("error")
        said = error if isinstance(error, Mapping) else {}
        code = str(said.get("code", "") or status)
        fix = _SERVICE_FIXES.get(code, N_("Ask again with other parameters, or later."))
        raise InputError(
            sentence(
                "{name} is no map but an error of the VWorld service, {code}: {said} {fix}",
                name=name,
                code=code,
                said=_ended(str(said.get("text", "") or code)),
                fix=Text(fix),
            )
        )
    if status == "NOT_FOUND" and not alone:
        return {"features": []}, 0
    if status == "NOT_FOUND":
        raise InputError(
            sentence(
                "{name} is a reply of the VWorld service that found nothing (NOT_FOUND). Check "
                "the PNU or 동, or ask for a larger box.",
                name=name,
            )
        )
    result = reply.get("result")
    collection = result.get("featureCollection") if isinstance(result, Mapping) else None
    if collection is None:
        collection = {"features": []}
    record = reply.get("record")
    total = record.get("total") if isinstance(record, Mapping) else None
    return collection, int(str(total)) if str(total).isdecimal() else 0


def _ended(text: str) -> str:
    plain = " ".join(text.split())[:200]
    return plain if plain.endswith((".", "!", "?")) else f"{plain}."


def _with_crs_member(content: bytes) -> GeoJson:
    """Return what a document's own ``crs`` member (GeoJSON 2008) says."""
    found, said = _crs_member(content)
    if not found:
        return GeoJson()
    crs = _named_crs(said)
    return GeoJson(crs=crs, undeclared=crs is None)


def _crs_member(content: bytes) -> tuple[bool, object]:
    """Return whether the document itself has a ``crs`` member, and its value.

    It is looked for before the first feature and after the last one, so that a property of a
    feature that is called the same is not taken for it.
    """
    start = _LAYER_END.search(content)
    head = content[: start.start()] if start else content[:_HEAD]
    tail = content[content.rfind(b"]") + 1 :] if start else b""
    for part in (head, tail):
        match = _CRS.search(part)
        if match:
            try:
                said, _ = json.JSONDecoder().raw_decode(part[match.end() :].decode("utf-8"))
            except (ValueError, RecursionError):
                continue
            return True, said
    return False, None


def _named_crs(member: object) -> pyproj.CRS | None:
    """Return the system that a ``crs`` member names; None for null, links and unknown names."""
    if not isinstance(member, Mapping) or not isinstance(member.get("properties"), Mapping):
        return None
    said = member["properties"]
    wish = said.get("name") if member.get("type") == "name" else said.get("code")
    if member.get("type") not in ("name", "EPSG") or not isinstance(wish, str | int):
        return None
    try:
        return known_crs(wish)
    except InputError:
        return None

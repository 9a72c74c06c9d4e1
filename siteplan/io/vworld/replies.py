"""One reply of the data service, read from its bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from siteplan.io.vworld.refusals import PASSING_CODES, Passing, Refusal
from siteplan.text import sentence


@dataclass(frozen=True)
class Reply:
    """A page of features.

    Parameters
    ----------
    total : int
        Features of all pages together, as the service promises them.
    features : tuple of dict
        GeoJSON features of this page, as received.
    """

    total: int
    features: tuple[dict[str, Any], ...]


NOTHING = Reply(0, ())


def parsed_reply(body: bytes) -> Reply:
    """Return what a reply says; NOT_FOUND is a reply without features.

    Raises
    ------
    Passing
        The reply is cut off or no reply of the service at all.
    Refusal
        The service says ERROR.
    """
    try:
        response = json.loads(body)["response"]
        status = response["status"]
        if status == "NOT_FOUND":
            return NOTHING
        if status == "ERROR":
            error = response["error"]
            raise _refused(str(error["code"]), str(error.get("text") or ""))
        features = response["result"]["featureCollection"]["features"]
        if status != "OK" or not all(_is_feature(feature) for feature in features):
            raise Passing(sentence("a reply that is not understood"))
        # What JSON or UTF-8 could not write again (NaN, half a letter) would break every file.
        json.dumps(features, allow_nan=False, ensure_ascii=False).encode()
        return Reply(int(response["record"]["total"]), tuple(features))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    if body.lstrip()[:1] == b"<":
        raise Passing(sentence("a web page instead of data; a login or a block may stand between"))
    raise Passing(sentence("a reply that was cut off"))


def _is_feature(feature: object) -> bool:
    return isinstance(feature, dict) and isinstance(feature.get("properties"), dict | None)


def _refused(code: str, message: str) -> Passing | Refusal:
    if code in PASSING_CODES:
        return Passing(sentence("{code} of the service", code=code))
    return Refusal(code, message)

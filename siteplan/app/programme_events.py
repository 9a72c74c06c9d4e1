"""What a person did on the programme bar, as events of the state.

The browser sends what was dragged, pressed or typed; whatever it sends is checked here. Nothing
here knows Streamlit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from siteplan.app.state import MoveUse, SetBounds, SetLock, SetTotal
from siteplan.errors import InputError
from siteplan.text import Text, sentence
from siteplan.units import PYEONG_M2
from siteplan.uses import USES

if TYPE_CHECKING:
    from siteplan.programme import Programme

_AMOUNT = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"\s*(?P<myriads>만)?\s*(?P<unit>%|m2|평|py)?",
    re.IGNORECASE,
)
_LONGEST = 40
_MYRIAD = 10_000


def programme_event(
    message: Mapping[str, Any], programme: Programme
) -> MoveUse | SetLock | SetBounds | SetTotal | None:
    """Return the event that a message of the browser stands for, None where it is none.

    Parameters
    ----------
    message : Mapping
        ``kind`` and what belongs to it: ``total`` (``text``); ``move`` (``use``, ``gfa_m2``);
        ``type`` (``use``, ``text``); ``lock`` (``use``, ``locked``); ``bounds`` (``use``,
        ``min``, ``max``, ``free``), where empty bounds are none.
    programme : Programme
        The present one: shares are of its total.

    Raises
    ------
    InputError
        Something was typed that is no amount of floor area.
    """
    kind, use = message.get("kind"), message.get("use")
    if kind == "total":
        return SetTotal(amount_m2(str(message.get("text"))))
    return _use_event(kind, use, message, total_m2=programme.total_gfa_m2) if use in USES else None


def _use_event(
    kind: object, use: str, message: Mapping[str, Any], *, total_m2: int
) -> MoveUse | SetLock | SetBounds | None:
    if kind == "move" and isinstance(message.get("gfa_m2"), int | float):
        return MoveUse(use, message["gfa_m2"])
    if kind == "type":
        return MoveUse(use, amount_m2(str(message.get("text")), share_of_m2=total_m2))
    if kind == "lock":
        return SetLock(use, bool(message.get("locked")))
    if kind == "bounds":
        least, most = (str(message.get(name) or "").strip() for name in ("min", "max"))
        return SetBounds(
            use,
            min_m2=amount_m2(least, share_of_m2=total_m2) if least else 0,
            max_m2=amount_m2(most, share_of_m2=total_m2) if most else total_m2,
            free=bool(message.get("free")),
        )
    return None


def amount_m2(text: str, *, share_of_m2: int | None = None) -> int:
    """Return the floor area that was typed, in whole m².

    Parameters
    ----------
    text : str
        Such as ``54,000``, ``54000 m²``, ``5.4만``, ``16,335평`` or ``20 %``; full-width forms
        count as their plain ones, commas only as separators of thousands.
    share_of_m2 : int, optional
        What a percentage is a share of; without it, percentages are refused.

    Raises
    ------
    InputError
        The text is no such amount.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _AMOUNT.fullmatch(plain) if len(plain) <= _LONGEST else None
    unit = "" if found is None else (found["unit"] or "").lower()
    if found is None or (unit == "%" and (share_of_m2 is None or found["myriads"])):
        raise InputError(_refusal(text, shares=share_of_m2 is not None))
    number = Decimal(found["number"].replace(",", "")) * (_MYRIAD if found["myriads"] else 1)
    if unit == "%":
        return round(number * (share_of_m2 or 0) / 100)
    return round(number * Decimal(PYEONG_M2)) if unit in ("평", "py") else round(number)


def _refusal(text: str, *, shares: bool) -> Text:
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    if shares:
        return sentence(
            "“{text}” is no floor area. Type square metres such as 54,000, or a share such as "
            "20 %.",
            text=shown,
        )
    return sentence(
        "“{text}” is no floor area. Type square metres such as 270,000.",
        text=shown,
    )

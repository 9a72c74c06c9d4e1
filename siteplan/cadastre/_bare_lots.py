"""Columns of bare lot numbers, "223-1" or "223-1 대", read as arrays of characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.cadastre.jimok import LETTERS

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

_WIDTH = len("1234-1234 대") + 1
_END, _ZERO, _DIGIT, _DASH, _SPACE, _LETTER, _OTHER = range(7)

_KIND = np.full(0x10000, _OTHER, dtype=np.uint8)
_KIND[0] = _END
_KIND[[ord(digit) for digit in "123456789"]] = _DIGIT
_KIND[ord("0")], _KIND[ord("-")], _KIND[ord(" ")] = _ZERO, _DASH, _SPACE
_KIND[[ord(letter) for letter in LETTERS]] = _LETTER

_START, _MAIN, _AFTER_DASH, _SUB, _AFTER_SPACE, _AFTER_LETTER, _DONE, _WRONG = (
    0,
    1,
    5,
    6,
    10,
    11,
    12,
    13,
)


def _steps() -> npt.NDArray[np.uint8]:
    """Return the next state for each state and kind of character; up to 4 digits a number."""
    steps = np.full((14, 7), _WRONG, dtype=np.uint8)
    steps[_START, _DIGIT] = _MAIN
    steps[_AFTER_DASH, _DIGIT] = _SUB
    for first in (_MAIN, _SUB):
        for state in range(first, first + 4):
            if state < first + 3:
                steps[state, [_ZERO, _DIGIT]] = state + 1
            steps[state, [_SPACE, _LETTER, _END]] = (_AFTER_SPACE, _AFTER_LETTER, _DONE)
            if first == _MAIN:
                steps[state, _DASH] = _AFTER_DASH
    steps[_AFTER_SPACE, _LETTER] = _AFTER_LETTER
    steps[[_AFTER_LETTER, _DONE], _END] = _DONE
    return steps


_STEPS = _steps()


@dataclass(frozen=True, eq=False)
class BareLots:
    """Lot numbers of a column that have no place and no 산.

    Parameters
    ----------
    texts : list of str
        "223-1", "" in rows of another form.
    main, sub : ndarray of int64, shape (n,)
        0 in rows of another form.
    letters : list of (str or None)
        The land category behind the number.
    """

    texts: list[str]
    main: Ints
    sub: Ints
    letters: list[str | None]


def bare_lots(texts: Sequence[str]) -> BareLots:
    """Read the rows of a column that hold a bare lot number, maybe with a letter behind it."""
    codes = np.array(texts, dtype=f"U{_WIDTH}").view(np.uint32).reshape(len(texts), _WIDTH)
    kinds = _KIND[np.minimum(codes, 0xFFFF)]
    state = np.zeros(len(texts), dtype=np.uint8)
    main, sub = np.zeros((2, len(texts)), dtype=np.int64)
    for column in range(_WIDTH):
        state = _STEPS[state, kinds[:, column]]
        digit = codes[:, column].astype(np.int64) - ord("0")
        main = np.where((state >= _MAIN) & (state < _AFTER_DASH), main * 10 + digit, main)
        sub = np.where((state >= _SUB) & (state < _AFTER_SPACE), sub * 10 + digit, sub)
    fits = state == _DONE
    marked = (kinds == _LETTER) & fits[:, np.newaxis]
    letters = np.where(marked, codes, 0).max(axis=1, initial=0).tolist()
    numbers = np.where(fits[:, np.newaxis] & (kinds < _SPACE), codes, np.uint32(0))
    return BareLots(
        texts=numbers.view(f"U{_WIDTH}")[:, 0].tolist(),
        main=np.where(fits, main, 0),
        sub=np.where(fits, sub, 0),
        letters=[chr(letter) if letter else None for letter in letters],
    )

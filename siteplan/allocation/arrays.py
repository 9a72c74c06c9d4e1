"""Check the arrays of an allocation problem once, at the door."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MAX_USES = 8
"""Most uses at once: the subset tests look at ``2**k`` sets."""

TOLERANCE = 1e-9
"""Relative tolerance of every feasibility test: float noise, not a way around a limit."""


def vector(value: Any, *, name: str, size: int | None = None, infinite: bool = False) -> FloatArray:
    """Return `value` as a float vector of areas.

    Parameters
    ----------
    value : array_like, shape (m,)
        Numbers, none negative.
    name : str
        Argument name for the error text.
    size : int, optional
        Wanted length.
    infinite : bool
        Whether +inf is a fair value.

    Returns
    -------
    numpy.ndarray, shape (m,)

    Raises
    ------
    ValueError
        For a wrong shape, NaN, infinity or a negative number; the text names the argument.
    """
    array = floats(value, name=name)
    if array.ndim != 1 or (size is not None and array.size != size):
        wanted = "one dimension" if size is None else f"shape ({size},)"
        msg = f"{name} must have {wanted}, not shape {array.shape}"
        raise ValueError(msg)
    _check_amounts(array, name=name, infinite=infinite)
    return array


def matrix(
    value: Any,
    *,
    name: str,
    rows: int | None = None,
    uses: int | None = None,
    infinite: bool = True,
) -> FloatArray:
    """Return `value` as an ``(rows, uses)`` matrix of areas.

    Parameters
    ----------
    value : array_like, shape (rows, uses)
        Numbers, none negative.
    name : str
        Argument name for the error text.
    rows, uses : int, optional
        Wanted shape; any where left out.
    infinite : bool
        Whether +inf is a fair value.

    Returns
    -------
    numpy.ndarray, shape (rows, uses)

    Raises
    ------
    ValueError
        For a wrong shape, NaN, a negative number or infinity that is not fair; the text names the
        argument, the index and the value.
    """
    array = floats(value, name=name)
    fits = array.ndim == 2 and rows in {None, array.shape[0]} and uses in {None, array.shape[1]}
    if not fits:
        wanted = ", ".join(
            str(letter if size is None else size) for letter, size in (("n", rows), ("k", uses))
        )
        msg = f"{name} must have shape ({wanted}), not {array.shape}"
        raise ValueError(msg)
    _check_amounts(array, name=name, infinite=infinite)
    return array


def bounds(
    upper_m2: Any, lower_m2: Any, *, rows: int, uses: int
) -> tuple[FloatArray | None, FloatArray | None]:
    """Return the bounds of uses on parcels in column layout.

    Parameters
    ----------
    upper_m2, lower_m2 : array_like, shape (rows, uses), or None
        Bounds.
    rows, uses : int
        Wanted shape.

    Returns
    -------
    upper, lower : numpy.ndarray, shape (uses, rows), or None

    Raises
    ------
    ValueError
        For a wrong shape, NaN, a negative number, an infinite lower bound, or a lower bound above
        its upper bound.
    """
    upper = None if upper_m2 is None else matrix(upper_m2, name="upper_m2", rows=rows, uses=uses)
    lower = None
    if lower_m2 is not None:
        lower = matrix(lower_m2, name="lower_m2", rows=rows, uses=uses, infinite=False)
    check_order(lower, upper, names=("lower_m2", "upper_m2"))
    return (None if upper is None else upper.T), (None if lower is None else lower.T)


def scores(value: Any, *, name: str, rows: int) -> FloatArray:
    """Return `value` as an ``(rows, k)`` matrix of scores; -inf means not allowed.

    Parameters
    ----------
    value : array_like, shape (rows, k)
        Numbers or -inf.
    name : str
        Argument name for the error text.
    rows : int
        Wanted number of rows.

    Returns
    -------
    numpy.ndarray, shape (rows, k)

    Raises
    ------
    ValueError
        For a wrong shape, more than `MAX_USES` columns, NaN or +inf.
    """
    array = floats(value, name=name)
    if array.ndim != 2 or array.shape[0] != rows:
        msg = f"{name} must have shape ({rows}, k), not {array.shape}"
        raise ValueError(msg)
    check_uses(array.shape[1], name=name)
    # One pass where all is well: NaN and +inf both fail the comparison.
    if array.size and not array.max() < np.inf:
        _refuse(array, ~(array < np.inf), name=name, wanted="a number or -inf")
    return array


def number(value: Any, *, name: str, most: float = math.inf, infinite: bool = False) -> float:
    """Return one number of 0 or more.

    Parameters
    ----------
    value : float
        The number.
    name : str
        Argument name for the error text.
    most : float
        Largest value.
    infinite : bool
        Whether +inf is a fair value.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        For anything else; the text names the argument and the value.
    """
    wrong = isinstance(value, bool) or not isinstance(value, Real)
    given = math.nan if wrong else float(value)
    if not 0.0 <= given <= most or (math.isinf(given) and not infinite):
        limit = f"a number of 0 to {most}" if math.isfinite(most) else "a number of 0 or more"
        msg = f"{name} must be {limit}{' or inf' if infinite else ''}, not {value!r}"
        raise ValueError(msg)
    return given


def count_of(value: Any, *, name: str, least: int = 1) -> int:
    """Return a whole number of at least `least`.

    Parameters
    ----------
    value : int
        The number.
    name : str
        Argument name for the error text.
    least : int
        Smallest value.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        For anything else; the text names the argument and the value.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        msg = f"{name} must be a whole number of at least {least}, not {value!r}"
        raise ValueError(msg)
    return int(value)


def check_uses(uses: int, *, name: str) -> None:
    """Raise `ValueError` unless there are between one and `MAX_USES` uses.

    Parameters
    ----------
    uses : int
        Number of uses.
    name : str
        Argument name for the error text.
    """
    if not 1 <= uses <= MAX_USES:
        msg = f"{name} must have 1 to {MAX_USES} uses, not {uses}"
        raise ValueError(msg)


def positive(array: FloatArray, *, name: str) -> FloatArray:
    """Return checked numbers if all are above 0.

    Parameters
    ----------
    array : numpy.ndarray
        Numbers.
    name : str
        Argument name for the error text.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        With the argument, the index and the value of the first that is not.
    """
    if array.size and not array.min() > 0.0:
        _refuse(array, ~(array > 0.0), name=name, wanted="positive")
    return array


def floats(value: Any, *, name: str) -> FloatArray:
    """Return `value` as floats.

    Parameters
    ----------
    value : array_like
        Numbers.
    name : str
        Argument name for the error text.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        Names the argument, and index and value of the first entry that is no number.
    """
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers{_first_word(value)}") from error


def _first_word(value: Any) -> str:
    """Say where the first entry stands that is no number; nothing for a ragged table."""
    try:
        entries = np.asarray(value, dtype=object)
    except ValueError:
        return ""
    for place in np.ndindex(entries.shape):
        try:
            float(entries[place])
        except (TypeError, ValueError):
            return f"; at [{', '.join(map(str, place))}] stands {entries[place]!r}"
    return ""


def _check_amounts(array: FloatArray, *, name: str, infinite: bool) -> None:
    if array.size == 0:
        return
    # One pass each where all is well: a NaN makes both comparisons false.
    if not array.min() >= 0.0:
        _refuse(array, ~(array >= 0.0), name=name, wanted="a number that is not negative")
    if not infinite and not array.max() < np.inf:
        _refuse(array, ~(array < np.inf), name=name, wanted="finite")


def _refuse(array: FloatArray, wrong: npt.NDArray[np.bool_], *, name: str, wanted: str) -> NoReturn:
    """Raise `ValueError` with the first wrong entry: argument, index and value."""
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    count = int(np.count_nonzero(wrong))
    more = f" (and {count - 1} more)" if count > 1 else ""
    msg = f"{name}[{', '.join(map(str, place))}] must be {wanted}, not {array[place]}{more}"
    raise ValueError(msg)


def check_order(low: FloatArray | None, high: FloatArray | None, *, names: tuple[str, str]) -> None:
    """Raise `ValueError` where a lower limit exceeds the upper one by more than `TOLERANCE`.

    Parameters
    ----------
    low, high : numpy.ndarray of one shape, or None
        Limits; None for no limit.
    names : tuple of str
        Argument names for the error text.
    """
    if low is None or high is None:
        return
    wrong = low > high
    if not wrong.any():
        return
    for place in zip(*np.nonzero(wrong), strict=True):
        least, most = float(low[place]), float(high[place])
        if least > most + TOLERANCE * least:
            index = ", ".join(str(int(i)) for i in place)
            msg = f"{names[0]}[{index}] = {least} must not exceed {names[1]}[{index}] = {most}"
            raise ValueError(msg)

"""Check the arrays of an allocation problem once, at the door."""

from __future__ import annotations

from typing import Any

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
    array = _floats(value, name=name)
    if array.ndim != 1 or (size is not None and array.size != size):
        wanted = "one dimension" if size is None else f"shape ({size},)"
        msg = f"{name} must have {wanted}, not shape {array.shape}"
        raise ValueError(msg)
    _check_amounts(array, name=name, infinite=infinite)
    return array


def matrix(value: Any, *, name: str, rows: int, uses: int) -> FloatArray:
    """Return `value` as an ``(rows, uses)`` matrix of areas; +inf is allowed.

    Parameters
    ----------
    value : array_like, shape (rows, uses)
        Numbers, none negative.
    name : str
        Argument name for the error text.
    rows, uses : int
        Wanted shape.

    Returns
    -------
    numpy.ndarray, shape (rows, uses)

    Raises
    ------
    ValueError
        For a wrong shape, NaN or a negative number; the text names the argument.
    """
    array = _floats(value, name=name)
    if array.shape != (rows, uses):
        msg = f"{name} must have shape ({rows}, {uses}), not {array.shape}"
        raise ValueError(msg)
    _check_amounts(array, name=name, infinite=True)
    return array


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
    array = _floats(value, name=name)
    if array.ndim != 2 or array.shape[0] != rows:
        msg = f"{name} must have shape ({rows}, k), not {array.shape}"
        raise ValueError(msg)
    check_uses(array.shape[1], name=name)
    if np.isnan(array).any() or (array == np.inf).any():
        msg = f"{name} must hold numbers or -inf, not NaN or +inf"
        raise ValueError(msg)
    return array


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


def _floats(value: Any, *, name: str) -> FloatArray:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"{name} must hold numbers"
        raise ValueError(msg) from error


def _check_amounts(array: FloatArray, *, name: str, infinite: bool) -> None:
    if array.size == 0:
        return
    # One pass each: a NaN makes both comparisons false.
    if not array.min() >= 0.0:
        problem = "NaN" if np.isnan(array).any() else "negative numbers"
        msg = f"{name} must not hold {problem}"
        raise ValueError(msg)
    if not infinite and not array.max() < np.inf:
        msg = f"{name} must be finite"
        raise ValueError(msg)

"""Passes over parcels in column layout: (k, n), one line per use.

Sums here do not hang on how many cores a machine has. BLAS splits long products among threads,
which changes their last bits, and on a busy machine one thread waits for the other for longer
than the product takes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.allocation.arrays import FloatArray, IntArray

Kind = TypeVar("Kind", bound=np.generic)

BLOCK = 4096
"""Parcels at a time: below what BLAS splits among threads, and within the processor's cache."""


def blocks(size: int) -> Iterator[slice]:
    """Cut `size` parcels into runs of at most `BLOCK`.

    Parameters
    ----------
    size : int
        Number of parcels.

    Yields
    ------
    slice
    """
    for begin in range(0, size, BLOCK):
        yield slice(begin, begin + BLOCK)


def kept(
    columns: npt.NDArray[Kind], rows: npt.NDArray[np.bool_] | IntArray | slice
) -> npt.NDArray[Kind]:
    """Keep some parcels: ``columns[..., rows]``, each line still whole in memory.

    Indexing with an array or a mask would return a transposed copy, over which a pass takes three
    times as long.

    Parameters
    ----------
    columns : numpy.ndarray, shape (..., n)
        One line per use.
    rows : numpy.ndarray of bool or int, or slice
        Parcels to keep.

    Returns
    -------
    numpy.ndarray, shape (..., m)
    """
    if isinstance(rows, slice):
        return columns[..., rows]
    if rows.dtype == np.bool_:
        return columns.compress(rows, axis=-1)
    return columns.take(rows, axis=-1)


def dot(one: FloatArray, two: FloatArray) -> float:
    """Sum the products of two arrays of one shape.

    Parameters
    ----------
    one, two : numpy.ndarray
        Numbers.

    Returns
    -------
    float
    """
    one, two = one.reshape(-1), two.reshape(-1)
    if one.size <= BLOCK:
        return float(one @ two)
    return math.fsum(float(one[part] @ two[part]) for part in blocks(one.size))


def sums_in_order(columns: FloatArray) -> FloatArray:
    """Add up each line, smallest first: the order of parcels makes no difference.

    Parameters
    ----------
    columns : numpy.ndarray, shape (k, n)
        One line per use.

    Returns
    -------
    numpy.ndarray, shape (k,)
    """
    return np.asarray(np.sort(columns, axis=1).sum(axis=1))


def gram(one: FloatArray, two: FloatArray) -> FloatArray:
    """Sum products over parcels, for every two lines: ``one @ two.T``.

    Parameters
    ----------
    one : numpy.ndarray, shape (a, n)
        Lines.
    two : numpy.ndarray, shape (b, n)
        Lines.

    Returns
    -------
    numpy.ndarray, shape (a, b)
    """
    size = one.shape[1]
    if size <= BLOCK:
        return np.asarray(one @ two.T)
    total = np.zeros((one.shape[0], two.shape[0]))
    for part in blocks(size):
        total += one[:, part] @ two[:, part].T
    return total

"""Kernels of GEOS on two halves at once: they hold no lock of the interpreter."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

_WORTH_IT = 4_096


def in_halves(
    kernel: Callable[..., npt.NDArray[Any]], *arrays: npt.NDArray[np.object_]
) -> npt.NDArray[Any]:
    """Return ``kernel(*arrays)`` for a kernel that treats each row by itself."""
    count = len(arrays[0])
    if count < _WORTH_IT:
        return kernel(*arrays)
    middle = count // 2
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(kernel, *(array[middle:] for array in arrays))
        first = kernel(*(array[:middle] for array in arrays))
        return np.concatenate([first, second.result()])

"""Converts arrays of numpy, torch, JAX, TensorFlow etc. to Python values or numpy arrays.

No I/O, but values may be copied from a GPU. Used by `weft.sdk.values.leaves`. An array is
recognised by its `shape`; its library is never imported.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, cast

from weft.libraries.optional import need

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDENED: Final = ("bfloat16", "float8", "float4", "float6")
"""Float dtypes of torch that numpy lacks. `float32` can represent all of their values."""


class NoArray(TypeError):
    """An object has a shape and a dtype but no numbers, such as a gym space or sparse matrix."""


def n_items_of(value: Any) -> int | None:
    """Return the number of items of an array, 1 for a library's scalar, or None if not an array.

    >>> import numpy as np
    >>> n_items_of(np.ones((2, 3))), n_items_of(np.float32(1)), n_items_of([1, 2])
    (6, 1, None)
    """
    shape: Any = getattr(value, "shape", None)
    if shape is None or not hasattr(value, "dtype"):
        return None
    n_items = 1
    try:
        for length in shape:
            n_items *= int(length)
    except TypeError:
        return None
    return n_items


def python_of(value: Any) -> Any:
    """Convert an array to a nested list, or to its item if it has only one.

    The items are usually Python values. Masked items are None. May raise any error of the library.

    >>> import numpy as np
    >>> python_of(np.array([[2.5]])), python_of(np.arange(3))
    (2.5, [0, 1, 2])
    """
    is_one = n_items_of(value) == 1
    if _library_of(value) != "numpy" and hasattr(value, "item" if is_one else "tolist"):
        return value.item() if is_one else value.tolist()
    array = numpy_of(value)
    if not is_one:
        return array.tolist()
    item: Any = array.ravel().tolist()[0]
    # numpy's long doubles have no Python type.
    return float(item) if type(item) is array.dtype.type else item


def numpy_of(value: Any) -> NDArray[Any]:
    """Convert an array to numpy: bools, ints, floats, or another dtype such as object.

    Times become text, durations float64 seconds, and float dtypes that numpy lacks float32.
    NoArray if the value has no numbers. Libraries raise their own errors, too.
    """
    need("numpy", "an array")
    import numpy as np

    library = _library_of(value)
    if library == "torch":
        value = value.detach().cpu()
        if str(value.dtype).removeprefix("torch.").startswith(_WIDENED):
            value = value.float()
        value = value.resolve_conj().resolve_neg().numpy()
    elif library == "cupy":
        value = value.get()
    elif hasattr(value, "numpy"):
        value = value.numpy()
    elif not hasattr(value, "__array__"):
        raise NoArray(f"{type(value).__name__} has no numbers that can be read")
    array = cast("NDArray[Any]", value if isinstance(value, np.ndarray) else np.asarray(value))
    kind = array.dtype.kind
    if kind == "m":
        return array / np.timedelta64(1, "s")
    if kind == "M":
        return array.astype(str)
    if kind == "V" and array.dtype.names is None and array.dtype.type is not np.void:
        return array.astype(np.float32)  # bfloat16 and similar dtypes of `ml_dtypes`
    return array


def numbers_in(value: Any) -> NDArray[Any] | None:
    """Return a large array's items for a histogram, or None if they are not real numbers."""
    import numpy as np

    array = numpy_of(value)
    masked: Any = sys.modules.get("numpy.ma")
    if masked is not None and isinstance(array, masked.MaskedArray):
        array = cast("NDArray[Any]", cast("Any", array).compressed())
    if array.dtype.kind == "O":
        kinds: set[Any] = {*map(type, array.ravel().tolist())}
        if not all(hasattr(kind, "__float__") for kind in kinds - {type(None)}):
            return None
        array = array.astype(np.float64)  # None becomes NaN
    return array if array.dtype.kind in "biuf" and array.size else None


def _library_of(value: Any) -> str:
    """Return the package of the array class. The value's own class may be a user's subclass."""
    for kind in type(value).__mro__:
        library = kind.__module__.partition(".")[0]
        if library in {"torch", "numpy", "cupy"}:
            return library
    return ""

"""Arrays and scalars of numpy, torch, JAX, TensorFlow and others as Python values or numpy arrays.

No I/O, but values may have to come from a GPU. Used by `weft.sdk.values.leaves`. An array is known
by its `shape`; its library is never imported.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDENED: Final = ("bfloat16", "float8", "float4", "float6")
"""Kinds of torch's floats that numpy has none for; `float32` holds each of their values."""


class NoArray(TypeError):
    """An object has a shape and a dtype, and no numbers: one of gym's spaces, a sparse matrix."""


def n_items_of(value: Any) -> int | None:
    """How many items an array has, 1 for a scalar of a library's; None = it is no array.

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
    """The item of an array of one, the nested list of a longer one: Python's values, mostly.

    Masked items are None. May raise whatever the library raises.

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
    """The array as one of numpy: bools, ints, floats, or what only a closer look can tell.

    Times are texts, durations float64 seconds, floats that numpy does not know float32.

    Raises:
        NoArray: it has no numbers. Libraries raise errors of their own, too.
    """
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
        return array.astype(np.float32)  # bfloat16 and its like, of `ml_dtypes`
    return array


def numbers_in(value: Any) -> NDArray[Any] | None:
    """The items of a large array whose values can be counted; None = they are no real numbers."""
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
    """The package of the class that makes it an array: a subclass's own may be the user's."""
    for kind in type(value).__mro__:
        library = kind.__module__.partition(".")[0]
        if library in {"torch", "numpy", "cupy"}:
            return library
    return ""

"""Converts logged values to plain ones, which msgpack can encode. No I/O.

Receives what the user's script passes to `log()`, `config` and `summary`, and hands plain values
to `weft.sdk.rows.history`. An unsupported value never stops training: it is stored as text or left
out, and reported through `warn_value`, once per key.

`weft.sdk.values.scalars` converts numbers and text, `weft.sdk.values.fields` objects that consist
of named values, and `weft.sdk.values.leaves` everything else. Libraries are recognised by their
objects and never imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from weft.records.limits import MAX_KEY_BYTES, MAX_NESTING
from weft.sdk.values.fields import has_items, items_in
from weft.sdk.values.media_values import is_media
from weft.sdk.values.scalars import (
    AS_IT_IS,
    LEFT_OUT,
    Complain,
    conversion_of,
    plain_int,
    plain_key,
    plain_text,
    text_instead,
)

if TYPE_CHECKING:
    from weft.sdk.values.media_values import AttachMedia

RESERVED_KEYS: Final = frozenset({"_step", "_runtime", "_timestamp"})
"""weft itself adds these to every row, so as logged keys they would appear twice."""


def flatten_row(
    data: Mapping[str, Any], warn_value: Complain, attach: AttachMedia | None = None
) -> dict[str, Any]:
    """Flatten a logged mapping to a dict of plain values. Nested keys join with `.`.

    `warn_value` is called for each value that can't be stored as it is. Without `attach`, media
    are left out.

    >>> flatten_row({"train": {"loss": 0.5, "top": [1, (2, 3)]}}, print)
    {'train.loss': 0.5, 'train.top': [1, [2, 3]]}
    """
    flat: dict[str, Any] = {}
    _flatten_into(flat, "", data, warn_value, (id(data),), attach)
    return flat


def _flatten_into(
    flat: dict[str, Any],
    prefix: str,
    data: Mapping[Any, Any],
    warn_value: Complain,
    above: tuple[int, ...],
    attach: AttachMedia | None,
) -> None:
    for part, value in data.items():
        key = prefix + (part if isinstance(part, str) else plain_key(part))
        if key == prefix:
            parent = prefix.removesuffix(".")
            warn_value(parent, f"{'has' if parent else 'is'} an empty key; its value was left out")
            continue
        if not prefix and key in RESERVED_KEYS:
            warn_value(key, "is a name of weft's own; the value was left out")
            continue
        branch = _branch_in(key, value, warn_value)
        if branch is LEFT_OUT:
            continue
        if branch:
            if id(value) in above:
                warn_value(key, "holds itself; it was left out")
            elif len(above) >= MAX_NESTING:
                warn_value(key, f"is nested more than {MAX_NESTING} deep; it was left out")
            else:
                _flatten_into(flat, f"{key}.", branch, warn_value, (*above, id(value)), attach)
            continue
        key = plain_key(key)
        if len(key) * 4 > MAX_KEY_BYTES and len(key.encode()) > MAX_KEY_BYTES:
            warn_value(
                f"{key[:40]}…", f"is a key of more than {MAX_KEY_BYTES} bytes; it was left out"
            )
            continue
        if attach is not None and is_media(value):
            for name, other in value.also(key).items():
                flat[name] = attach(name, [other], is_list=False)
        plain = plain_value(key, value, warn_value, attach=attach)
        if plain is not LEFT_OUT:
            flat[key] = plain


def _branch_in(key: str, value: Any, warn_value: Complain) -> Any:
    """Return the items of a branch, None for a leaf, or `LEFT_OUT` if it can't be read."""
    if not has_items(type(value)):
        return None
    try:
        items = items_in(value)
    except Exception as error:  # noqa: BLE001  the user's objects may raise anything
        warn_value(key, f"can't be read ({type(error).__name__}); it was left out")
        return LEFT_OUT
    return None if items is None or "_type" in items else items


def plain_segment(above: list[str], name: object, warn_value: Complain) -> str | None:
    """Check the last part of a config or summary path, after the parts `above`.

    None if the path is invalid, with a warning.

    >>> plain_segment(["model"], 3, lambda key, what: None)
    '3'
    """
    segment = plain_key(name)
    parent = ".".join(above)
    if len(above) >= MAX_NESTING:
        warn_value(parent, f"is nested more than {MAX_NESTING} deep; anything deeper was left out")
    elif not segment:
        warn_value(parent, f"{'has' if above else 'is'} an empty key; that entry was left out")
    elif len(segment) * 4 > MAX_KEY_BYTES and len(segment.encode()) > MAX_KEY_BYTES:
        shown = ".".join([*above, f"{segment[:40]}…"])
        warn_value(shown, f"is a key of more than {MAX_KEY_BYTES} bytes; that entry was left out")
    else:
        # Int keys are common and clear as text: `id2label={0: "cat", 1: "dog"}`.
        if not isinstance(name, (str, int)):
            warn_value(
                parent or segment,
                f"has a key that is not a string ({type(name).__name__}); it is kept as text"
                if parent
                else f"was given as {type(name).__name__}, not as a string; it is kept as text",
            )
        return segment
    return None


def plain_tree(
    path: list[str],
    value: Any,
    warn_value: Complain,
    above: tuple[int, ...] = (),
    *,
    is_input: bool = False,
    attach: AttachMedia | None = None,
) -> Any:
    """Convert a value of the config or the summary to nested dicts of plain values, a plain value,
    or `LEFT_OUT`.

    `above` are ids of the dicts that the value is in. If it `is_input`, of the config, arrays
    become lists or text, not histograms. Without `attach`, media are left out.

    >>> plain_tree(["model"], {"depth": 2, "heads": (1, 2)}, print)
    {'depth': 2, 'heads': [1, 2]}
    """
    key = ".".join(path)
    branch = _branch_in(key, value, warn_value)
    if branch is None:
        return plain_value(key, value, warn_value, is_input=is_input, attach=attach)
    if branch is LEFT_OUT:
        return LEFT_OUT
    if id(value) in above:
        warn_value(key, "holds itself; that part was left out")
        return LEFT_OUT
    if branch and len(path) >= MAX_NESTING:
        return text_instead(key, value, f"is nested more than {MAX_NESTING} deep", warn_value)
    tree: dict[str, Any] = {}
    for name, inner in branch.items():
        segment = plain_segment(path, name, warn_value)
        if segment is None:
            continue
        below = (*above, id(value))
        plain = plain_tree(
            [*path, segment], inner, warn_value, below, is_input=is_input, attach=attach
        )
        if plain is not LEFT_OUT:
            tree[segment] = plain
    return tree


def plain_value(
    key: str,
    value: Any,
    warn_value: Complain,
    *,
    is_input: bool = False,
    attach: AttachMedia | None = None,
) -> Any:
    """Convert a value to a scalar, text, None, a list or dict of these, or `LEFT_OUT`.

    The arguments are `plain_tree`'s.

    >>> plain_value("x", 2**70, print)
    {'_type': 'int', 'value': '1180591620717411303424'}
    """
    kind = cast("type[Any]", type(value))
    if kind in AS_IT_IS:
        return value
    if kind is str:
        return plain_text(key, value, warn_value)
    conversion = conversion_of(kind)
    if conversion is not None:
        return conversion(value)
    if _has_item(kind) and value.shape == () and getattr(value.dtype, "kind", "f") in "biuf":
        try:
            item: Any = value.item()
        except Exception:  # noqa: BLE001  `Leaf` reports the cause
            item = value
        if type(item) in AS_IT_IS or type(item) is int:
            return plain_int(item) if type(item) is int else item
    from weft.sdk.values.leaves import Leaf

    return Leaf(key, warn_value, is_input=is_input, attach=attach).plain(value)


@lru_cache(maxsize=1024)
def _has_item(kind: type[Any]) -> bool:
    """Whether it is an array class of torch, JAX or numpy, whose `item()` returns a scalar."""
    libraries = {part.__module__.partition(".")[0] for part in kind.__mro__}
    if "Masked" in kind.__name__ or not libraries & {"torch", "jaxlib", "numpy"}:
        return False
    return hasattr(kind, "item") and hasattr(kind, "shape")

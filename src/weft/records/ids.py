"""Names and ids of entities, projects, runs and writers: checks and generators. No I/O."""

from __future__ import annotations

import os
import re
from typing import Final, NewType

from weft.errors import ConfigError
from weft.records.limits import MAX_ID_BYTES

Entity = NewType("Entity", str)
ProjectName = NewType("ProjectName", str)
RunId = NewType("RunId", str)
WriterId = NewType("WriterId", str)

DEFAULT_ENTITY: Final = Entity("local")
DEFAULT_PROJECT: Final = ProjectName("uncategorized")

REGISTRY: Final = Entity("registry")
"""Owns the registries: each is a project whose artifacts are links to versions of others."""

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_FORBIDDEN: Final = r"[/\\#?%:\x00-\x1f\x7f]"

SHA256_PATTERN: Final = re.compile("[0-9a-f]{64}")
"""The hash of a content, which is its id."""


def _random_id(n_chars: int) -> str:
    # 252 = 7 × 36: bytes from 252 on would favour the first characters of the alphabet.
    chars: list[str] = []
    while len(chars) < n_chars:
        chars.extend(_ALPHABET[byte % 36] for byte in os.urandom(2 * n_chars) if byte < 252)
    return "".join(chars[:n_chars])


def new_run_id() -> RunId:
    """Make a run id: 8 random characters of `[a-z0-9]`.

    >>> len(new_run_id())
    8
    """
    return RunId(_random_id(8))


def new_writer_id() -> WriterId:
    """Make a writer id: 12 random characters of `[a-z0-9]`, unique within its run.

    >>> new_writer_id().isalnum()
    True
    """
    return WriterId(_random_id(12))


def check_name(kind: str, name: object) -> str:
    r"""Return `name` if it can name an entity, a project, a run or a writer.

    Args:
        kind: the word for the thing in the error, such as "project".
        name: 1 to 128 bytes of UTF-8 (it becomes a file name), without `/ \ # ? % :`, control
            characters, or spaces at either end; not `.` or `..`.

    Raises:
        ConfigError: `name` is invalid.

    >>> check_name("project", "mnist")
    'mnist'
    """
    if not isinstance(name, str):
        raise ConfigError(f"{kind} must be a string, not {type(name).__name__}", field=kind)
    try:
        n_bytes = len(name.encode())
    except UnicodeEncodeError:
        raise ConfigError(f"{kind} is not valid Unicode: {name!r}", field=kind) from None
    if not 0 < n_bytes <= MAX_ID_BYTES:
        raise ConfigError(f"{kind} must have 1 to {MAX_ID_BYTES} bytes, not {n_bytes}", field=kind)
    if name in {".", ".."}:
        raise ConfigError(
            f"{kind} may not be {name!r}, which names a folder: give it a name", field=kind
        )
    if re.search(_FORBIDDEN, name) or name.strip() != name:
        raise ConfigError(
            f"{kind} may not hold any of / \\ # ? % : or control characters, "
            f"nor start or end with a space: {name!r}",
            field=kind,
        )
    return name

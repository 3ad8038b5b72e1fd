"""The table of settings: names, kinds and help of the fields of a dataclass of settings. Pure."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin, get_type_hints

from weft.server.settings.kinds import Kind

_VARIABLE_PREFIX: Final = "WEFT_SERVER_"


class Setting(NamedTuple):
    """The setting of a field, in its annotation.

    Attributes:
        kind: the values that it takes.
        help: one sentence for `--help` and the reference.
        default: the default in words, where the field's own does not say it.
    """

    kind: Kind
    help: str
    default: str | None = None


class Table(NamedTuple):
    """A table of the settings file, whose keys are the fields of a dataclass.

    Attributes:
        type: the dataclass.
        is_named: whether there may be several, `[table.NAME]`, each with the name as its field
            `name`.
    """

    type: type
    is_named: bool = False


class Entry(NamedTuple):
    """A setting, or a table of them, with the name that users know it by.

    Attributes:
        name: the key in the settings file.
        field: the field of the dataclass. A size has a name without `_bytes`.
        is_required: whether the field has no default.
    """

    name: str
    field: str
    content: Setting | Table
    default: Any
    is_required: bool


@cache
def settings_of(kind: type) -> dict[str, Entry]:
    """The settings of a dataclass, by name."""
    hints = get_type_hints(kind, include_extras=True)
    entries: dict[str, Entry] = {}
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        if get_origin(hint) is not Annotated:
            continue
        content = get_args(hint)[1]
        name = field.name.removesuffix("_bytes")
        is_required = field.default is dataclasses.MISSING
        default = None if is_required else field.default
        entries[name] = Entry(name, field.name, content, default, is_required)
    return entries


def variable_of(name: str) -> str:
    """The environment variable of a setting.

    >>> variable_of("public_url")
    'WEFT_SERVER_PUBLIC_URL'
    """
    return _VARIABLE_PREFIX + name.upper()


def option_of(name: str) -> str:
    """The option of a setting.

    >>> option_of("public_url")
    '--public-url'
    """
    return "--" + name.replace("_", "-")

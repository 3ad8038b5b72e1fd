"""Reads the settings file, and checks every key and value of it. Reads files.

ConfigError names the file, the line where that is known, the key, and the remedy. Paths in the
file are relative to its folder.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from weft.errors import ConfigError
from weft.records.nearest import did_you_mean
from weft.server.settings.kinds import PATH, SECRET
from weft.server.settings.server_settings import ServerSettings
from weft.server.settings.table import Entry, Setting, Table, settings_of

_SECRET_SUFFIX: Final = "_file"
_TABLE_NAME: Final = r"[a-z0-9][a-z0-9_-]{0,31}"
_MOST_SECRET_BYTES: Final = 4096

_HEADER: Final = re.compile(r"\s*\[+\s*([^\]#]+?)\s*\]+\s*(?:#.*)?")
_KEY: Final = re.compile(r"""\s*["']?([^"'=.\s]+)["']?\s*[.=]""")


def read_settings_file(path: Path) -> dict[str, Any]:
    """Read a settings file: the values of fields of `ServerSettings`."""
    try:
        text = path.read_bytes().decode()
        table = tomllib.loads(text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"the settings file can't be read: {reason}: {path}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"the settings file is not UTF-8 text: {path}") from error
    except tomllib.TOMLDecodeError as error:
        fault = str(error)[:1].lower() + str(error)[1:]
        raise ConfigError(f"the settings file is not valid TOML: {fault}: {path}") from error
    return _File(path, text).read(table, ServerSettings, ())


class _File(NamedTuple):
    path: Path
    text: str

    def read(self, table: Mapping[str, Any], kind: type, above: tuple[str, ...]) -> dict[str, Any]:
        """The values of a dataclass's fields, from one table of the file."""
        entries = settings_of(kind)
        values: dict[str, Any] = {}
        for key, value in table.items():
            entry = entries.get(key) or entries.get(key.removesuffix(_SECRET_SUFFIX))
            if entry is None or (entry.name != key and not _is_secret(entry)):
                names = [*entries, *(f"{e.name}_file" for e in entries.values() if _is_secret(e))]
                remedy = did_you_mean(key, names, f"; known here: {', '.join(names)}")
                raise self._fault((*above, key), f"unknown setting {key!r}{remedy}")
            if entry.field in values:
                raise self._fault((*above, key), f"set only one of {entry.name} and {key}")
            values[entry.field] = self._value(entry, value, (*above, key))
        for entry in entries.values():
            if entry.is_required and above and entry.field not in values:
                raise self._fault(above, f"{'.'.join(above)} lacks {entry.name}")
        return values

    def _value(self, entry: Entry, value: Any, path: tuple[str, ...]) -> Any:
        content = entry.content
        if isinstance(content, Setting):
            if path[-1] != entry.name:
                return self._secret(path, value)
            return self._setting(content, value, path)
        if not isinstance(value, Mapping):
            raise self._fault(path, f"{entry.name} must be a table: begin it with [{entry.name}]")
        table = cast("Mapping[str, Any]", value)
        if content.is_named:
            return tuple(self._named(content, name, table[name], path) for name in table)
        return content.type(**self.read(table, content.type, path))

    def _named(self, table: Table, name: str, value: Any, path: tuple[str, ...]) -> Any:
        where = (*path, name)
        if not isinstance(value, Mapping):
            raise self._fault(where, f"{path[-1]} has tables: begin each with [{path[-1]}.NAME]")
        if not re.fullmatch(_TABLE_NAME, name):
            fault = f"{name!r} must be lower-case letters, digits, - and _, at most 32 characters"
            raise self._fault(where, fault)
        values = self.read(cast("Mapping[str, Any]", value), table.type, where)
        return table.type(name=name, **values)

    def _setting(self, setting: Setting, value: Any, path: tuple[str, ...]) -> Any:
        try:
            converted = setting.kind.from_toml(value)
        except ValueError:
            # A secret of another type is still a secret.
            shown = "a value of another type" if setting.kind is SECRET else _shown(value)
            fault = f"{'.'.join(path)} must be {setting.kind.description}, not {shown}"
            raise self._fault(path, fault) from None
        return self.path.parent / converted if isinstance(converted, Path) else converted

    def _secret(self, path: tuple[str, ...], value: Any) -> str:
        file = self._setting(Setting(PATH, ""), value, path)
        try:
            secret = file.read_bytes()[:_MOST_SECRET_BYTES].decode().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise self._fault(path, f"{'.'.join(path)} can't be read: {reason}: {file}") from error
        if not secret:
            raise self._fault(path, f"{'.'.join(path)} is empty: {file}")
        return secret

    def _fault(self, path: tuple[str, ...], fault: str) -> ConfigError:
        line = _line_of(self.text, path)
        origin = f"{self.path}, line {line}" if line else f"{self.path}"
        return ConfigError(f"{origin}: {fault}", field=".".join(path))


def _is_secret(entry: Entry) -> bool:
    return isinstance(entry.content, Setting) and entry.content.kind is SECRET


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a table"
    return json.dumps(value, default=str, ensure_ascii=False)[:100]


def _line_of(text: str, path: tuple[str, ...]) -> int | None:
    r"""The line of a key or table, from 1; None if it is written in a rarer form.

    >>> _line_of('port = 1\n[oidc.lab]\nissuer = "x"', ("oidc", "lab", "issuer"))
    3
    """
    above: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.fullmatch(line)
        key = _KEY.match(line)
        if header:
            above = tuple(part.strip().strip("\"'") for part in header[1].split("."))
            if above == path:
                return number
        elif key and (*above, key[1]) == path:
            return number
    return None

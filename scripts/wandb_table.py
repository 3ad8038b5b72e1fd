"""The table of all names of W&B's client, in `docs/reference/wandb.md`: same, other or absent.

W&B's names are those of `tests/frameworks/parity/official_names.json`, and ours are looked for in
the code. What differs or is absent has a reason: in the code, where a missing name raises an error
that says it, or in `wandb_table.toml`. `missing_reasons` and `stale_reasons` name what does not
fit.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Final, NamedTuple

import click

import weft
from weft.apis import public
from weft.cli.wandb.absent import ABSENT_BETA_VERBS, ABSENT_VERBS
from weft.cli.wandb.command import wandb as program
from weft.cli.wandb.options import Refused, Unneeded
from weft.sdk.dicts.summary import Summary
from weft.sdk.reading.stored.names import snake_case
from weft.sdk.run_settings import RunSettings
from weft.sdk.setup.settings import SETTINGS
from weft.sdk.setup.wandb_names import (
    ALIASES,
    MISSING,
    MISSING_INTEGRATIONS,
    WITHOUT_MEANING,
    why_no_module,
)
from weft.sdk.wandb_package import COMPAT, with_wandb_package

ROOT: Final = Path(__file__).parents[1]
OFFICIAL: Final[dict[str, Any]] = json.loads(
    (ROOT / "tests/frameworks/parity/official_names.json").read_text()
)
REASONS: Final[dict[str, dict[str, str]]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text()
)

SAME, OTHER, ABSENT, IGNORED = "same", "other", "absent", "ignored"


class Line(NamedTuple):
    """A name, its state, and why it is not the same."""

    name: str
    state: str
    why: str = ""


def page() -> str:
    """The generated end of the page."""
    parts = [
        "Each public name of W&B's package 0.31.0. *Same*: it is there, with W&B's arguments in "
        "their order; what it does besides stands above and in the guides. *Other*: it is there, "
        "and differs. *Ignored*: it is accepted, and has no effect. *Absent*: it is not there, "
        "for the reason that is given; using it is an error that names it.",
    ]
    for title, groups in sections().items():
        parts.append(f"### {title}")
        for heading, lines in groups.items():
            parts += [f"#### {heading}"] if heading else []
            parts.append("\n".join(_rows(lines)))
    return "\n\n".join(parts) + "\n"


@cache
def sections() -> dict[str, dict[str, list[Line]]]:
    """All lines, by the headings of a section and of a group in it."""
    modules = {
        f"`{name}`": list(_module(name, names)) for name, names in OFFICIAL["modules"].items()
    }
    classes = {
        f"`{_shown(name)}`": list(_class(name, members))
        for name, members in OFFICIAL["classes"].items()
    }
    return {
        "Modules": modules,
        "Integrations": {"": list(_integrations())},
        "Classes": classes,
        "Settings": {"": list(_settings())},
        "Variables": {"": list(_variables())},
        "The command line": {"": list(_commands())},
    }


def missing_reasons() -> list[str]:
    """Names that are neither there nor explained."""
    return [
        f"{heading}: {line.name}: {line.state}"
        for groups in sections().values()
        for heading, lines in groups.items()
        for line in lines
        if line.state != SAME and not line.why
    ]


def stale_reasons() -> list[str]:
    """Reasons of `wandb_table.toml` that no line has."""
    sections()
    return [
        f"{table}: {key}"
        for table, reasons in REASONS.items()
        for key in reasons
        if (table, key) not in _used
    ]


_used: set[tuple[str, str]] = set()


def _reason(table: str, name: str, *, is_here: bool = False) -> str:
    """The first reason for a name. The reason `*` is for absent names only."""
    for key, why in REASONS.get(table, {}).items():
        if fnmatchcase(name, key) and not (is_here and key == "*"):
            _used.add((table, key))
            return why
    return ""


def _explained(table: str, name: str, *, is_here: bool, why: str = "") -> Line:
    """The line of a name; a reason for one that is there says in what it differs."""
    reason = why or _reason(table, name, is_here=is_here) or _reason_of_media(table, name)
    if is_here and not reason:
        return Line(name, SAME)
    return Line(name, OTHER if is_here else ABSENT, reason)


def _reason_of_media(table: str, name: str) -> str:
    kind = getattr(weft.data_types, table, None)
    return _reason("media", name) if inspect.isclass(kind) else ""


def _module(module: str, names: list[str]) -> Iterator[Line]:
    ours = {"wandb": weft, "wandb.apis.public": public}.get(
        module, getattr(weft, module.rpartition(".")[2], None)
    )
    for name in names:
        is_here = _has(ours, name)
        why = "" if is_here else MISSING.get(name, "") if module == "wandb" else ""
        if not is_here and f"{module}.{name}" in _names_of_package():
            yield Line(name, SAME)
        elif not is_here and name in MISSING_INTEGRATIONS and module == "wandb":
            yield Line(name, ABSENT, "[the official client](../guide/wandb-client.md) has it")
        else:
            yield _explained(module, name, is_here=is_here, why=why)
        if module == "wandb" and name in OFFICIAL["functions"] and is_here:
            official = OFFICIAL["functions"][name]
            yield from _arguments(module, name, official, getattr(ours, name), n_bound=0)


def _has(module: Any, name: str) -> bool:
    try:
        return hasattr(module, name)
    except ModuleNotFoundError as error:
        return error.name == name  # an integration, whose framework is not installed here


@cache
def _names_of_package() -> set[str]:
    """The names that the package `wandb` over weft has besides those of `weft`, of W&B's modules.

    A process of its own imports it: here it would stay.
    """
    paths = [f"{module}.{name}" for module, names in OFFICIAL["modules"].items() for name in names]
    environment = with_wandb_package(os.environ)
    done = subprocess.run(
        [sys.executable, "-c", _IN_PACKAGE, json.dumps(paths)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


_IN_PACKAGE: Final = """
import importlib, json, sys, wandb
def has(path):
    module, _, name = path.rpartition(".")
    if module == "wandb":
        return name in wandb._MODULES or name in {"api", "patched", "wandb"}
    return hasattr(importlib.import_module(module), name)
print(json.dumps([path for path in json.loads(sys.argv[1]) if has(path)]))
"""


def _integrations() -> Iterator[Line]:
    ours = {info.name for info in iter_modules([str(COMPAT / "wandb" / "integration")])}
    for name in OFFICIAL["integrations"]:
        if name in ours:
            yield _explained("integrations", name, is_here=True)
        else:
            yield Line(name, ABSENT, why_no_module(f"integration.{name}").partition(": ")[2])


def _class(name: str, members: dict[str, list[str] | None]) -> Iterator[Line]:
    kind = _ours(name)
    table = _shown(name)
    if kind is None:
        for member in members:
            if member != "__init__":
                yield _explained(table, member, is_here=False, why=_reason("classes", name))
        return
    absent: Mapping[str, str] = getattr(kind, "not_here", {})
    for member, parameters in members.items():
        value = _member(kind, member)
        is_here = value is not _NOWHERE
        if member == "__init__":
            if parameters is not None and not name.startswith("public."):
                yield from _arguments(table, member, parameters, value)
            continue
        why = "" if is_here else absent.get(member) or absent.get(snake_case(member), "")
        is_call = inspect.isroutine(value)
        if is_here and is_call != (parameters is not None):
            yield Line(member, OTHER, _reason(table, member))
            continue
        yield _explained(table, member, is_here=is_here, why=why)
        if is_here and parameters is not None:
            yield from _arguments(table, member, parameters, value)


def _shown(name: str) -> str:
    return f"apis.{name}" if name.startswith("public.") else name


_NOWHERE: Final = object()


def _ours(name: str) -> Any:
    if name == "Summary":
        return Summary
    if name.startswith("public."):
        return getattr(public, name.removeprefix("public."), None)
    return getattr(weft, name, None) or getattr(weft.data_types, name, None)


def _member(kind: type, name: str) -> Any:
    """A member of one of our classes, by W&B's name or in snake case, or `_NOWHERE`."""
    for spelling in (name, snake_case(name)):
        try:
            value = inspect.getattr_static(kind, spelling)
        except AttributeError:
            if spelling in _attributes(kind):
                return spelling
            continue
        return getattr(value, "__func__", value)
    return _NOWHERE


def _attributes(kind: type) -> set[str]:
    """The attributes with a type, or in a docstring, of the class and its bases."""
    names: set[str] = set()
    for base in kind.__mro__:
        names |= set(vars(base).get("__annotations__", ()))
        _, _, text = (vars(base).get("__doc__") or "").partition("Attributes:\n")
        for line in re.findall(r"^ {8}(\w[\w, `]*):", text, re.MULTILINE):
            names |= set(re.findall(r"\w+", line))
    return names


def _arguments(
    table: str, name: str, official: list[str], function: Any, n_bound: int = 1
) -> Iterator[Line]:
    """Lines of W&B's arguments that a function of ours lacks."""
    if isinstance(function, property) or not callable(function):
        return
    try:
        parameters = list(inspect.signature(function).parameters.values())[n_bound:]
    except ValueError:  # a builtin has none
        return
    kinds = {parameter.kind for parameter in parameters}
    if inspect.Parameter.VAR_KEYWORD in kinds:
        return
    ours = {parameter.name for parameter in parameters}
    for parameter in official:
        argument = parameter.partition("=")[0]
        if argument != "self" and argument not in ours:
            yield _explained(table, f"{name}({argument})", is_here=False)
    names = [parameter.partition("=")[0] for parameter in official]
    shared = [argument for argument in names if argument in ours]
    if shared != [parameter.name for parameter in parameters if parameter.name in shared]:
        yield Line(f"{name}(...)", OTHER, _reason(table, f"{name}(...)"))


def _settings() -> Iterator[Line]:
    for name in OFFICIAL["settings"]:
        is_computed = inspect.getattr_static(RunSettings, name, None) is not None
        if why := _reason("ignored", name):
            yield Line(name, IGNORED, why)
        elif name in SETTINGS or name in ALIASES or is_computed:
            yield _explained("settings", name, is_here=True)
        elif name in WITHOUT_MEANING:
            yield Line(name, IGNORED, "stored with the run's settings, and not used")
        else:
            yield _explained("settings", name, is_here=False)


def _variables() -> Iterator[Line]:
    ours = {
        variable: setting.name for setting in SETTINGS.values() for variable in setting.variables
    }
    for name in OFFICIAL["variables"]:
        if why := _reason("ignored", ours.get(name, "")):
            yield Line(name, IGNORED, why)
        else:
            yield _explained("variables", name, is_here=name in ours or name in _read_elsewhere())


def _read_elsewhere() -> set[str]:
    """The variables of W&B that the code reads by their names."""
    return {
        name
        for path in (ROOT / "src/weft/sdk").rglob("*.py")
        for name in re.findall(r'"(WANDB_[A-Z_]+)"', path.read_text())
    }


def _commands() -> Iterator[Line]:
    for path, options in OFFICIAL["commands"].items():
        words = path.split(" ")
        command: Any = program
        for word in words:
            command = command.commands.get(word) if isinstance(command, click.Group) else command
        absent = ABSENT_BETA_VERBS.get(words[1]) if words[0] == "beta" else None
        why = absent or ABSENT_VERBS.get(words[0], "")
        yield _explained("commands", path, is_here=command is not None and not why, why=why)
        if command is None or why:
            continue
        ours = {
            word: option
            for option in command.params
            for word in [*option.opts, *option.secondary_opts]
        }
        for word in options:
            option = ours.get(word)
            if isinstance(option, Refused):
                yield Line(f"{path} {word}", ABSENT, option.help or "")
            elif isinstance(option, Unneeded):
                yield Line(f"{path} {word}", IGNORED, option.help or "")
            else:
                yield _explained("commands", f"{path} {word}", is_here=option is not None)


def _rows(lines: list[Line]) -> Iterator[str]:
    """The rows of a table: names of one state and reason together, those that are same first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        groups.setdefault((line.state, line.why), []).append(f"`{line.name}`")
    yield "| | | |"
    yield "|---|---|---|"
    for (state, why), names in sorted(groups.items(), key=lambda item: item[0][0] != SAME):
        yield f"| {', '.join(names)} | {state} | {why.replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    print(*missing_reasons(), *stale_reasons(), sep="\n")

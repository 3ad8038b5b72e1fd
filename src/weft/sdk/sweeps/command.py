"""The command line that starts a sweep's program for one parameter set, with W&B's macros.

${env}           /usr/bin/env; nothing on Windows
${interpreter}   the Python that runs the agent
${program}       the sweep's program
${args}          --name=value for each parameter
${args_no_hyphens}        name=value
${args_no_boolean_flags}  --name=value; --name for True and nothing for False
${args_json}              all parameters as one JSON object
${args_json_file}         the path of a file with it
${envvar:NAME}            the variable NAME of the agent
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from weft.errors import ConfigError

DEFAULT_COMMAND: Final = ("${env}", "${interpreter}", "${program}", "${args}")

_MACRO: Final = re.compile(r"\$\{(\w+)(?::([^}]*))?\}")


def command_line(
    command: Sequence[str],
    program: str | None,
    config: Mapping[str, Any],
    json_file: Path,
    environment: Mapping[str, str] = os.environ,
) -> list[str]:
    """The words of the command, `DEFAULT_COMMAND` or the sweep's.

    `json_file` is written if `${args_json_file}` is used.

    >>> command_line(["train", "${args}"], None, {"lr": 0.1}, Path("x.json"))
    ['train', '--lr=0.1']
    """
    words: list[str] = []
    for word in command:
        whole = _MACRO.fullmatch(word)
        if whole is None:
            words.append(_MACRO.sub(lambda macro: _inside(macro, program, environment), word))
        else:
            words += _words(whole, program, config, json_file, environment)
    return words


def _words(
    macro: re.Match[str],
    program: str | None,
    config: Mapping[str, Any],
    json_file: Path,
    environment: Mapping[str, str],
) -> list[str]:
    flat = _flat(config)
    match macro[1]:
        case "env":
            return [] if os.name == "nt" else ["/usr/bin/env"]
        case "args":
            return [f"--{name}={_text(value)}" for name, value in flat.items()]
        case "args_no_hyphens":
            return [f"{name}={_text(value)}" for name, value in flat.items()]
        case "args_no_boolean_flags":
            return [
                f"--{name}" if value is True else f"--{name}={_text(value)}"
                for name, value in flat.items()
                if value is not False
            ]
        case "args_json":
            return [json.dumps(config)]
        case "args_json_file":
            json_file.write_text(json.dumps(config))
            return [str(json_file)]
        case _:
            return [_inside(macro, program, environment)]


def _inside(macro: re.Match[str], program: str | None, environment: Mapping[str, str]) -> str:
    """The text of a macro that is one word, or a part of one."""
    match macro[1]:
        case "interpreter":
            return sys.executable
        case "program":
            if program is None:
                raise ConfigError(
                    "the sweep names no program: add `program: train.py` to its configuration"
                )
            return program
        case "envvar":
            if not macro[2] or macro[2] not in environment:
                raise ConfigError(f"the sweep's command needs the variable {macro[2]}; set it")
            return environment[macro[2]]
        case _:
            raise ConfigError(
                f"unknown macro {macro[0]} in the sweep's command; there are ${{env}}, "
                "${interpreter}, ${program}, ${args}, ${args_no_hyphens}, "
                "${args_no_boolean_flags}, ${args_json}, ${args_json_file} and ${envvar:NAME}"
            )


def _flat(config: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Items by dotted name.

    >>> _flat({"optimizer": {"lr": 0.1}, "seed": 1})
    {'optimizer.lr': 0.1, 'seed': 1}
    """
    flat: dict[str, Any] = {}
    for name, value in config.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[before + name] = value
    return flat


def _text(value: Any) -> str:
    return (
        value
        if isinstance(value, str)
        else json.dumps(value)
        if isinstance(value, list | dict)  # pyrefly: ignore[implicit-any-type-argument]
        else str(value)
    )

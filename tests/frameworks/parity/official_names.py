"""Every public name of the official client: modules, classes, settings, variables, commands.

    .wandb/0.31.0/bin/python tests/frameworks/parity/official_names.py \
        > tests/frameworks/parity/official_names.json

`scripts/wandb_table.py` makes the table in `docs/reference/wandb.md` of the file, and
`tests/docs/test_reference.py` compares the file with the client that is installed.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from typing import Any

Members = dict[str, "list[str] | None"]

MODULES = ["wandb", "wandb.plot", "wandb.data_types", "wandb.errors", "wandb.apis.public"]
OF_MODULE = ["Run", "Artifact", "Config", "ArtifactTTL", "AlertLevel"]
INSIDE = re.compile(r"_|(validate_|model_|catch_private)")
"""Beginnings of names that are not public, and of those that pydantic gives to settings."""


def main() -> None:
    print(json.dumps(official_names(), indent=1))


def official_names() -> dict[str, Any]:
    import wandb
    import wandb.integration
    from pydantic import BaseModel
    from wandb.apis import public

    classes = {name: members(getattr(wandb, name)) for name in OF_MODULE}
    classes["Summary"] = members(type(wandb.sdk.wandb_summary.Summary(dict)))
    for module, prefix in ((wandb.data_types, ""), (public, "public.")):
        for name, kind in vars(module).items():
            is_error = inspect.isclass(kind) and issubclass(kind, Exception)
            if inspect.isclass(kind) and not name.startswith("_") and not is_error:
                classes[f"{prefix}{name}"] = members(kind)
    for name, fields in fields_of_answers().items():
        classes[f"public.{name}"] |= dict.fromkeys(fields)
    inherited = set(dir(BaseModel))
    settings = {
        name: parameters
        for name, parameters in members(wandb.Settings).items()
        if name not in inherited and not INSIDE.match(name)
    }
    return {
        "functions": {
            name: parameters
            for name in names_of(wandb)
            if (parameters := parameters_of(getattr(wandb, name, None), n_bound=0)) is not None
        },
        "modules": {name: names_of(importlib.import_module(name)) for name in MODULES},
        "integrations": sorted(
            info.name for info in pkgutil.iter_modules(wandb.integration.__path__)
        ),
        "classes": {
            name: dict(sorted(listed.items())) for name, listed in sorted(classes.items())
        },
        "settings": sorted({*wandb.Settings.model_fields, *settings}),
        "variables": sorted(
            value
            for value in vars(wandb.env).values()
            if isinstance(value, str) and value.startswith("WANDB_")
        ),
        "commands": commands(),
    }


def names_of(module: Any) -> list[str]:
    names = {name for name in dir(module) if not name.startswith("_")}
    public = names | {name for name in getattr(module, "__all__", ()) if name[0] != "_"}
    ours = {name for name in public if not is_foreign(module, name)}
    return sorted(ours)


def is_foreign(module: Any, name: str) -> bool:
    """Whether a name is a module or class of another package, which the module imports."""
    value = getattr(module, name, None)
    if isinstance(value, type(annotations)):
        return True
    home = getattr(value, "__module__", None) or getattr(value, "__name__", "")
    is_object = inspect.ismodule(value) or inspect.isclass(value) or inspect.isfunction(value)
    return is_object and not str(home).startswith("wandb")


def members(kind: type) -> Members:
    """By name: the parameters with their defaults; None = it is no method."""
    names = [name for name in dir(kind) if not name.startswith("_")]
    listed = {name: parameters_of(inspect.getattr_static(kind, name)) for name in names}
    return {"__init__": parameters_of(kind.__init__), **listed}  # type: ignore[misc]


def parameters_of(value: Any, n_bound: int = 1) -> list[str] | None:
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    if not inspect.isfunction(value):
        return None
    parameters = list(inspect.signature(inspect.unwrap(value)).parameters.values())[n_bound:]
    return [
        parameter.name
        if parameter.default is parameter.empty
        else f"{parameter.name}={default(parameter.default)}"
        for parameter in parameters
    ]


def default(value: Any) -> str:
    """A default; without addresses, which differ from one process to the next."""
    return re.sub(r" at 0x\w+", "", repr(value))


def fields_of_answers() -> dict[str, list[str]]:
    """Attributes that objects take from the answers of its server, by class."""
    from wandb.apis._generated import ProjectFragment, UserFragment
    from wandb.apis.public.files import FILE_FRAGMENT
    from wandb.apis.public.runs import RUN_FRAGMENT

    of_run = re.findall(r"^ {4}(\w+)", RUN_FRAGMENT, re.MULTILINE)
    fields = {
        "Run": ["project", "project_internal_id", *of_run],
        "File": re.findall(r"^ {16}(\w+)", FILE_FRAGMENT, re.MULTILINE),
    }
    for name, model in (("Project", ProjectFragment), ("User", UserFragment)):
        fields[name] = [field for field in model.model_fields if not field.endswith("__")]
    return fields


def commands() -> dict[str, list[str]]:
    """The options and arguments of each verb."""
    import click
    from wandb.cli.cli import cli

    listed: dict[str, list[str]] = {}

    def walk(group: click.Group, prefix: str) -> None:
        for name, command in group.commands.items():
            path = f"{prefix}{name}"
            if isinstance(command, click.Group):
                walk(command, f"{path} ")
            else:
                listed[path] = sorted(
                    word
                    for option in command.params
                    for word in [*option.opts, *option.secondary_opts]
                    if word.startswith("-")
                )

    walk(cli, "")
    return dict(sorted(listed.items()))


if __name__ == "__main__":
    main()

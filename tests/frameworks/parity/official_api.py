"""Classes, names and parameters of the official client's `wandb.apis.public`.

    python tests/frameworks/parity/official_api.py > tests/frameworks/parity/official_api.json

in an environment with `wandb`. `tests/unit/sdk/reading/test_sdk_api_names.py` holds `weft.Api` to
the file, and `test_frameworks_wandb_api.py` the file to the official client.
"""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

CLASSES = ["Api", "Run", "Runs", "File", "Files", "Project", "Projects", "User", "HistoryScan"]


def official_api() -> dict[str, dict[str, list[str] | None]]:
    """By class and name: the parameters with their defaults; None = it is no method."""
    from wandb.apis import public
    from wandb.apis._generated import ProjectFragment, UserFragment
    from wandb.apis.public.files import FILE_FRAGMENT
    from wandb.apis.public.runs import RUN_FRAGMENT

    methods: dict[str, dict[str, list[str] | None]] = {}
    for name in CLASSES:
        kind: Any = getattr(public, name)
        names = [name for name in dir(kind) if not name.startswith("_")]
        methods[name] = {name: _parameters(inspect.getattr_static(kind, name)) for name in names}
        methods[name]["__init__"] = _parameters(kind.__init__) if name == "Api" else None
    # Attributes that its objects take from the answers of its server.
    fields = re.findall(r"^ {4}(\w+)", RUN_FRAGMENT, re.MULTILINE)
    methods["Run"] |= dict.fromkeys(["project", "project_internal_id", *fields])
    methods["File"] |= dict.fromkeys(re.findall(r"^ {16}(\w+)", FILE_FRAGMENT, re.MULTILINE))
    for name, model in (("Project", ProjectFragment), ("User", UserFragment)):
        fields = [field for field in model.model_fields if not field.endswith("__")]
        methods[name] |= dict.fromkeys(fields)
    return {name: dict(sorted(names.items())) for name, names in methods.items()}


def _parameters(value: Any) -> list[str] | None:
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    if not inspect.isfunction(value):
        return None
    parameters = list(inspect.signature(inspect.unwrap(value)).parameters.values())[1:]
    return [
        parameter.name
        if parameter.default is parameter.empty
        else f"{parameter.name}={parameter.default!r}"
        for parameter in parameters
    ]


if __name__ == "__main__":
    print(json.dumps(official_api(), indent=1))

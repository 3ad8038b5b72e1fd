"""`weft.Api` has what the official one has, or a stated reason why not.

`tests/frameworks/parity/official_names.json` records the official client's names and parameters;
`tests/docs/test_reference.py` compares it with the client.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

import weft
from weft.sdk.reading.stored.names import snake_case

ROOT = Path(__file__).parents[4]
_RECORD = json.loads((ROOT / "tests/frameworks/parity/official_names.json").read_text())
OFFICIAL: dict[str, dict[str, list[str] | None]] = {
    kind: {
        name: parameters
        for name, parameters in _RECORD["classes"][f"public.{kind}"].items()
        if name != "__init__" or kind == "Api"
    }
    for kind in ("Api", "Run", "Runs", "File", "Files", "Project", "Projects", "User",
                 "HistoryScan")
}  # fmt: skip
NAMES = [(kind, name) for kind, names in OFFICIAL.items() for name in names]

INSTANCE = {
    "Run": {"name", "notes", "tags", "group", "job_type"},
    "File": {"name"},
    "Project": {"name"},
    "User": {"teams", "api_keys"},
    "HistoryScan": {"max_step"},
}
"""Names that our objects have, and their classes lack."""

DEFAULTS = {
    ("Run", "scan_history", "page_size=1000"): "page_size=10000",
    ("Run", "scan_history", "min_step=0"): "min_step=None",
    ("Run", "beta_scan_history", "page_size=1000"): "page_size=10000",
    ("Run", "beta_scan_history", "min_step=0"): "min_step=None",
    ("Api", "create_project", "entity"): "entity=None",
    ("Api", "create_registry", "visibility"): "visibility=None",
}
"""Parameters with another default, on purpose."""


def ours(kind: str) -> Any:
    return getattr(weft.apis.public, kind)


def has(kind: str, name: str) -> bool:
    names = {name, snake_case(name)}
    return any(hasattr(ours(kind), name) for name in names) or bool(
        names & INSTANCE.get(kind, set())
    )


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_each_official_name_is_here_or_said_to_be_missing(kind: str, name: str) -> None:
    missing = getattr(ours(kind), "not_here", {})
    assert has(kind, name) != (name in missing or snake_case(name) in missing)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, name in NAMES if OFFICIAL[kind][name] and has(kind, name)],
)
def test_parameters_have_the_official_names_order_and_defaults(kind: str, name: str) -> None:
    theirs = OFFICIAL[kind][name] or []
    function = inspect.getattr_static(ours(kind), name)
    function = getattr(function, "__func__", function)
    our_names = [
        parameter.name
        if parameter.default is parameter.empty
        else f"{parameter.name}={parameter.default!r}"
        for parameter in list(inspect.signature(function).parameters.values())[1:]
    ]
    expected = [DEFAULTS.get((kind, name, their_name), their_name) for their_name in theirs]
    # Ours may take more, by name; what is official comes first, in its order.
    assert our_names[: len(expected)] == expected


def test_a_missing_name_says_why() -> None:
    api = weft.Api("http://127.0.0.1:1")
    with pytest.raises(AttributeError, match=r"weft\.reports\.Report\.list"):
        api.reports  # noqa: B018
    with pytest.raises(AttributeError, match=r"dir\(\) of it"):
        api.nonsense  # noqa: B018


def test_the_classes_can_be_had_by_the_official_path() -> None:
    assert weft.apis.public.Api is weft.Api is weft.apis.PublicApi
    assert issubclass(weft.errors.NoSuchRun, (weft.CommError, ValueError))

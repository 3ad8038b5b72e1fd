"""Every public method of a service takes an `actor` first and begins with `permissions.require`.

The methods are looked up in the classes: a new one is checked without touching this file.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import weft.server.services
from weft.errors import Forbidden
from weft.server.services.access.actors import LOCAL, SYSTEM, Actor
from weft.server.services.access.paths import ProjectPath, RegistryPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.opening import services as services_module
from weft.server.services.opening.services import Services

NOT_SERVICES = {"background", "stores"}
"""Fields of `Services` that no request reaches: they have no actor."""

LIFETIME = {"close", "forget"}
"""Methods that end a thing its caller already has."""


def service_classes() -> list[type[Any]]:
    hints = typing.get_type_hints(Services, vars(services_module))
    return [
        hints[field.name]
        for field in dataclasses.fields(Services)
        if field.name not in NOT_SERVICES
    ]


def public_methods() -> list[Callable[..., Any]]:
    return [
        method
        for service in service_classes()
        for name, method in inspect.getmembers(service, inspect.isfunction)
        if not name.startswith("_") and name not in LIFETIME
    ]


def test_services_are_found() -> None:
    names = {service.__name__ for service in service_classes()}
    assert names >= {"IngestService", "RunService", "SeriesService", "LiveHub"}
    assert len(public_methods()) >= 15


def test_each_takes_an_actor_first_and_requires_a_permission() -> None:
    for method in public_methods():
        assert_requires_first(method, method.__qualname__)


def assert_requires_first(method: Callable[..., Any], name: str) -> None:
    parameters = list(inspect.signature(method).parameters)
    assert parameters[:2] == ["self", "actor"], f"{name}: its first argument must be the actor"
    tree = ast.parse(textwrap.dedent(inspect.getsource(method)))
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef), name
    statements = [
        node
        for node in function.body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    match statements[0]:
        case ast.Expr(ast.Call(ast.Name("require"), [ast.Name("actor"), *_])):
            pass
        case _:
            pytest.fail(f"{name}: its first statement must be require(actor, …)")


def test_routes_reach_no_store() -> None:
    """Of `storage` they may know the types of its contract alone."""
    http = Path(weft.server.services.__file__).parents[1] / "http"
    for path in http.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                parts = node.module.split(".")
                assert parts[:3] != ["weft", "server", "storage"] or parts[3:] == ["contract"], (
                    path
                )


def test_users_may_do_anything_with_their_own_projects_alone() -> None:
    for actor in (LOCAL, SYSTEM, Actor("user", "root", is_admin=True)):
        for action in Action:
            require(actor, action, SERVER)
            require(actor, action, ProjectPath("bob", "mnist"))
    ada = Actor("user", "ada")
    require(ada, Action.READ, SERVER)
    for action in Action:
        require(ada, action, ProjectPath("ada", "mnist"))
        for entity in ("bob", "local"):
            with pytest.raises(Forbidden):
                require(ada, action, ProjectPath(entity, "mnist"))
        if action is not Action.READ:
            with pytest.raises(Forbidden):
                require(ada, action, SERVER)


def test_all_users_see_registries_and_none_treats_one_as_a_project() -> None:
    require(Actor("user", "ada"), Action.READ, RegistryPath("model"))
    for actor in (LOCAL, SYSTEM, Actor("user", "root", is_admin=True), Actor("user", "ada")):
        for action in Action:
            if actor.user != "ada":
                require(actor, action, RegistryPath("model"))
            with pytest.raises(Forbidden, match="is a registry"):
                require(actor, action, ProjectPath("registry", "model"))

"""Outside `storage.metadata` a transaction is only passed on: no SQL runs on its connection."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

SERVER = Path(__file__).parents[2] / "src" / "weft" / "server"

NAMES = {"tx", "_tx", "_transaction"}
"""The names of transactions."""

ALLOWED = {"after_commit"}


@cache
def outside() -> list[ast.Module]:
    """The modules that name a transaction, or its type."""
    texts = (
        path.read_text()
        for path in sorted(SERVER.rglob("*.py"))
        if "storage/metadata" not in path.as_posix()
    )
    return [ast.parse(text) for text in texts if "tx" in text or "ransaction" in text]


def used(tree: ast.AST) -> set[str]:
    """Attributes that are read of a transaction."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, (ast.Name, ast.Attribute))
        and (node.value.id if isinstance(node.value, ast.Name) else node.value.attr) in NAMES
    }


def test_a_transaction_is_only_passed_on() -> None:
    assert set().union(*map(used, outside())) == ALLOWED


def test_a_statement_is_found() -> None:
    statements = ast.parse("tx.connection.execute(x)\nself._tx.queue(y)\nselection.c.run")
    assert used(statements) == {"connection", "queue"}


def test_transactions_have_these_names() -> None:
    arguments = [
        node for tree in outside() for node in ast.walk(tree) if isinstance(node, ast.arg)
    ]
    named = {
        argument.arg
        for argument in arguments
        if isinstance(argument.annotation, ast.Name) and argument.annotation.id == "Transaction"
    }
    assert named == {"tx"}

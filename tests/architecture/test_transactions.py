"""Outside `storage.metadata` a transaction is only passed on: no SQL runs on its connection."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SERVER = Path(__file__).parents[2] / "src" / "weft" / "server"

NAMES = {"tx", "_tx", "_transaction"}
"""What transactions are called."""

ALLOWED = {"after_commit"}


def outside() -> Iterator[ast.Module]:
    for path in sorted(SERVER.rglob("*.py")):
        if "storage/metadata" not in path.as_posix():
            yield ast.parse(path.read_text())


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
        if argument.annotation is not None and ast.unparse(argument.annotation) == "Transaction"
    }
    assert named == {"tx"}

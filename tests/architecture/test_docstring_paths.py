"""Every module, name or member of a class that a docstring or comment gives as a path exists."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from python_texts import prose_of

ROOT = Path(__file__).parents[2] / "src" / "weft"

PATH = re.compile(r"(?<!`)`((?:weft\.)?[a-z_]+(?:\.[A-Za-z_]\w*)+)(?:\(\))?`(?!`)")

MEMBER = re.compile(r"(?<!`)`([A-Z]\w*)\.([a-z_]\w*)(?:\(\))?`(?!`)")

CLASS = re.compile(r"^class (\w+)(?:\[.*?\])?(?:\(([^:]*?)\))?:\n((?:(?: .*)?\n)*)", re.M)

NAME_IN_CLASS = re.compile(r"def (\w+)|^ +(\w+)\b(?=[:,]| =)|self\.(\w+)|class (\w+)", re.M)

ALIAS = re.compile(r"(\w+) as ([A-Z]\w*)")

FILE_ENDINGS = {"py", "db", "json", "jsonl", "yaml", "yml", "csv", "md"}


@cache
def modules() -> dict[str, Path]:
    modules = {}
    for path in ROOT.rglob("*.py"):
        parts = ("weft", *path.relative_to(ROOT).with_suffix("").parts)
        modules[".".join(part for part in parts if part != "__init__")] = path
    return modules


@cache
def packages() -> set[str]:
    """Names of folders with modules; a path that begins with another word may be a variable's.

    `wandb.…` are names of scripts: those of W&B, and of the package over weft.
    """
    return {path.parent.name for path in ROOT.rglob("__init__.py")} - {"weft", "wandb"}


@cache
def names_in(module: str) -> set[str]:
    names: set[str] = set()

    def add(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    names.add(prefix + name)
                case ast.ClassDef(name=name):
                    names.add(prefix + name)
                    add(node.body, f"{prefix}{name}.")
                case ast.AnnAssign(target=ast.Name(id=name)):
                    names.add(prefix + name)
                case ast.Assign():
                    names.update(
                        prefix + target.id
                        for target in node.targets
                        if isinstance(target, ast.Name)
                    )
                case ast.ImportFrom() | ast.Import():
                    names.update(prefix + (alias.asname or alias.name) for alias in node.names)
                case _:
                    pass

    add(ast.parse(modules()[module].read_text()).body, "")
    return names


@cache
def exists(path: str) -> bool:
    parts = path.split(".")
    for n in range(len(parts), 0, -1):
        head, rest = ".".join(parts[:n]), ".".join(parts[n:])
        for module in modules():
            if f".{module}".endswith(f".{head}") and (not rest or rest in names_in(module)):
                return True
    return False


def paths_named() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.rglob("*.py")):
        source = path.read_text()
        for text in prose_of(source) if PATH.search(source) else ():
            for match in PATH.finditer(text):
                parts = match[1].removeprefix("weft.").split(".")
                # `weft.name` is a public name of the client.
                is_module = len(parts) > 1 and parts[0] in packages()
                if is_module and parts[-1] not in FILE_ENDINGS:
                    yield str(path.relative_to(ROOT)), match[1]


def test_paths_in_docstrings_exist() -> None:
    named = list(paths_named())
    assert len(named) > 200
    missing = {(file, path) for file, path in named if not exists(path)}
    # `http.client` is Python's.
    missing = {
        path for path in missing if path[1].partition(".")[0] not in sys.stdlib_module_names
    }
    assert not missing


@cache
def classes() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The members and the bases of all classes by name: those of one name count as one class.

    An alias, such as the public `File` of `StoredFile`, counts as a subclass. By expressions,
    because to parse all modules takes several times as long.
    """
    members: defaultdict[str, set[str]] = defaultdict(set)
    bases: defaultdict[str, set[str]] = defaultdict(set)
    for path in ROOT.rglob("*.py"):
        source = path.read_text()
        for name, base, body in CLASS.findall(source):
            members[name].update(word for words in NAME_IN_CLASS.findall(body) for word in words)
            bases[name].update(re.findall(r"\w+", base))
        for name, alias in ALIAS.findall(source):
            bases[alias].add(name)
    return members, bases


def has_member(name: str, member: str) -> bool:
    members, bases = classes()
    names, seen = [name], set[str]()
    while names:
        current = names.pop()
        if member in members.get(current, ()):
            return True
        seen.add(current)
        names += bases.get(current, set()) - seen
    return False


def test_members_of_classes_in_docstrings_exist() -> None:
    named = [
        (str(path.relative_to(ROOT)), *match.groups())
        for path in sorted(ROOT.rglob("*.py"))
        if MEMBER.search(source := path.read_text())
        for text in prose_of(source)
        for match in MEMBER.finditer(text)
    ]
    assert len(named) > 200
    missing = {
        f"{file}: {name}.{member}" for file, name, member in named if not has_member(name, member)
    }
    assert not missing

"""Names say what a value is; docstrings define with nouns, in plain words. What is left of others
may not grow.

`CODE_STYLE.md` shows before and after. Whoever lowers a count lowers its limit here, too.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType

from python_texts import prose_of, without_texts

PROJECT = Path(__file__).parents[2]

VAGUE = (
    "found|asked|one|places?|said|how|given|known|made|some|kept|lit|odd|stretch|stretches"
    "|mine|wanted|taken|told|which|whose|what"
)
"""Words that tell what happened to a value, or ask for it, instead of naming it."""

CLAUSES = ("What ", "How ", "Which ", "Whose ", "That ")

FOLDERS = ("src/weft", "tests", "bench", "scripts", "examples")

MOST_NAMES = 4
MOST_WEB_NAMES = 0
MOST_CLAUSES = 0
MOST_STIFF_PHRASES = {"src/weft": 0, "web/src": 0}

VAGUE_NAME = re.compile(f"_*(?:{VAGUE})")
PERHAPS_VAGUE = re.compile(rf"(?<![.\w])_*(?:{VAGUE})\s*(?:[,:)\]#]|[^\w\s]{{0,2}}=(?!=)|in\b)")
CLAUSE = re.compile(rf'"""\s*(?:{"|".join(CLAUSES)})')
DECLARATION = re.compile(rf"\b(?:const|let|function)\s+(?:{VAGUE})\b")
_LIST = r"\(((?:[^()]|\([^()]*\))*)\)"
PARAMETERS = re.compile(rf"\bfunction\b[^(]*{_LIST}|{_LIST}\s*(?::[^=;{{}}()]*)?=>")
PARAMETER = re.compile(rf"(?:^|,)\s*(?:\.\.\.)?(?:{VAGUE})\s*(?=[?:,=]|$)")
STIFF_PHRASE = re.compile(r"\b(?:anew|that of|shall)\b", re.IGNORECASE)
WEB_COMMENT = re.compile(r"/\*[\s\S]*?\*/|(?<!:)//.*")


def vague_names(tree: ast.Module) -> list[str]:
    """Parameters and assigned names of a module that are in `VAGUE`.

    >>> vague_names(ast.parse("def rows(asked): found = [one for one in asked]"))
    ['1: asked', '1: found', '1: one']
    """
    names: list[str] = []
    for node in ast.walk(tree):
        name = None
        if isinstance(node, ast.arg):
            name = node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        if name is not None and VAGUE_NAME.fullmatch(name):
            names.append(f"{node.lineno}: {name}")
    return sorted(names)


def clauses(tree: ast.Module) -> list[str]:
    """First lines of docstrings, also of attributes, that are noun clauses."""
    texts = (
        inspect.cleandoc(node.value.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
    return [text.split("\n")[0] for text in texts if text.startswith(CLAUSES)]


def identifiers(code: CodeType) -> set[str]:
    """Names that compiled code may assign: in functions those of variables; in modules and classes
    all names, and texts, as annotations without a value are among those."""
    inner = (identifiers(part) for part in code.co_consts if isinstance(part, CodeType))
    names = {*code.co_varnames, *code.co_cellvars}.union(*inner)
    if not code.co_flags & inspect.CO_OPTIMIZED:
        names.update(code.co_names)
        names.update(constant for constant in code.co_consts if isinstance(constant, str))
    return names


def has_vague_identifier(path: Path, text: str) -> bool:
    """Whether code may assign one: most modules have none that looks like it, or
    in their prose alone."""
    if not PERHAPS_VAGUE.search(text) or not PERHAPS_VAGUE.search(without_texts(text)):
        return False
    names = identifiers(compile(text, path, "exec", dont_inherit=True))
    return any(map(VAGUE_NAME.fullmatch, names))


@cache
def findings() -> tuple[list[str], list[str]]:
    """Vague names and noun clauses of all modules. To compile a module takes a fourth of the time
    of its tree, and to search its text a tenth of that: those that may have some get a tree."""
    names: list[str] = []
    definitions: list[str] = []
    for folder in FOLDERS:
        for path in sorted((PROJECT / folder).rglob("*.py")):
            text = path.read_text()
            if not CLAUSE.search(text) and not has_vague_identifier(path, text):
                continue
            tree = ast.parse(text)
            where = path.relative_to(PROJECT)
            names += [f"{where}:{name}" for name in vague_names(tree)]
            definitions += [f"{where}: {line}" for line in clauses(tree)]
    return names, definitions


def assert_at_most(limit: int, listed: list[str]) -> None:
    sample = "\n".join(listed[-40:])
    assert len(listed) <= limit, f"{len(listed)} instead of {limit}; the last of them:\n{sample}"


def test_vague_names_do_not_become_more() -> None:
    names, _ = findings()
    assert_at_most(MOST_NAMES, names)


def test_noun_clauses_as_definitions_do_not_become_more() -> None:
    _, definitions = findings()
    assert_at_most(MOST_CLAUSES, definitions)


def web_files(*suffixes: str) -> Iterator[tuple[Path, str]]:
    """Files of the web app that people write, with their texts."""
    for path in sorted((PROJECT / "web/src").rglob("*")):
        if path.suffix in suffixes and not path.name.endswith(".gen.ts"):
            yield path.relative_to(PROJECT), path.read_text()


def web_names(text: str) -> list[str]:
    """Declarations and parameters of a TypeScript source that are in `VAGUE`.

    >>> web_names("const found = rows.map((one, n) => f(one)); function g(n: number, kept?: B) {}")
    ['const found', 'one', 'kept']
    """
    lists = (match[1] or match[2] or "" for match in PARAMETERS.finditer(text))
    parameters = (name[0].strip(", .") for part in lists for name in PARAMETER.finditer(part))
    return [*(match[0] for match in DECLARATION.finditer(text)), *parameters]


def test_vague_names_of_the_web_app_do_not_become_more() -> None:
    listed = [
        f"{path}: {name}" for path, text in web_files(".ts", ".tsx") for name in web_names(text)
    ]
    assert_at_most(MOST_WEB_NAMES, listed)


def test_stiff_phrases_of_docstrings_and_comments_do_not_become_more() -> None:
    prose: dict[str, list[tuple[Path, str]]] = {
        "src/weft": [
            (path.relative_to(PROJECT), part)
            for path in sorted((PROJECT / "src/weft").rglob("*.py"))
            for part in prose_of(path.read_text())
        ],
        "web/src": [
            (path, match[0])
            for path, text in web_files(".ts", ".tsx", ".css")
            for match in WEB_COMMENT.finditer(text)
        ],
    }
    for folder, parts in prose.items():
        listed = [
            f"{path}: {line.strip()}"
            for path, part in parts
            for line in part.split("\n")
            if STIFF_PHRASE.search(line)
        ]
        assert_at_most(MOST_STIFF_PHRASES[folder], listed)

"""Phrases that a reader stumbles over stay out of docstrings, comments and messages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ROOT = PROJECT / "src" / "weft"

PHRASES = re.compile(
    r"""
    \b(?:None|True|False)\ =\            # "None if …", "If None, …", "Defaults to …"
    | \b(?:nobody|somebody|anybody|whoever)\b         # "no one", "a user", "any process"
    | \bfor\ good\b | \bof\ no\ further\ use\b        # "permanently", "unused"
    | (?<!there\ )(?<!there)\b(?:is|are|be)\ none\b(?!\ of)   # "is invalid", "is missing"
    | \b(?:go|goes|gone|going)\ on\ with\b             # "continue"
    | \b(?:lie|lies|lay)\ in\b                        # "is in"
    | \bbeside\b                                      # "next to", "compared with"
    """,
    re.VERBOSE,
)

DEFAULT = re.compile(r"\| None = ")
"""In signatures of a third of all files, where it is no phrase."""

PARTS = (
    "None =", "True =", "False =", "nobody", "somebody", "anybody", "whoever", "for good",
    "of no further use", " none", "on with", "lie in", "lies in", "lay in", "beside",
)  # fmt: skip
"""A phrase has one of these, which are looked for in a hundredth of the time."""

ALLOWED = {
    # Names in code, and what scripts and databases have already.
    "cli/server/serve.py": {"beside: "},
    "server/storage/metadata/database/schema.py": {"it belongs to nobody"},
}


def prose(path: Path) -> list[tuple[int, str]]:
    """The lines of texts and comments with their numbers; to make tokens takes thrice the time."""
    text = path.read_text()
    searched = DEFAULT.sub("", text)
    if not any(part in searched for part in PARTS) or not PHRASES.search(searched):
        return []
    strings = [
        (node.lineno + nth, line)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for nth, line in enumerate(node.value.split("\n"))
    ]
    comments = [
        (number, line.partition("#")[2]) for number, line in enumerate(text.split("\n"), 1)
    ]
    return strings + comments


def test_phrases_that_are_hard_to_read_stay_out() -> None:
    lines = [
        f"{name}:{number}: {line.strip()}"
        for path in sorted(ROOT.rglob("*.py"))
        for name in [str(path.relative_to(ROOT))]
        for number, line in prose(path)
        if PHRASES.search(line) and not any(part in line for part in ALLOWED.get(name, ()))
    ]
    assert lines == []


NOT_PROSE = re.compile(r"^```.*?^```|`[^`\n]*`|\"[^\"\n]*\"", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    """The documents, except for those that are generated, and for the log of changes."""
    own = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
    return sorted(
        path
        for path in own
        if path.name not in {"CHANGELOG.md", "benchmarks.md"} and "reference" not in path.parts
    )


def test_documents_have_no_such_phrase() -> None:
    lines = [
        f"{path.name}: {line.strip()}"
        for path in documents()
        for line in NOT_PROSE.sub("", path.read_text()).splitlines()
        if PHRASES.search(line)
    ]
    assert lines == []


COMMENT = re.compile(r"^\s*(?:/\*\*?|\*|//).*$", re.MULTILINE)


def test_comments_of_the_web_app_have_no_such_phrase() -> None:
    lines = [
        f"{path.relative_to(PROJECT)}: {comment.strip()}"
        for kind in ("*.ts", "*.tsx", "*.css")
        for path in sorted((PROJECT / "web/src").rglob(kind))
        if not path.name.endswith(".gen.ts")
        for comment in COMMENT.findall(path.read_text())
        if PHRASES.search(comment)
    ]
    assert lines == []


@pytest.mark.parametrize(
    "text",
    [
        "key: of the server; None = none is needed.",
        "ConfigError: the cursor is none.",
        "Runs that nobody has deleted for good.",
        "It lies in the folder beside the log, and the next run goes on with it.",
    ],
)
def test_the_phrases_are_found(text: str) -> None:
    assert PHRASES.search(text)


def test_plain_sentences_are_not() -> None:
    assert not PHRASES.search("None if there is none; the first is none of those that follow.")

"""Each test that `docs/security.md` names is there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "security.md").read_text()
WORDS = {
    word: next(TESTS.rglob(Path(path).name))
    for word, path in re.findall(r"`(\w+)` (?:is |its neighbour )?`([\w/.]+\.py)`", PAGE)
}
"""Files of tests by the words for them. A neighbour is given by its name alone."""


def test_each_named_test_is_there() -> None:
    missing: list[str] = []
    n_named = 0
    path: Path | None = None
    for row in PAGE.splitlines():
        if not row.startswith("|"):
            continue
        for word, file, name in re.findall(
            r"\b(?<!\.)(\w+): (?=`test_)|([\w/]+\.py)|`(test_\w+)`", row
        ):
            if word:
                path = path if word == "same" else WORDS[word]
            elif file:
                path = TESTS / file
                if not path.is_file():
                    missing.append(file)
            elif name:
                n_named += 1
                if path is None or f"def {name}(" not in path.read_text():
                    missing.append(f"{name} in {path}")
    assert not missing, "\n".join(missing)
    assert n_named > 40


def test_each_item_has_a_test_or_a_reason() -> None:
    for row in PAGE.splitlines():
        if re.match(r"\| [234]\.\d", row):
            assert all(cell.strip() for cell in row.strip("|").split("|")), row

"""Each complaint that `tests/complaints/README.md` lists has a test that is named after it."""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "complaints"
ITEMS = {
    2: range(12, 23),
    4: range(27, 31),
    5: range(31, 38),
    6: range(38, 43),
    7: range(43, 51),
    8: range(51, 57),
    9: range(57, 61),
}
"""The field report's numbered items, by part."""

ROW = re.compile(
    r"\| (?P<item>\d+) \| \[(?P<repo>[\w-]+/[\w-]+)#(?P<issue>\d+)\]\((?P<url>\S+)\)(?: †)? "
    r"\| \S[^|]+ \| `(?P<test>\w+)` \|"
)


@dataclass(frozen=True)
class Complaint:
    """A row of the list."""

    part: int
    item: int
    repo: str
    issue: int
    url: str
    test: str

    @property
    def prefix(self) -> str:
        """The begin of its test's name."""
        project = self.repo.partition("/")[2].lower().replace("-", "_")
        return f"test_p{self.part}_{self.item}_{project}_{self.issue}_"


def listed() -> list[Complaint]:
    """All rows; each line of a table but its head has to be one."""
    complaints: list[Complaint] = []
    part = 0
    for line in (FOLDER / "README.md").read_text().splitlines():
        if heading := re.match(r"## P(\d+)\.", line):
            part = int(heading[1])
        elif line.startswith("|") and not line.startswith(("| item |", "|---")):
            row = ROW.fullmatch(line)
            assert row, f"not a row of the list: {line}"
            complaints.append(
                Complaint(
                    part, int(row["item"]), row["repo"], int(row["issue"]), row["url"], row["test"]
                )
            )
    return complaints


@functools.cache
def written() -> dict[str, ast.FunctionDef]:
    """The tests of complaints that pytest collects, by name."""
    return {
        node.name: node
        for path in FOLDER.glob("test_*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_each_complaint_has_a_test_named_after_it() -> None:
    for complaint in listed():
        name = complaint.test
        assert name.startswith(complaint.prefix), name
        assert complaint.url == f"https://github.com/{complaint.repo}/issues/{complaint.issue}"
        test = written().get(name)
        assert test is not None, f"no test {name} in {FOLDER.name}/"
        for decorator in map(ast.unparse, test.decorator_list):
            assert "skip" not in decorator, name
            assert "xfail" not in decorator, name


def test_each_test_of_a_complaint_is_listed() -> None:
    assert sorted(complaint.test for complaint in listed()) == sorted(written())


def test_each_item_has_a_complaint() -> None:
    items = {(complaint.part, complaint.item) for complaint in listed()}
    assert items == {(part, item) for part, items in ITEMS.items() for item in items}

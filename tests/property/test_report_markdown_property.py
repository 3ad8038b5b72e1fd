"""Random texts of reports, exported as Markdown and read by the editor's paste, are equal."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weft.server.services.access.paths import ProjectPath
from weft.server.services.reports.markdown import markdown_of
from weft.wire.reports.reports import Report, ReportDocument

pytestmark = pytest.mark.at_length

ROOT: Final = Path(__file__).parents[2]
Block = dict[str, Any]
Content = dict[str, Any]

_SIGNS: Final = list("\\`*_[]<>~|$#-+.)(!&:;=\"'{}^/%,?9é±")
_words = st.lists(st.sampled_from(["a", "b", "of", "ß", "17", *_SIGNS]), min_size=1, max_size=5)
_line = st.lists(_words.map("".join), min_size=1, max_size=4).map(" ".join)
_MARKS: Final = ("bold", "italic", "strike", "underline", "highlight", "superscript", "code")
_latex = st.sampled_from(["x", "x_1^2", r"\alpha + \{y\}", "a*b", r"\sum_{i}^{n} i"])
_url = st.sampled_from(
    [
        "https://a.org/x_(y)",
        "/lab/p/runs/r1",
        "https://a.org/?a=1&copy;=2",
        "#head",
        "mailto:a@b.org",
    ]
)


def run(text: str, marks: Sequence[str], link: str | None) -> Block:
    fields: Block = {"text": text}
    if marks:
        fields["marks"] = sorted(marks)
    return {**fields, "link": link} if link else fields


_runs = st.builds(
    run,
    st.one_of(_line, _line.map(lambda text: f"{text} ")),
    st.sets(st.sampled_from(_MARKS), max_size=3),
    st.one_of(st.none(), st.none(), _url),
)


def block_of(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Block]:
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


_formula = block_of("math", latex=_latex)
_LINE_BREAK: Final[Block] = {"text": "\n"}


def text_of(pieces: Sequence[Block]) -> list[Block]:
    """Pieces as documents have them: equal neighbors are one, no space is at an edge of a line."""
    out: list[Block] = []
    for piece in pieces:
        if piece == _LINE_BREAK and (not out or out[-1] == _LINE_BREAK):
            continue
        if "kind" in piece and out and "kind" in out[-1]:
            continue  # no sign tells two formulas from one
        if piece == _LINE_BREAK:
            out[-1] = _stripped(out[-1])
        looks = {key: value for key, value in piece.items() if key != "text"}
        before = {key: value for key, value in out[-1].items() if key != "text"} if out else None
        if out and "kind" not in piece and looks == before and _LINE_BREAK not in (piece, out[-1]):
            out[-1] = {**out[-1], "text": out[-1]["text"] + piece["text"]}
        else:
            out.append(piece)
    while out and out[-1] == _LINE_BREAK:
        out.pop()
    if out:
        out[-1] = _stripped(out[-1])
    return out


def _stripped(piece: Block) -> Block:
    return (
        {**piece, "text": piece["text"].strip(" ")}
        if "text" in piece and piece != _LINE_BREAK
        else piece
    )


_text = st.lists(st.one_of(_runs, _runs, _formula, st.just(_LINE_BREAK)), min_size=1, max_size=5)
_text = _text.map(text_of).filter(bool)
_one_line = st.lists(st.one_of(_runs, _formula), min_size=1, max_size=3).map(text_of)
_paragraph = block_of("paragraph", text=_text)
_code_lines = st.sampled_from(["x = 1", "", "  y", "```", "````", "# a", "z  ", "   "])
_leaf = st.one_of(
    _paragraph,
    _paragraph,
    block_of("heading", level=st.integers(1, 6), text=_one_line),
    block_of(
        "code",
        language=st.sampled_from(["python", "c++", None]),
        code=st.lists(_code_lines, max_size=4).map("\n".join),
    ),
    block_of("divider"),
    _formula,
    block_of(
        "image",
        url=_url,
        alt=st.one_of(st.just(""), _line),
        caption=st.one_of(st.just(""), _line),
    ),
)


def _cell_of(text: list[Block]) -> Block:
    return {"blocks": [{"kind": "paragraph", "text": text}]}


def _table(n_columns: int, texts: list[list[Block]]) -> Block:
    rows = [texts[at : at + n_columns] for at in range(0, len(texts) - n_columns + 1, n_columns)]
    return {"kind": "table", "rows": [{"cells": [_cell_of(text) for text in row]} for row in rows]}


_cell = st.one_of(
    st.just([]), _text.filter(lambda text: not any("|" in str(p.get("latex")) for p in text))
)
_tables = st.integers(1, 3).flatmap(
    lambda n: st.builds(_table, st.just(n), st.lists(_cell, min_size=n, max_size=3 * n))
)


def _joined_blocks(parts: tuple[Block, list[Block]]) -> list[Block]:
    first, rest = parts
    return [first, *rest]


def _nested(blocks: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    several = st.lists(blocks, min_size=1, max_size=3)
    item = st.fixed_dictionaries(
        {
            "blocks": st.tuples(_paragraph, st.lists(blocks, max_size=2)).map(_joined_blocks),
            "checked": st.booleans(),
        }
    )
    return st.one_of(
        block_of(
            "list",
            style=st.sampled_from(["bullet", "ordered", "check"]),
            start=st.sampled_from([1, 1, 3, 9, 0]),
            items=st.lists(item, min_size=1, max_size=3),
        ),
        block_of("quote", blocks=several),
        block_of(
            "callout",
            tone=st.sampled_from(["info", "success", "warning", "danger"]),
            blocks=several,
        ),
        block_of("collapsible", summary=_one_line, blocks=several, open=st.booleans()),
    )


_blocks = st.lists(
    st.one_of(st.recursive(_leaf, _nested, max_leaves=6), _tables), min_size=1, max_size=5
)


def content_of(block: Block) -> Content:
    """The editor's content of a block."""
    match block["kind"]:
        case "paragraph":
            return {"type": "paragraph", "content": inline_of(block["text"])}
        case "heading":
            level = block["level"]
            return {"type": "heading", "level": level, "content": inline_of(block["text"])}
        case "code":
            code = [{"text": block["code"], "marks": []}] if block["code"] else []
            return {"type": "codeBlock", "language": block["language"], "content": code}
        case "divider":
            return {"type": "horizontalRule", "content": []}
        case "math":
            return {"type": "block", "kind": "math", "latex": block["latex"], "content": []}
        case "image":
            caption = {"caption": block["caption"]} if block["caption"] else {}
            fields = {"url": block["url"], "alt": block["alt"], **caption}
            return {"type": "block", "kind": "image", **fields, "content": []}
        case "quote":
            return {"type": "blockquote", "content": contents_of(block["blocks"])}
        case "callout":
            inner = contents_of(block["blocks"])
            return {"type": "callout", "tone": block["tone"], "content": inner}
        case "collapsible":
            return {
                "type": "details",
                "open": block["open"] or None,
                "content": [
                    {"type": "detailsSummary", "content": inline_of(block["summary"])},
                    {"type": "detailsContent", "content": contents_of(block["blocks"])},
                ],
            }
        case "list":
            return _list_content(block)
        case _:
            return {
                "type": "table",
                "content": [
                    {
                        "type": "tableRow",
                        "content": [
                            {
                                "type": "tableCell" if at else "tableHeader",
                                "content": contents_of(cell["blocks"]),
                            }
                            for cell in row["cells"]
                        ],
                    }
                    for at, row in enumerate(block["rows"])
                ],
            }


def _list_content(block: Block) -> Content:
    types = {"bullet": "bulletList", "ordered": "orderedList", "check": "taskList"}
    style, start = block["style"], block["start"]
    is_check = style == "check"
    return {
        "type": types[style],
        **({"start": start} if style == "ordered" and start != 1 else {}),
        "content": [
            {
                "type": "taskItem" if is_check else "listItem",
                **({"checked": entry["checked"]} if is_check else {}),
                "content": contents_of(entry["blocks"]),
            }
            for entry in block["items"]
        ],
    }


def contents_of(blocks: Sequence[Block]) -> list[Content]:
    return [content_of(block) for block in blocks]


def inline_of(pieces: Sequence[Block]) -> list[Content]:
    out: list[Content] = []
    for piece in pieces:
        if piece == _LINE_BREAK:
            out.append({"type": "hardBreak"})
        elif "kind" in piece:
            out.append({"type": "inline", "kind": "math", "data": {"latex": piece["latex"]}})
        else:
            link = [f"link {piece['link']}"] if "link" in piece else []
            out.append({"text": piece["text"], "marks": sorted([*piece.get("marks", []), *link])})
    return joined(out)


def joined(pieces: Sequence[Content]) -> list[Content]:
    """Neighbors with the same marks as one; a space at the edge of a mark has none."""
    letters = [
        {"text": letter, "marks": [] if letter == " " else piece["marks"]}
        if "text" in piece
        else piece
        for piece in pieces
        for letter in piece.get("text", " ")
    ]
    out: list[Content] = []
    for key, group in groupby(letters, lambda piece: (piece.get("marks"), piece.get("data"))):
        entries = list(group)
        if key[0] is None:
            out += entries
        else:
            out.append({"text": "".join(str(entry["text"]) for entry in entries), "marks": key[0]})
    return out


def plain(content: Content) -> Content:
    """Content of the editor in the form of `content_of`."""
    fields: Content = {"type": content["type"], **content.get("attrs", {})}
    inner = content.get("content", [])
    if any(child["type"] in {"text", "hardBreak", "inline"} for child in inner):
        return {**fields, "content": joined([_plain_inline(child) for child in inner])}
    return {**fields, "content": [plain(child) for child in inner]}


def _plain_inline(child: Content) -> Content:
    if child["type"] != "text":
        return {"type": child["type"], **child.get("attrs", {})}
    names = [
        f"link {mark['attrs']['href']}" if mark["type"] == "link" else mark["type"]
        for mark in child.get("marks", [])
    ]
    return {"text": child["text"], "marks": sorted(set(names))}


class Reader:
    """The editor's paste, in a process of Node."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def read(self, markdown: str) -> list[Content]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(markdown)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    node = shutil.which("node")
    assert node is not None
    script = ROOT / "tests/support/web/markdown_reader.mjs"
    with subprocess.Popen(
        [node, str(script)],
        cwd=ROOT / "web",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Reader(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


def markdown(blocks: list[Block]) -> str:
    document = ReportDocument(schema=1, title="T", description="", width="readable", blocks=blocks)
    report = Report(
        id="r1",
        title="T",
        description="",
        author=None,
        created_micros=0,
        edited_micros=0,
        edited_by=None,
        seq=1,
        published_version=1,
        published_micros=0,
        published_by=None,
        has_changes=False,
        n_views=0,
        is_starred=False,
        pinned_micros=None,
        version=1,
        document=document,
    )
    return markdown_of(ProjectPath("lab", "p"), report, {})


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(_blocks)
def test_a_text_comes_back_equal(reader: Reader, blocks: list[Block]) -> None:
    text = markdown(blocks)
    title, *content = reader.read(text)
    assert title["type"] == "heading"
    assert [plain(block) for block in content] == contents_of(blocks), text

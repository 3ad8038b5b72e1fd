"""Reports as Markdown: each kind of block and of text, and values as they are stored."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from weft.server.services.access.paths import ProjectPath
from weft.server.services.reports.markdown import markdown_of, value_text
from weft.server.services.reports.values import stored_values
from weft.wire.reports.reports import Report, ReportDocument

Block = dict[str, Any]
PATH = ProjectPath("lab", "mnist")
RUN = "lab/mnist/ab12cd34"
VALUES = {RUN: {"name": "calm", "summary.acc": 0.98765, "summary.loss": 3}}


def written(*blocks: Block, title: str = "T", description: str = "") -> str:
    document = ReportDocument(
        schema=1, title=title, description=description, width="readable", blocks=list(blocks)
    )
    report = Report(
        id="r1",
        title=title,
        description=description,
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
    return markdown_of(PATH, report, VALUES)


def body(*blocks: Block) -> str:
    """The file of blocks without its title."""
    return written(*blocks).removeprefix("# T\n").strip("\n")


def paragraph(*text: Block | str) -> Block:
    pieces = [{"text": piece} if isinstance(piece, str) else piece for piece in text]
    return {"kind": "paragraph", "text": pieces}


def item(*blocks: Block, **fields: Any) -> Block:
    return {"blocks": list(blocks), **fields}


def cell(*blocks: Block, **fields: Any) -> Block:
    return {"blocks": list(blocks), **fields}


BLOCKS: dict[str, tuple[Block, str]] = {
    "paragraph": (paragraph("One\ntwo"), "One\\\ntwo"),
    "heading": ({"kind": "heading", "level": 3, "text": [{"text": "Results"}]}, "### Results"),
    "bullets": (
        {
            "kind": "list",
            "style": "bullet",
            "items": [
                item(paragraph("a"), {"kind": "list", "items": [item(paragraph("b"))]}),
                item(paragraph("c"), paragraph("d")),
            ],
        },
        "- a\n  - b\n- c\n\n  d",
    ),
    "numbers": (
        {
            "kind": "list",
            "style": "ordered",
            "start": 9,
            "items": [item(paragraph("a")), item(paragraph("b"))],
        },
        "9. a\n10. b",
    ),
    "checks": (
        {
            "kind": "list",
            "style": "check",
            "items": [item(paragraph("a"), checked=True), item(paragraph("b"))],
        },
        "- [x] a\n- [ ] b",
    ),
    "quote": ({"kind": "quote", "blocks": [paragraph("a"), paragraph("b")]}, "> a\n>\n> b"),
    "callout": (
        {"kind": "callout", "tone": "warning", "blocks": [paragraph("Mind")]},
        "> [!WARNING]\n> Mind",
    ),
    "code": (
        {"kind": "code", "language": "md", "code": "```\nx\n```"},
        "````md\n```\nx\n```\n````",
    ),
    "table": (
        {
            "kind": "table",
            "rows": [
                {"cells": [cell(paragraph("a"), header=True, colspan=2), cell(paragraph("b"))]},
                {"cells": [cell(paragraph("1|2")), cell(paragraph("x\ny"), paragraph("z"))]},
            ],
        },
        "| a |  | b |\n| --- | --- | --- |\n| 1\\|2 | x<br>y<br>z |  |",
    ),
    "collapsible": (
        {"kind": "collapsible", "summary": [{"text": "More"}], "blocks": [paragraph("inside")]},
        "<details>\n<summary>More</summary>\n\ninside\n\n</details>",
    ),
    "columns": (
        {
            "kind": "columns",
            "columns": [item(paragraph("left")), item(), item(paragraph("right"))],
        },
        "left\n\nright",
    ),
    "a list in an item that begins with another number": (
        {
            "kind": "list",
            "items": [
                item(
                    paragraph("a"),
                    {
                        "kind": "list",
                        "style": "ordered",
                        "start": 3,
                        "items": [item(paragraph("b"))],
                    },
                ),
            ],
        },
        "- a\n\n  3. b",
    ),
    "a list after a list": (
        {
            "kind": "quote",
            "blocks": [{"kind": "list", "items": [item(paragraph(text))]} for text in "abc"],
        },
        "> - a\n>\n> * b\n>\n> - c",
    ),
    "divider": ({"kind": "divider"}, "---"),
    "math": ({"kind": "math", "latex": "x^2"}, "$$\nx^2\n$$"),
    "image": (
        {"kind": "image", "url": "/files/a b.png", "alt": "A [b]", "caption": "Loss"},
        "![A \\[b\\]](</files/a b.png>)\\\n*Loss*",
    ),
    "stored image": (
        {"kind": "image", "sha256": "ab", "alt": "Plot"},
        "![Plot](/api/v1/projects/lab/mnist/reports/r1/images/ab)",
    ),
    "empty image": ({"kind": "image", "alt": "Plot"}, "*(Image: Plot)*"),
    "video": ({"kind": "video", "url": "https://v.org/1"}, "[Video](https://v.org/1)"),
    "run": ({"kind": "card", "of": "run", "path": RUN}, "[calm](/lab/mnist/runs/ab12cd34)"),
    "metric": (
        {"kind": "card", "of": "metric", "path": RUN, "key": "acc"},
        "[acc of calm](/lab/mnist/runs/ab12cd34): 0.9877",
    ),
    "runs": (
        {"kind": "card", "of": "runs", "path": "lab/mnist"},
        "[Runs of lab/mnist](/lab/mnist/runs)",
    ),
    "sweep": (
        {"kind": "card", "of": "sweep", "path": "lab/mnist/s1"},
        "[s1](/lab/mnist/sweeps/s1)",
    ),
    "artifact": (
        {"kind": "card", "of": "artifact", "path": "lab/mnist/model:v1"},
        "artifact `lab/mnist/model:v1`",
    ),
    "grid": (
        {
            "id": "curves",
            "kind": "grid",
            "panelOrder": ["b"],
            "panels": {
                "a": {"kind": "bar", "title": "Best", "keys": ["acc"]},
                "b": {"kind": "line", "keys": ["loss", "val_loss"]},
                "c": {"kind": "comparer"},
            },
        },
        "[Panels](/lab/mnist/reports/r1#curves):\n\n- `loss`, `val_loss` (line)\n"
        "- Best: `acc` (bar)\n- comparer",
    ),
    "poll": ({"kind": "poll", "question": "?"}, "*(A block of the kind `poll`.)*"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_each_block_is_written(name: str) -> None:
    block, text = BLOCKS[name]
    assert body(block) == text


TEXTS: dict[str, tuple[list[Block | str], str]] = {
    "special characters": (
        ["a_b*c [d] <e> $5 `f` ~g |h \\"],
        r"a\_b\*c \[d\] \<e\> \$5 \`f\` \~g \|h \\",
    ),
    "an entity": (["R&D &amp;"], "R&D &amp;amp;"),
    "what begins like a block": (
        ["# a\n1. b\n- c\n+ d\n---"],
        "\\# a\\\n1\\. b\\\n\\- c\\\n\\+ d\\\n\\---",
    ),
    "marks": (
        [{"text": "b", "marks": ["bold"]}, {"text": "bi", "marks": ["bold", "italic"]}, "x"],
        "**b*bi***x",
    ),
    "spaces at the edges of marks": (
        ["a", {"text": " b ", "marks": ["bold"]}, {"text": " ", "marks": ["italic"]}, "c"],
        "a **b**  c",
    ),
    "html marks": (
        [{"text": "u", "marks": ["underline"]}, {"text": "2", "marks": ["superscript"]}],
        "<u>u</u><sup>2</sup>",
    ),
    "signs next to letters outside": (
        ["a", {"text": "b.", "marks": ["bold"]}, "c"],
        "a<b>b.</b>c",
    ),
    "an exclamation before a link": (["Look!", {"text": "x", "link": "/x"}], r"Look\![x](/x)"),
    "lines that would underline a heading": (["a\n=\nb\n--\n:-"], "a\\\n\\=\\\nb\\\n\\--\\\n\\:-"),
    "strike": ([{"text": "no", "marks": ["strike"]}], "~~no~~"),
    "code": ([{"text": "a`b", "marks": ["code", "bold"]}], "**`` a`b ``**"),
    "a link over two runs": (
        [
            {"text": "the ", "link": "https://a.org/(x)"},
            {"text": "paper", "link": "https://a.org/(x)", "marks": ["italic"]},
        ],
        "[the *paper*](<https://a.org/(x)>)",
    ),
    "objects": (
        [
            {"kind": "mention", "user": "ada"},
            " ",
            {"kind": "math", "latex": "x_1"},
            " ",
            {"kind": "value", "run": RUN, "key": "summary.acc", "format": 2},
            " ",
            {"kind": "value", "run": "lab/mnist/gone", "key": "summary.acc"},
            " ",
            {"kind": "poll"},
        ],
        "@ada $x_1$ 0.99 (not stored) `poll`",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_each_text_is_written(name: str) -> None:
    pieces, text = TEXTS[name]
    assert body(paragraph(*pieces)) == text


def test_the_file_begins_with_title_and_description() -> None:
    text = written(paragraph("x"), title="A *b*", description="On\nmnist")
    assert text == "# A \\*b\\*\n\nOn\nmnist\n\nx\n"
    assert written(title=" ").startswith("# Untitled report\n")


def test_contents_are_links_to_headings() -> None:
    headings = [
        {"kind": "heading", "level": level, "text": [{"text": text}]}
        for level, text in ((1, "Why"), (2, "The data"))
    ]
    assert body({"kind": "contents"}, *headings).startswith(
        "- [Why](#why)\n  - [The data](#the-data)"
    )


@pytest.mark.parametrize(
    "block",
    [
        {"kind": "paragraph", "text": "no list"},
        {"kind": "heading", "level": "x"},
        {"kind": "list", "items": [None, {"blocks": [7]}]},
        {"kind": "table", "rows": [{"cells": None}]},
        {"kind": "grid", "panels": {"a": None}},
        {"kind": "grid", "panels": {"a": {"kind": "line", "keys": None}}, "panelOrder": None},
        {"kind": "card"},
        {"kind": "image", "url": 5},
    ],
)
def test_a_block_that_another_program_wrote_wrongly_stops_nothing(block: Block) -> None:
    assert body(block, paragraph("after")).endswith("after")


def test_values_are_written_like_on_the_page() -> None:
    texts = [value_text(value) for value in (12, 0.98765, 0.00012, 1234.5, True, "a")]
    assert texts == ["12", "0.9877", "1.20e-4", "1,234.5", "true", "a"]
    assert [value_text(0.5, look) for look in (3, "exp", "all")] == ["0.500", "5.00e-1", "0.5"]


def test_values_are_read_from_figures() -> None:
    rows = {"rows": [{"id": "ab12cd34", "name": "calm", "state": "finished", "values": [0.9, []]}]}
    content = json.dumps(rows).encode()
    answer = {
        "method": "POST",
        "path": "runs/query",
        "body": {"columns": ["summary.acc", "tags"]},
        "status": 200,
        "type": "application/json",
        "n_bytes": len(content),
    }
    refused = {**answer, "status": 403, "n_bytes": 0}
    head = json.dumps({"format": 1, "answers": [refused, answer], "run_sets": {}}).encode()
    figure = struct.pack("<I", len(head)) + head + content
    values = stored_values([("values:lab/mnist", figure)])
    assert values == {RUN: {"name": "calm", "summary.acc": 0.9, "tags": []}}

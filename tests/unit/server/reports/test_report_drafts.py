"""A draft takes only what passes its checks, and says exactly what JSON says."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Map as SharedMap
from pycrdt import XmlElement, XmlText

from report_page import ReportPage
from weft.errors import ConfigError, Conflict, LimitExceeded, WeftError
from weft.server.services.reports.blocks import block_of, clean_document
from weft.server.services.reports.draft import Draft
from weft.server.services.reports.nodes import node_of, objects_of
from weft.wire.reports.checks import DocumentCheck

Block = dict[str, Any]


def paragraph(id_: str, *text: Block) -> Block:
    return {"id": id_, "kind": "paragraph", "text": list(text)}


def draft_of(*blocks: Block, **meta: Any) -> Draft:
    draft = Draft()
    draft.write(blocks, meta)
    return draft


def nested(depth: int) -> XmlElement:
    element = XmlElement("blockquote", {}, [])
    return element if depth == 0 else XmlElement("blockquote", {}, [nested(depth - 1)])


def in_map(root: str, key: str, value: Any) -> Callable[[ReportPage], bytes]:
    return lambda page: page.change(lambda _: page.map(root).update({key: value}))


REFUSED: dict[str, tuple[type[WeftError], Callable[[ReportPage], bytes]]] = {
    "garbage": (ConfigError, lambda _: b"hello world"),
    "cut": (ConfigError, lambda page: page.type(0, 0, "some text")[:-4]),
    "unknown node": (ConfigError, lambda page: page.add("script", "alert(1)")),
    "unknown node inside": (
        ConfigError,
        lambda page: page.add("blockquote", None, XmlElement("poll", {}, [])),
    ),
    "unknown mark": (ConfigError, lambda page: page.type(0, 0, "x", blink={})),
    "unknown root": (
        ConfigError,
        lambda page: page.change(lambda doc: doc.get("other", type=SharedMap).update({"a": 1})),
    ),
    "text that is no node": (
        ConfigError,
        lambda page: page.change(lambda _: page.text.children.append(XmlText("bare"))),
    ),
    "embedded map": (
        ConfigError,
        lambda page: page.change(
            lambda _: page.characters(0).insert_embed(0, SharedMap({"a": 1}))
        ),
    ),
    "large attribute": (LimitExceeded, lambda page: page.add("heading", "x", level="9" * 70_000)),
    "long text": (LimitExceeded, lambda page: page.type(0, 0, "x" * 200_000)),
    "deep": (LimitExceeded, lambda page: page.add("blockquote", None, nested(80))),
    "large object": (LimitExceeded, in_map("grids", "g", {"a": "x" * 600_000})),
    "text instead of an object": (ConfigError, in_map("blocks", "g", "text")),
    "large title": (LimitExceeded, in_map("meta", "title", "x" * 70_000)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_update_is_refused(name: str) -> None:
    draft = draft_of(paragraph("a", {"text": "alpha"}))
    error, make = REFUSED[name]
    with pytest.raises(error):
        draft.apply(make(ReportPage(draft.snapshot())))


def test_an_update_without_the_ones_before_it_is_refused() -> None:
    draft = draft_of(paragraph("a", {"text": "alpha"}))
    page = ReportPage(draft.snapshot())
    page.type(0, 0, "lost")
    with pytest.raises(Conflict, match="synchronize"):
        draft.apply(page.type(0, 4, "!"))


def test_only_what_is_new_of_an_update_is_stored() -> None:
    draft = draft_of(paragraph("a", {"text": "alpha"}))
    page = ReportPage(draft.snapshot())
    first = page.type(0, 0, "x")
    assert draft.apply(first) is not None
    second = page.type(0, 0, "y")
    stored = draft.apply(page.doc.get_update())
    assert stored is not None
    assert len(stored) <= len(second) + 8
    assert draft.apply(page.doc.get_update()) is None


def test_what_an_editor_stores_is_read_whatever_it_is() -> None:
    page = ReportPage()
    page.add("heading", "Title", level=9.0, id="h")
    page.add("heading", "Title again", level=2.0, id="h")
    page.add("paragraph", "plain", textAlign="right")
    page.characters(2).insert(5, "evil", {"link": {"href": "javascript:alert(1)", "rel": None}})
    page.add("block", kind="video", id="v")
    page.map("blocks")["v"] = SharedMap({"url": "javascript:alert(1)", "caption": "x", "n": 3})
    page.add("orderedList", None, XmlElement("listItem", {}, [XmlElement("paragraph", {}, [])]))
    page.add("inline", kind="math")
    draft = Draft()
    draft.apply(page.doc.get_update())
    assert draft.blocks() == [
        {"id": "h", "kind": "heading", "level": 1, "text": [{"text": "Title"}]},
        {"id": "h-2", "kind": "heading", "level": 2, "text": [{"text": "Title again"}]},
        {"id": "block-3", "kind": "paragraph", "text": [{"text": "plainevil"}]},
        {"id": "v", "kind": "video", "caption": "x", "n": 3},
        {
            "id": "block-5",
            "kind": "list",
            "style": "ordered",
            "items": [{"blocks": [{"kind": "paragraph", "text": []}]}],
        },
        {"id": "block-6", "kind": "paragraph", "text": []},
    ]


WHOLE: tuple[Block, ...] = (
    {
        "id": "a",
        "kind": "heading",
        "level": 2,
        "text": [
            {"text": "Re\nsults", "marks": ["bold", "later"], "color": "red"},
            {"kind": "math", "latex": "x^2", "n": 1},
            {"text": "link", "link": "/lab/mnist"},
            {"kind": "later", "data": {"a": [1, None]}},
        ],
        "unknown": [1, {"a": 0.5}],
    },
    {
        "id": "b",
        "kind": "list",
        "style": "check",
        "items": [
            {
                "checked": True,
                "blocks": [
                    {"kind": "paragraph", "text": [{"text": "x"}]},
                    {"id": "img", "kind": "image", "url": "https://example.org/a.png"},
                ],
                "unknown": 1,
            }
        ],
    },
    {
        "id": "c",
        "kind": "table",
        "rows": [
            {
                "cells": [
                    {
                        "header": True,
                        "colspan": 2,
                        "widths": [120, 80],
                        "blocks": [{"kind": "paragraph", "text": []}],
                    }
                ],
                "unknown": 2,
            }
        ],
    },
    {"id": "d", "kind": "collapsible", "summary": [{"text": "s"}], "blocks": [], "open": True},
    {"id": "e", "kind": "code", "code": "a\n  b", "language": "python"},
    {"id": "f", "kind": "later", "data": {"q": [1, 2]}},
    {"id": "g", "kind": "columns", "columns": [{"width": 2, "blocks": []}, {"blocks": []}]},
    {"id": "h", "kind": "quote", "blocks": [{"kind": "divider"}]},
    {"id": "i", "kind": "callout", "tone": "warning", "blocks": []},
    {
        "id": "j",
        "kind": "grid",
        "runSets": {"all": {"project": "lab/mnist", "groupColors": {"[1]": 3}, "later": 1}},
        "runSetOrder": ["all"],
        "panels": {"p": {"kind": "line", "keys": ["loss"], "settings": {"later": {"a": 1}}}},
        "panelOrder": ["p"],
        "later": {"x": 1},
    },
)


def test_json_comes_back_equal_with_all_that_it_had() -> None:
    DocumentCheck().check_blocks(list(WHOLE))
    draft = draft_of(*WHOLE, title="T", note={"a": [1]})
    assert draft.blocks() == list(WHOLE)
    assert draft.meta == {"title": "T", "note": {"a": [1]}}
    assert draft.write(WHOLE, {"title": "T"}) is None
    again = Draft()
    again.catch_up([(1, draft.snapshot())])
    assert again.blocks() == list(WHOLE)
    assert clean_document({"blocks": WHOLE})["blocks"] == list(WHOLE)


def test_whole_numbers_beyond_64_bits_become_floats() -> None:
    numbers = [2**53 - 1, -(2**63), 2**63 - 1, -63425651222008320323747840]
    note = {"id": "a", "kind": "note", "numbers": numbers}
    draft = draft_of(note, paragraph("b", {"text": "x", "n": 2**70}), more=2**64)
    first, second = draft.blocks()
    assert first["numbers"] == numbers
    assert [type(number) for number in first["numbers"]] == [int, int, int, float]
    assert second["text"][0]["n"] == 2.0**70
    assert draft.meta == {"more": 2.0**64}
    with pytest.raises(ConfigError, match="401 digits"):
        draft_of({"id": "a", "kind": "note", "number": 10**400})


def test_two_panels_of_a_grid_are_changed_at_once() -> None:
    grid: Block = {"id": "g", "kind": "grid", "panels": {n: {"kind": "line"} for n in "ab"}}
    draft = draft_of(grid)
    page = ReportPage(draft.snapshot())
    page.map("grids")["g"]["panels"]["a"]["title"] = "A"
    changed = {**grid, "panels": {"a": {"kind": "line"}, "b": {"kind": "bar"}}}
    draft.write([changed], {})
    draft.apply(page.take())
    (block,) = draft.blocks()
    assert block["panels"] == {"a": {"kind": "line", "title": "A"}, "b": {"kind": "bar"}}


def test_a_difference_leaves_what_others_are_typing() -> None:
    draft = draft_of(paragraph("a", {"text": "one two three"}), paragraph("b", {"text": "tail"}))
    page = ReportPage(draft.snapshot())
    typed = page.type(0, 13, " four")
    draft.write([paragraph("b", {"text": "tail"}), paragraph("a", {"text": "one 2 three"})], {})
    draft.apply(typed)
    texts = {block["id"]: block["text"][0]["text"] for block in draft.blocks()}
    assert texts == {"a": "one 2 three four", "b": "tail"}


def random_text(rng: random.Random) -> list[Block]:
    return [
        {
            "text": "".join(rng.choice("abé😀 \n") for _ in range(rng.randint(1, 6))),
            **({"marks": ["bold"]} if rng.random() < 0.3 else {}),
            **({"link": "/x"} if rng.random() < 0.2 else {}),
            **({"later": 1} if rng.random() < 0.1 else {}),
        }
        for _ in range(rng.randint(0, 4))
    ]


def random_block(rng: random.Random, id_: str, depth: int = 0) -> Block:
    kinds = ["heading", "list", "quote", "grid", "image", "code", "collapsible", "table"]
    kind = rng.choice(kinds) if depth < 3 and rng.random() < 0.7 else "paragraph"

    def inside() -> list[Block]:
        return [
            random_block(rng, f"{id_}-{rng.randint(0, 99_999)}", depth + 1)
            for _ in range(rng.randint(0, 3))
        ]

    block: Block = {"kind": kind}
    if depth == 0 or kind in {"grid", "image"}:
        block["id"] = id_
    match kind:
        case "heading":
            block |= {"level": rng.randint(1, 3), "text": random_text(rng)}
        case "list":
            style = rng.choice(["bullet", "ordered", "check"])
            block |= {"style": style, "items": [{"blocks": inside()} for _ in range(2)]}
        case "quote":
            block |= {"blocks": inside()}
        case "collapsible":
            block |= {"summary": random_text(rng), "blocks": inside()}
        case "table":
            block |= {"rows": [{"cells": [{"blocks": inside()}]} for _ in range(2)]}
        case "code":
            block |= {"code": rng.choice(["", "x\ny"])}
        case "image":
            block |= {"url": "https://example.org", "later": rng.randint(0, 9)}
        case "grid":
            names = [f"p{number}" for number in range(rng.randint(1, 4))]
            panels = {name: {"kind": "line", "n": rng.randint(0, 3)} for name in names}
            block |= {"panels": panels, "settings": {"a": rng.randint(0, 2)}}
        case _:
            block |= {"text": random_text(rng)}
    return block


def canonical(block: Block) -> Block:
    contents = {id_: content for id_, _, content in objects_of(block)}
    return block_of(node_of(block), lambda _, id_: contents.get(id_))


@pytest.mark.parametrize("seed", range(4))
def test_any_content_becomes_any_other_by_differences(seed: int) -> None:
    rng = random.Random(seed)
    draft = Draft()
    for _ in range(60):
        ids = [f"b{number}" for number in range(8)]
        rng.shuffle(ids)
        blocks = [random_block(rng, id_) for id_ in ids[: rng.randint(0, 8)]]
        present = {block["id"]: block for block in draft.blocks()}
        blocks = [
            present.get(block["id"], block) if rng.random() < 0.4 else block for block in blocks
        ]
        draft.write(blocks, {})
        assert draft.blocks() == [canonical(block) for block in blocks]
        draft.check()

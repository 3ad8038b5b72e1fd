"""Reports of W&B's clients: what becomes of specs, and what of changes. Pure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from weft.errors import ConfigError
from weft.wandb_gateway.reports.exact_json import as_stored, read_exact, write_exact
from weft.wandb_gateway.reports.filters import filter_text_of, filters_of_text
from weft.wandb_gateway.reports.merging import merged_blocks
from weft.wandb_gateway.reports.specs import Content, content_of, spec_of

EMPTY = {"type": "paragraph", "children": [{"text": ""}]}


def spec_with(*blocks: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "version": 5,
        "panelSettings": {},
        "blocks": [EMPTY, *blocks, EMPTY],
        "width": "readable",
        "authors": [],
        "discussionThreads": [],
        **members,
    }


def stored(content: Content) -> Content:
    """A content as a draft has it: with objects in another order, and no `1.0`."""
    blocks, more = (
        as_stored(json.loads(json.dumps(value, sort_keys=True)))
        for value in (content.blocks, content.more)
    )
    return Content(content.width, blocks, more)


def returned(text: str) -> str:
    return write_exact(spec_of(stored(content_of(read_exact(text)))))


def paragraph(*children: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "paragraph", "children": list(children), **members}


def grid(panels: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    return {
        "type": "panel-grid",
        "metadata": {
            "runSets": [{"id": "a", "name": "All", "unknown": {"b": 1.0, "a": None}}],
            "panelBankSectionConfig": {"panels": panels, "flowConfig": {"x": 1e-7}},
            **members,
        },
    }


PANEL = {
    "__id__": "p",
    "viewType": "Run History Line Plot",
    "config": {"metrics": ["loss"], "smoothingWeight": 1.0, "unknown": {"z": 1, "a": [2.0]}},
}


@pytest.mark.parametrize(
    "block",
    [
        paragraph({"text": "a", "bold": True}, {"text": "b", "bold": False}, {"text": ""}),
        paragraph({"text": "é\u2028\n\t"}, id="x", more={"b": 1, "a": 2}),
        paragraph(
            {"type": "link", "url": "javascript:alert(1)", "children": [{"text": "x"}]},
            {"type": "link", "url": "https://a", "children": [{"text": "x"}], "new": 1},
            {"type": "unknown", "children": []},
            {"text": "c", "inlineComment_r": {"refID": "r", "threadID": "t", "commentID": "c"}},
        ),
        {"type": "paragraph"},
        {"type": "paragraph", "children": None},
        {"type": "heading", "level": 9, "children": []},
        {"type": "heading", "level": 1, "children": [], "collapsedChildren": []},
        {
            "type": "heading",
            "level": 2,
            "children": [{"text": "h"}],
            "collapsedChildren": [
                paragraph({"text": "in"}, own=1),
                grid([PANEL]),
                {"type": "new"},
            ],
            "after": 1,
        },
        {"type": "list", "children": [{"type": "list-item", "children": [{"text": "a"}]}]},
        {"type": "code-block", "children": [{"children": [{"text": "x", "c": 1}]}, {"text": ""}]},
        {"type": "image", "url": "relative.png"},
        {"type": "image", "url": "https://a.example/b.png", "children": [{"text": "c"}], "w": 1.0},
        {"type": "callout-block", "children": [{"type": "callout-line", "children": []}]},
        {"type": "markdown-block", "content": "# a", "children": []},
        {"type": "weft-block", "content": '{"kind":"divider"}', "children": [{"text": ""}]},
        {"type": "weft-block", "content": "[1]"},
        {"type": "weft-block", "content": "{"},
        {"type": "later", "value": [1.0, 1e5, 12345678901234567890, None, True]},
        {"no": "type"},
        grid([]),
        grid([PANEL, PANEL, {**PANEL, "__id__": "", "layout": {"x": 8, "y": 9.5}}]),
        grid([{"viewType": "Weave", "config": {"panel2Config": {"exp": [1.0]}}}]),
        grid([{"viewType": "Bar Chart"}]),
        grid(["no panel"]),  # type: ignore[list-item]
        grid([PANEL], runSets=[{"filters": {"op": "OR", "filters": [{"op": "AND"}]}}]),
        grid([PANEL], customRunColors={"b": "#f00", "a": "rgb(1, 2, 3)", "g-config:x:1": "red"}),
        {"type": "panel-grid", "metadata": {}},
    ],
)
def test_a_block_comes_back_byte_for_byte(block: dict[str, Any]) -> None:
    text = write_exact(spec_with(block))
    assert returned(text) == text


@pytest.mark.parametrize(
    "spec",
    [
        {"blocks": []},
        {"blocks": [EMPTY]},
        {"blocks": [EMPTY, EMPTY], "width": "fluid", "later": {"x": 1.0}},
        {"blocks": [paragraph({"text": "x"})], "version": 4},
        spec_with(EMPTY, EMPTY),
    ],
)
def test_a_spec_comes_back_byte_for_byte(spec: dict[str, Any]) -> None:
    text = write_exact(spec)
    assert returned(text) == text


@pytest.mark.parametrize("spec", [{}, {"blocks": {}}, {"blocks": [1]}])
def test_what_is_no_spec_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="blocks"):
        content_of(spec)


def test_numbers_keep_their_texts() -> None:
    block = '{"type":"later","a":1.0,"b":1e-5,"c":1E+2,"d":-0.0,"e":0.10}'
    text = f'{{"blocks":[{block}]}}'
    assert returned(text) == text


def test_foreign_keys_stay_where_weft_changed_the_rest() -> None:
    content = content_of(spec_with(grid([PANEL]), paragraph({"text": "a"}, own=1)))
    grid_block, text = content.blocks
    grid_block["panels"]["p"]["keys"] = ["accuracy"]
    grid_block["runSets"]["a"]["filter"] = "state = finished"
    text["text"] = [{"text": "b", "marks": ["italic"]}]
    blocks = spec_of(stored(content))["blocks"]
    panel = blocks[1]["metadata"]["panelBankSectionConfig"]["panels"][0]
    assert panel["config"] == {**PANEL["config"], "metrics": ["accuracy"]}
    run_set = blocks[1]["metadata"]["runSets"][0]
    assert run_set["unknown"] == {"b": 1, "a": None}
    assert run_set["filters"]["filters"][0]["key"] == {"section": "run", "name": "state"}
    assert blocks[2] == paragraph({"text": "b", "italic": True}, own=1)


@pytest.mark.parametrize(
    "text",
    [
        "config.lr >= 0.1 and state = finished",
        "config.lr = 1 or state in (finished, failed) and not (tags has base)",
        "(config.lr = 1 or config.lr = 2) and summary.loss < 3",
        "created > -7d",
        "not (user in (ada, bob))",
        'config."a b" = null',
        "config.a missing",
        'name matches "x.*"',
        "",
    ],
)
def test_a_filter_has_w_and_b_s_form_or_none(text: str) -> None:
    filters = filters_of_text(text)
    if filters is not None:
        once = filter_text_of(filters)
        again = filters_of_text(once)
        assert again is not None
        assert filter_text_of(again) == once


def test_filters_become_text() -> None:
    lr = {"key": {"section": "config", "name": "lr.value"}, "op": ">", "value": 0.1}
    tag = {"key": {"section": "tags", "name": "base"}, "op": "=", "value": True}
    off = {**lr, "disabled": True}
    unknown = {"key": {"section": "keys_info", "name": "x"}, "op": "=", "value": 1}
    items = [tag, {**lr, "connector": "OR"}, {**off, "connector": "AND"}, unknown]
    text = filter_text_of({"filterFormat": "filterV2", "filters": items})
    assert text == 'tags has "base" or config.lr > 0.1'
    old = {"op": "OR", "filters": [{"op": "AND", "filters": [tag, lr]}, {"op": "AND", **tag}]}
    assert filter_text_of(old) == 'tags has "base" and config.lr > 0.1 or tags has "base"'


def marked(id_: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {**paragraph(*children), "weftId": id_}


BOLD = marked("a", {"text": "bold", "bold": True}, {"text": " text"})


def test_an_unchanged_block_stays_as_it_is() -> None:
    sent = [paragraph({"text": "new"}), paragraph({"text": "bold text"})]
    assert merged_blocks([BOLD], sent) == [sent[0], BOLD]


def test_a_changed_text_keeps_the_marks_of_the_rest() -> None:
    (merged,) = merged_blocks([BOLD], [paragraph({"text": "bold words"})])
    assert merged["weftId"] == "a"
    assert merged["children"] == [{"text": "bold", "bold": True}, {"text": " words"}]


def test_a_link_keeps_what_is_in_it() -> None:
    link = {"type": "link", "url": "https://a", "children": [{"text": "here", "italic": True}]}
    before = marked("a", {"text": "see "}, link)
    plain = {"type": "link", "url": "https://a", "children": [{"text": "here"}]}
    (merged,) = merged_blocks([before], [paragraph({"text": "look "}, plain)])
    assert merged["children"] == [{"text": "look "}, link]


def test_removed_blocks_go_and_moved_ones_keep_their_ids() -> None:
    blocks = [marked(id_, {"text": id_}) for id_ in "abcd"]
    sent = [paragraph({"text": id_}) for id_ in "acd"]
    assert [block["weftId"] for block in merged_blocks(blocks, sent)] == ["a", "c", "d"]


def test_only_the_panel_that_was_changed_changes() -> None:
    before = {**grid([PANEL, {**PANEL, "__id__": "q", "own": 1}]), "weftId": "g"}
    sent = json.loads(json.dumps(before))
    del sent["weftId"]
    panels = sent["metadata"]["panelBankSectionConfig"]["panels"]
    for panel in panels:
        panel.pop("own", None)
        panel["layout"] = {"x": 0, "y": 0, "w": 8, "h": 6}
        del panel["config"]["unknown"]
    panels[0]["config"]["chartTitle"] = "Loss"
    panels.insert(1, {**PANEL, "__id__": "new"})
    (merged,) = merged_blocks([before], [sent])
    changed, new, other = merged["metadata"]["panelBankSectionConfig"]["panels"]
    assert changed["config"] == {**PANEL["config"], "chartTitle": "Loss"}
    assert new["__id__"] == "new"
    assert other == {**PANEL, "__id__": "q", "own": 1}
    assert merged["metadata"]["runSets"] == before["metadata"]["runSets"]

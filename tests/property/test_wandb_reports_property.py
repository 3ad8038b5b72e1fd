"""Specs of W&B's reports come back byte for byte, whatever is in them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from weft.errors import ConfigError
from weft.wandb_gateway.reports.exact_json import as_stored, read_exact, write_exact
from weft.wandb_gateway.reports.merging import merged_blocks
from weft.wandb_gateway.reports.specs import Content, content_of, spec_of
from weft.wandb_gateway.reports.workspaces import document_of, spec_of_document

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | texts
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["loss", "val/acc", "_step", "config.lr.value", "summary:acc", "", "é"])


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that have some of the known keys, and unknown ones."""
    own = st.fixed_dictionaries({}, optional={key: fields[key] | values for key in fields})
    return st.tuples(own, st.dictionaries(texts, values, max_size=2)).map(
        lambda parts: {**parts[1], **parts[0]}
    )


pieces = objects(text=texts, bold=st.booleans(), inlineCode=st.booleans())
links = objects(type=st.just("link"), url=st.just("https://a") | texts, children=st.lists(pieces))
formulas = objects(type=st.just("latex"), content=texts, children=st.just([{"text": ""}]))
children = st.lists(pieces | links | formulas, max_size=4)

keys = objects(section=st.sampled_from(["config", "summary", "run", "tags"]), name=names)
leaves = objects(
    key=keys, op=st.sampled_from(["=", "!=", "<=", "IN", "WITHINSECONDS"]), value=values
)
trees = st.recursive(
    leaves,
    lambda inner: objects(op=st.sampled_from(["AND", "OR"]), filters=st.lists(inner, max_size=3)),
    max_leaves=5,
)
flat = objects(filterFormat=st.just("filterV2"), filters=st.lists(trees, max_size=3))
run_sets = objects(
    id=st.sampled_from(["a", "b", ""]),
    name=texts,
    filters=flat | trees,
    grouping=st.lists(keys, max_size=2),
    project=objects(name=names, entityName=names),
    search=objects(query=texts, isRegex=st.booleans()),
    selections=objects(root=st.sampled_from([0, 1]), tree=st.lists(names, max_size=2)),
    sort=objects(keys=st.lists(objects(key=keys, ascending=st.booleans()), max_size=2)),
)
configs = objects(
    metrics=st.lists(names, max_size=2),
    xAxis=names,
    yAxis=names,
    chartTitle=texts,
    yLogScale=st.booleans(),
    smoothingWeight=st.floats(0, 1),
    smoothingType=st.sampled_from(["gaussian", "exponential", "none"]),
    groupBy=st.sampled_from(["lr.value", "None", "group"]),
    columns=st.lists(objects(accessor=names), max_size=2),
    xAxisMin=st.floats(-1, 1),
    targetKey=names,
    value=texts,
)
panels = objects(
    __id__=st.sampled_from(["p", "q", ""]),
    viewType=st.sampled_from(
        ["Run History Line Plot", "Scatter Plot", "Bar Chart", "Scalar Chart", "Markdown Panel",
         "Parallel Coordinates Plot", "Parameter Importance", "Run Comparer", "Media Browser",
         "Vega2", "Weave", "later", "weft"]
    ),
    config=configs,
    layout=objects(x=st.integers(0, 24), y=st.integers(0, 9), w=st.integers(0, 24)),
)  # fmt: skip
sections = objects(panels=st.lists(panels, max_size=4))
grids = objects(
    type=st.just("panel-grid"),
    metadata=objects(
        runSets=st.lists(run_sets, max_size=2),
        panelBankSectionConfig=sections,
        customRunColors=st.dictionaries(names, st.sampled_from(["#f00", "red"]), max_size=2),
    ),
)
lines = objects(type=st.just("code-line"), children=children)
items = objects(type=st.just("list-item"), children=children, checked=st.booleans())
plain = st.one_of(
    objects(type=st.sampled_from(["paragraph", "block-quote", "image", "later"]),
            children=children, url=st.just("https://a.example/b.png")),
    objects(type=st.just("list"), children=st.lists(items, max_size=3), ordered=st.booleans()),
    objects(type=st.sampled_from(["code-block", "callout-block"]),
            children=st.lists(lines, max_size=2), language=texts),
    objects(type=st.sampled_from(["latex", "markdown-block", "weft-block"]), content=texts),
    grids,
)  # fmt: skip
headings = objects(
    type=st.just("heading"),
    level=st.integers(1, 4),
    children=children,
    collapsedChildren=st.lists(plain, max_size=2),
)
blocks = st.lists(plain | headings, max_size=3)
frames = objects(version=st.just(5), width=st.sampled_from(["readable", "fluid"]))
specs = st.tuples(frames, blocks).map(lambda parts: {**parts[0], "blocks": parts[1]})
workspaces = objects(
    section=objects(
        runSets=st.lists(run_sets, max_size=2),
        panelBankConfig=objects(
            sections=st.lists(
                objects(
                    name=st.sampled_from(["A", "B", ""]),
                    panels=st.lists(panels, max_size=2),
                    pinned=st.booleans(),
                    flowConfig=objects(columnsPerPage=st.integers(0, 4)),
                    localPanelSettings=objects(smoothingWeight=st.integers(0, 200), xAxis=names),
                ),
                max_size=3,
            )
        ),
        settings=objects(smoothingWeight=st.integers(0, 200), suppressLegends=st.booleans()),
    )
)


def stored(content: Content) -> Content:
    """A content as a draft has it: with objects in another order, and no `1.0`."""
    blocks, more = (
        as_stored(json.loads(json.dumps(value, sort_keys=True)))
        for value in (content.blocks, content.more)
    )
    return Content(content.width, blocks, more)


@given(specs)
def test_a_spec_comes_back_byte_for_byte(spec: dict[str, Any]) -> None:
    text = write_exact(spec)
    assert write_exact(spec_of(stored(content_of(read_exact(text))))) == text


@given(blocks)
def test_a_report_that_is_sent_as_it_was_changes_nothing(sent: list[dict[str, Any]]) -> None:
    whole = [{**block, "weftId": f"b{i}"} for i, block in enumerate(sent)]
    assert merged_blocks(whole, sent) == whole


@given(workspaces)
def test_a_workspace_comes_back_byte_for_byte(spec: dict[str, Any]) -> None:
    text = write_exact(spec)
    try:
        document = json.loads(json.dumps(document_of(read_exact(text))))
    except ConfigError:
        return
    assert write_exact(spec_of_document(document)) == text

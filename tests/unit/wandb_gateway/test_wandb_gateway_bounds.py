"""Bounds of one GraphQL request: its document, its answer, and the cache of documents."""

from __future__ import annotations

import re
from typing import Any

import pytest

from weft.errors import Forbidden, LimitExceeded, Moved, NotFound, StorageFull, WeftError
from weft.server.services.access import LOCAL, Cancelled
from weft.server.storage.metadata.database.engine import MetadataUnavailable
from weft.wandb_gateway.graphql.documents import MAX_CHARS, MAX_DEPTH, MAX_TOKENS, Documents
from weft.wandb_gateway.graphql.execution import Executor, _status_of, make_schema
from weft.wandb_gateway.graphql.request import Context, GraphQLRequest
from weft.wandb_gateway.graphql.server_nodes import FEATURES
from weft.wandb_gateway.graphql.work import Work


def context_with(work: Work) -> Context:
    """The context of fields that need no service."""
    nothing: Any = None
    return Context(
        actor=LOCAL, services=nothing, memories=nothing, starts=nothing, history_files=nothing,
        versions=nothing, drafts=nothing, reported_runs=nothing, served_reports=nothing,
        addresses=nothing, base_url="",
        client=None, version="", work=work,
    )  # fmt: skip


def run(text: str, work: Work) -> Any:
    return Executor().run(GraphQLRequest(text, None, {}), context_with(work))


def cycle(n_levels: int) -> str:
    """A document that goes round a cycle of the schema."""
    inner = "id"
    for _ in range(n_levels):
        inner = f"organizations {{ orgEntity {{ user {{ {inner} }} }} }}"
    return f"{{ viewer {{ {inner} }} }}"


def test_an_answer_within_its_bounds_is_whole() -> None:
    answer = run("{ viewer { name teams { edges { node { name } } } } }", Work())
    assert answer.body["data"]["viewer"]["teams"] == {"edges": [{"node": {"name": "local"}}]}


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        ({"max_values": 5}, "more than 5 fields and entries"),
        ({"max_chars": 10}, "of text"),
        ({"max_secs": -1.0}, "more than -1 s"),
    ],
    ids=["values", "chars", "time"],
)
def test_work_beyond_a_bound_ends_the_request(bounds: dict[str, Any], reason: str) -> None:
    """Not only the field, which may be null and beside others that would go on."""
    text = "{ " + " ".join(f"a{nth}: viewer {{ id name username }}" for nth in range(9)) + " }"
    with pytest.raises(LimitExceeded, match=reason):
        run(text, Work(**bounds))


def test_work_ends_when_the_client_has_left() -> None:
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        run("{ viewer { id } }", work)


def test_entries_of_lists_count_before_they_are_answered() -> None:
    """Not one field of `features` is answered when one less than all are allowed."""
    work = Work(max_values=2 + len(FEATURES) - 1)
    with pytest.raises(LimitExceeded):
        run("{ serverInfo { features { name } } }", work)
    assert work.n_values == 2 + len(FEATURES)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ viewer { " + "id " * MAX_TOKENS + "} }", f"more than {MAX_TOKENS} tokens"),
        ("{ viewer { id } }" + " " * MAX_CHARS, "characters"),
        (cycle(MAX_DEPTH // 3 + 1), "levels of fields"),
        ("{ a { " * 700, "Syntax Error|nested too deeply"),
    ],
    ids=["tokens", "characters", "depth", "brackets"],
)
def test_documents_beyond_the_limits_are_refused_and_not_cached(text: str, reason: str) -> None:
    documents = Documents(make_schema())
    (error,) = documents.read(text).errors
    assert re.search(reason, error.message)
    assert documents.n_cached_chars == 0


def test_fragments_count_as_deep_as_they_reach() -> None:
    """Twenty fragments, each of which uses the next one twice, are a million paths."""
    parts = [
        f"fragment F{nth} on Entity {{ a: organization {{ orgEntity {{ ...F{nth + 1} }} }} "
        f"b: organization {{ orgEntity {{ ...F{nth + 1} }} }} }}"
        for nth in range(20)
    ]
    text = "{ entity { ...F0 } } " + " ".join([*parts, "fragment F20 on Entity { id }"])
    (error,) = Documents(make_schema()).read(text).errors
    assert "levels of fields, not 42" in error.message


def test_the_cache_is_bounded_by_the_length_of_its_documents() -> None:
    documents = Documents(make_schema(), max_bytes=200 * 1000)
    texts = [f"{{ viewer {{ a{nth}: id }} }}" for nth in range(200)]
    for text in texts:
        assert not documents.read(text).errors
    assert 900 < documents.n_cached_chars <= 1000
    newest = documents.read(texts[-1])
    assert documents.read(texts[-1]) is newest


def test_a_refused_document_is_not_cached() -> None:
    documents = Documents(make_schema())
    assert documents.read("{ viewer { noSuchField } }").errors
    assert documents.n_cached_chars == 0


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StorageFull("full"), 507),
        (MetadataUnavailable("away"), 503),
        (Forbidden("no"), 403),
        (Moved("elsewhere", path="a/p/r"), 200),
        (NotFound("no such run"), 200),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, WeftError) else "",
)
def test_what_may_succeed_later_is_not_an_answer(error: WeftError, status: int) -> None:
    assert _status_of(error) == status

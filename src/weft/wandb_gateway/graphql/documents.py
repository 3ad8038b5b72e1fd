"""GraphQL documents: read, checked against the schema and the limits, and cached.

The limits are several times what the documents of the official client need: the largest has 2,200
characters, 250 tokens and 11 levels. `tests/gateway/test_gateway_operations.py` measures them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    SelectionSetNode,
    parse,
    validate,
)

MAX_CHARS: Final = 20_000
MAX_TOKENS: Final = 1500
"""To check a document takes time that grows with the square of its tokens: about a second."""

MAX_DEPTH: Final = 15
"""Most levels of fields below each other."""

_MAX_ERRORS: Final = 20
_BYTES_PER_CHAR: Final = 200
"""The most memory that a parsed document takes, for each character of its text."""

_MAX_CACHE_BYTES: Final = 16 * 2**20


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A parsed document, None if its text is malformed, and what is wrong with it."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()


class Documents:
    """Reads documents, and caches the valid ones in at most `max_bytes`. Thread-safe."""

    def __init__(self, schema: GraphQLSchema, max_bytes: int = _MAX_CACHE_BYTES) -> None:
        self._schema = schema
        self._max_chars = max_bytes // _BYTES_PER_CHAR
        self._cache: OrderedDict[str, ReadDocument] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def n_cached_chars(self) -> int:
        """The length of the texts of all cached documents."""
        with self._lock:
            return sum(map(len, self._cache))

    def read(self, text: str) -> ReadDocument:
        """Parse a document and check it against the schema and the limits."""
        with self._lock:
            cached = self._cache.get(text)
            if cached is not None:
                self._cache.move_to_end(text)
                return cached
        read = self._read(text)
        if not read.errors:
            self._add(text, read)
        return read

    def _read(self, text: str) -> ReadDocument:
        if len(text) > MAX_CHARS:
            return _refused(f"a document has at most {MAX_CHARS:,} characters, not {len(text):,}")
        try:
            document = parse(text, no_location=True, max_tokens=MAX_TOKENS)
        except GraphQLError as error:
            return ReadDocument(None, (error,))
        except RecursionError:
            return _refused("the document is nested too deeply")
        try:
            errors = validate(self._schema, document, max_errors=_MAX_ERRORS)
        except RecursionError:
            return _refused("the document is nested too deeply")
        if not errors and (depth := depth_of(document)) > MAX_DEPTH:
            message = f"a document has at most {MAX_DEPTH} levels of fields, not {depth}"
            return ReadDocument(document, (GraphQLError(message),))
        return ReadDocument(document, tuple(errors))

    def _add(self, text: str, read: ReadDocument) -> None:
        with self._lock:
            self._cache[text] = read
            n_chars = sum(map(len, self._cache))
            while n_chars > self._max_chars and len(self._cache) > 1:
                old, _ = self._cache.popitem(last=False)
                n_chars -= len(old)


def depth_of(document: DocumentNode) -> int:
    """The levels of fields of a valid document, including its fragments.

    >>> depth_of(parse("{ viewer { ...Names } } fragment Names on User { teams { edges } }"))
    3
    """
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    depths: dict[str, int] = {}

    def depth_below(selections: SelectionSetNode | None) -> int:
        deepest = 0
        for selection in selections.selections if selections is not None else ():
            if isinstance(selection, FieldNode):
                depth = 1 + depth_below(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                depth = depth_of_fragment(selection.name.value)
            else:
                depth = depth_below(selection.selection_set)  # type: ignore[attr-defined]
            deepest = max(deepest, depth)
        return deepest

    def depth_of_fragment(name: str) -> int:
        # Kept, because fragments that use others twice would double the work at each level.
        if name not in depths:
            depths[name] = depth_below(fragments[name].selection_set)
        return depths[name]

    return max(
        (
            depth_below(getattr(definition, "selection_set", None))
            for definition in document.definitions
        ),
        default=0,
    )


def _refused(message: str) -> ReadDocument:
    return ReadDocument(None, (GraphQLError(message),))

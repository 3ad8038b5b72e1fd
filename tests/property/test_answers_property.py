"""JSON answers are what a walk over the whole value makes of it, whichever way they are made."""

from __future__ import annotations

import math
import struct
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from weft.records.value import is_json_safe, json_safe
from weft.server.http.answers.encoding import encode_answer
from weft.server.http.answers.value_lists import tag_lists
from weft.wire.metrics.metrics import History


def double(pattern: int) -> float:
    """A number by its bits."""
    return struct.unpack(">d", struct.pack(">Q", pattern))[0]


LIKE_A_NAN = double(0x3F_CB_7F_F8_00_00_00_00)
"""In its bytes are those of a NaN."""

NUMBERS = (
    st.floats()
    | st.integers(0, 2**64 - 1).map(double)  # NaNs of any payload
    | st.integers(-(2**70), 2**70)
    | st.just(LIKE_A_NAN)
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def answered(value: Any) -> bytes:
    return bytes(encode_answer({"headers": []}, value).body)


@given(VALUES)
@example([LIKE_A_NAN])
@example([LIKE_A_NAN, math.inf])
@example([double(0xFFF8_0000_0000_0001)])
@example({"a": 2**64})
def test_numbers_that_json_lacks_are_words(value: Any) -> None:
    safe = json_safe(value)
    assert answered(value) == msgspec.json.encode(safe)
    assert is_json_safe(value) == (msgspec.json.encode(value) == msgspec.json.encode(safe))


@given(st.dictionaries(st.text(), VALUES))
def test_numbers_in_lists_of_values_are_tagged(row: dict[str, Any]) -> None:
    page = History(rows=[row], cursor=None)
    plain = {"rows": [row], "cursor": None}
    assert msgspec.json.decode(answered(page)) == msgspec.json.decode(
        msgspec.json.encode(json_safe(tag_lists(page, plain)))
    )

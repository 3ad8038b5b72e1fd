"""`weft.Histogram` and `weft.Html`."""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.sdk.media.histogram import Histogram
from weft.sdk.media.html import Html


@given(st.lists(st.floats()), st.integers(1, 512))
def test_each_number_is_counted_once(numbers: list[float], num_bins: int) -> None:
    reference = Histogram(numbers, num_bins=num_bins).reference({})
    assert len(reference["values"]) == len(reference["bins"]) - 1 == num_bins
    others = sum(reference.get(name, 0) for name in ("nan", "pos_inf", "neg_inf"))
    assert sum(reference["values"]) + others == len(numbers)


def test_counts_and_edges_of_numpy_are_taken() -> None:
    histogram = Histogram(np_histogram=np.histogram([1, 2, 3], bins=2))
    assert histogram == Histogram([1, 2, 3], num_bins=2)
    with pytest.raises(ValueError, match="num_bins must be at least 1, not 0"):
        Histogram([1, 2, 3], num_bins=0)
    assert histogram.reference({}) == {
        "_type": "histogram",
        "values": [1, 2],
        "bins": [1.0, 2.0, 3.0],
    }
    assert histogram != Histogram([1])
    assert len({histogram, histogram}) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sequence": [1], "num_bins": 513}, "at most 512 bins, not 513"),
        ({"np_histogram": ([1], [1])}, "a histogram of 1 bins has 2 edges, not 1"),
        ({"np_histogram": ([1], [2, 1])}, "the edges of a histogram must ascend"),
        ({"np_histogram": [1]}, "np_histogram must be a pair: counts and edges"),
        ({"sequence": ["a"]}, "a histogram counts numbers"),
        ({}, "Histogram takes a sequence of numbers, or np_histogram"),
    ],
)
def test_invalid_histograms_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        Histogram(**arguments)


def test_html_from_everywhere(tmp_path: Path) -> None:
    page = tmp_path / "page.HTML"
    page.write_text("<b>é</b>", encoding="utf-8")
    for data in (page, str(page), page.read_bytes(), BytesIO(page.read_bytes()),
                  StringIO("<b>é</b>"), "<b>é</b>"):  # fmt: skip
        html = Html(data, caption="c")
        assert html.html == "<b>é</b>"
        assert html.payloads()[""].buffers == ["<b>é</b>".encode()]
    assert Html(str(page), data_is_not_path=True).html == str(page)
    missing = Html("missing.html")
    assert missing.html == "missing.html"
    assert missing.notes == ["is the text 'missing.html' itself, as there is no such file"]
    assert Html(page).reference({"": "media/html/a"}) == {
        "_type": "html-file",
        "path": "media/html/a",
    }


def test_a_list_of_html_is_one_value() -> None:
    references = [Html("a").reference({"": "p"}), Html("b").reference({"": "q"})]
    assert Html.list_reference(references) == {
        "_type": "html", "count": 2, "html": references,
    }  # fmt: skip


def test_what_is_no_html_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not NoneType"):
        Html(None)
    with pytest.raises(ValueError, match="HTML must be UTF-8"):
        Html(b"\xff")
    with pytest.raises(FileNotFoundError):
        Html(tmp_path / "missing.html")

"""Figures of static files: curves as whole numbers, within the bounds that the format states."""

from __future__ import annotations

import json
import struct
from typing import Any

import nanoarrow
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from weft.server.http.answers.arrow import ARROW_MEDIA_TYPE, PanelWriter
from weft.server.http.reports.static_figures import pack_static_figure
from weft.server.services.charting.answers import Drawn, PanelAnswer, empty_series
from weft.server.services.reports.figures import FigureAnswer, pack_figure
from weft.server.storage.contract import Series
from weft.wire.reports.figures import FigureRequest

Floats = NDArray[np.float64]


def series(mean: Floats, spread: float = 0.5, x: Floats | None = None) -> Series:
    finite = np.isfinite(mean)
    nonfinite = np.flatnonzero(~finite)
    nothing = np.zeros(len(nonfinite), dtype=np.int64)
    return Series(
        run="r",
        key="loss",
        level=2,
        buckets=np.arange(len(mean), dtype=np.int64),
        count=finite.astype(np.int64),
        minimum=mean - spread,
        maximum=mean + spread,
        mean=mean,
        m2=mean * 0,
        first=mean,
        last=mean,
        x=np.full(len(mean), np.nan) if x is None else x,
        nonfinite=nonfinite,
        nan=nothing + 1,
        positive_infinity=nothing,
        negative_infinity=nothing,
    )


def stream_of(*drawn: Series) -> bytes:
    writer = PanelWriter()
    return writer.write(PanelAnswer([Drawn(curve, 0) for curve in drawn])) + writer.end()


def figure_of(*contents: bytes, media_type: str = ARROW_MEDIA_TYPE) -> bytes:
    request = FigureRequest(method="POST", path="series", body={})
    answers = [FigureAnswer(request, 200, media_type, content) for content in contents]
    return pack_figure(answers, {}, 1)


def entries_of(packed: bytes) -> list[dict[str, Any]]:
    (n_list,) = struct.unpack_from("<I", packed)
    entries: list[dict[str, Any]] = json.loads(packed[4 : 4 + n_list])
    return entries


def unpack(packed: bytes) -> bytes:
    """The content of a figure, as a page makes it again: written from the format's description."""
    (n_list,) = struct.unpack_from("<I", packed)
    (n_content,) = struct.unpack_from("<I", packed, 4 + n_list)
    at = 8 + n_list + n_content
    content = bytearray(packed[8 + n_list : at])
    before: list[list[int]] = []
    for entry in entries_of(packed):
        n, width = entry["n"], entry["width"]
        planes = [packed[at + k * n : at + (k + 1) * n] for k in range(width)]
        at += n * width
        codes = [sum(planes[k][i] << (8 * k) for k in range(width)) for i in range(n)]
        if entry["isDelta"] or "other" in entry:
            codes = [(code >> 1) ^ -(code & 1) for code in codes]
        if "other" in entry:
            other = before[entry["other"]]
            codes = [code + base for code, base in zip(codes, other, strict=True)]
        elif entry["isDelta"]:
            codes = list(np.cumsum(codes))
        before.append(codes)
        for i, code in enumerate(codes):
            begin = entry["at"] + 4 * i
            if entry["kind"] == "step":
                struct.pack_into("<f", content, begin, code * entry["step"])
                continue
            bits = int(code) if entry["kind"] == "bits" else int(code) << 8
            if entry["kind"] == "float" and bits < 0:
                bits = -bits | 0x80000000
            struct.pack_into("<I", content, begin, bits & 0xFFFFFFFF)
        for i in entry.get("nan", ()):
            struct.pack_into("<f", content, entry["at"] + 4 * i, float("nan"))
    assert at == len(packed)
    return bytes(content)


def columns_of(figure: bytes) -> dict[str, Any]:
    """The first series of the first answer."""
    (n_head,) = struct.unpack_from("<I", figure)
    stream = nanoarrow.ArrayStream.from_readable(figure[4 + n_head :])
    (row,) = nanoarrow.Array(next(iter(nanoarrow.c_array_stream(stream)))).to_pylist()
    columns: dict[str, Any] = row
    return columns


@given(
    st.lists(
        st.floats(-1e6, 1e6, width=32).filter(lambda value: value == 0 or abs(value) > 1e-30),
        min_size=1,
        max_size=50,
    ),
    st.sampled_from([0.0, 0.25, 1000.0]),
)
def test_numbers_are_within_the_bounds(values: list[float], spread: float) -> None:
    mean = np.array(values)
    figure = figure_of(stream_of(series(mean, spread)))
    packed = pack_static_figure(figure)
    before, after = columns_of(figure), columns_of(unpack(packed))
    base = before["base"]
    shown = np.array([before[name] for name in ("mean", "min", "max")]) + base
    value_range = shown.max() - shown.min()
    for name in ("mean", "min", "max"):
        exact, rounded = np.array(before[name]), np.array(after[name])
        errors = np.abs(exact - rounded)
        kind = next(entry["kind"] for entry in entries_of(packed))
        if kind == "step":
            bound = np.minimum(value_range / 2**17, np.abs(exact + base) / 2**12)
            assert (errors <= np.maximum(bound, np.abs(exact) * 2**-23)).all()
        elif kind == "float":
            assert (errors <= np.abs(exact) / 2**16).all()
        else:
            assert (errors == 0).all()
    others = {name: value for name, value in before.items() if name not in ("mean", "min", "max")}
    # as texts, in which NaN equals NaN
    assert str({name: after[name] for name in others}) == str(others)


def test_curves_over_many_powers_of_ten_keep_their_small_numbers() -> None:
    mean = np.geomspace(1e-12, 1e3, 100)
    figure = figure_of(stream_of(series(mean, 0.0)))
    packed = pack_static_figure(figure)
    assert entries_of(packed)[0]["kind"] == "float"
    assert columns_of(unpack(packed))["mean"] == pytest.approx(mean, rel=2**-15)


def test_whole_numbers_and_buckets_without_a_number_stay_as_they_are() -> None:
    mean = np.array([1.0, 2.0, np.nan, 17.0, 0.0])
    after = columns_of(unpack(pack_static_figure(figure_of(stream_of(series(mean))))))
    assert np.isnan(after["mean"][2])
    assert [after["mean"][i] for i in (0, 1, 3, 4)] == [1.0, 2.0, 17.0, 0.0]
    assert after["max"][3] == 17.5


def test_a_line_that_does_not_move_and_its_positions_stay_as_they_are() -> None:
    mean = np.full(5, 0.1)
    x = np.array([0.5, 4.25, 9.0, 12.0, 18.5])
    figure = figure_of(stream_of(series(mean, 0.0, x)))
    packed = pack_static_figure(figure)
    assert {entry["kind"] for entry in entries_of(packed)} == {"bits"}
    assert unpack(packed) == figure


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no Arrow",
        stream_of(empty_series("r", "loss")),
        stream_of(series(np.arange(9.0)))[:-200],
        stream_of(series(np.arange(9.0)))[:700] + bytes(200),
        struct.pack("<Ii", 0xFFFFFFFF, -8) * 3,
    ],
)
def test_an_answer_that_is_none_of_ours_stays_as_it_is(content: bytes) -> None:
    figure = figure_of(content)
    assert unpack(pack_static_figure(figure))[: len(figure)] == figure


def test_only_arrow_is_looked_into() -> None:
    figure = figure_of(stream_of(series(np.arange(9.0))), media_type="application/json")
    assert entries_of(pack_static_figure(figure)) == []

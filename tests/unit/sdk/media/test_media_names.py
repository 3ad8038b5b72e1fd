"""`weft.sdk.media.names`: every key makes a path that the server takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weft.records.files.file_paths import check_file_path
from weft.sdk.media.names import media_path

STRANGE = st.sampled_from(
    [
        "..", ".", "/", "//", "\\", "con", "AUX.txt", " a ", "a.", "\u202e", "\x00", "é" * 300,
        "\ud800", "\ufffe", "a/" * 40, "C:", "日本語" * 60, "", "   ", "...", "nul/prn", "x:y*?",
    ]
)  # fmt: skip


@given(
    st.lists(st.text() | STRANGE, max_size=12).map("".join), st.integers() | st.floats(0, 1e300)
)
def test_each_key_makes_a_valid_path(key: str, step: float) -> None:
    path = media_path("images", key, step, "0123456789abcdef0123", ".png")
    assert check_file_path(path) == path
    assert path.startswith("media/images/")
    assert path.endswith("_0123456789abcdef0123.png")


def test_keys_that_are_valid_stay() -> None:
    assert media_path("audio", "a b/c.d", 7, "t", ".wav") == "media/audio/a b/c.d_7_t.wav"
    assert media_path("audio", "x", 2.5, "t", ".wav") == "media/audio/x_2.5_t.wav"
    assert media_path("audio", "x", "summary", "t", ".wav") == "media/audio/x_summary_t.wav"

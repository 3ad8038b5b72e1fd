"""The terminal that turns printed text into lines, compared with a slow reference."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weft.sdk.console.styles import apply_codes
from weft.sdk.console.terminal import MAX_COLUMNS, MAX_PADDED_COLUMNS, N_ROWS, Terminal


def lines_of(*pieces: str) -> list[str]:
    lines: dict[int, str] = {}
    terminal = Terminal()
    for piece in pieces:
        terminal.feed(piece)
        lines |= {line.number: line.shown() for line in terminal.take_all()}
    return [lines.get(number, "") for number in range(terminal.open_number + 1)]


def test_control_characters_act_as_in_a_terminal() -> None:
    assert lines_of("10%\r20%\n") == ["20%", ""]
    assert lines_of("abc\b\bX") == ["aXc"]
    assert lines_of("long text\rab\x1b[K\n") == ["ab", ""]
    assert lines_of("one\ntwo\n\x1b[2A", "1\r\x1b[1B2") == ["1ne", "2wo", ""]
    assert lines_of("a\nb\n\x1b[1A\x1b[2Knew\n") == ["a", "new", ""]
    assert lines_of("abcdef\x1b[3D\x1b[2P") == ["abcf"]
    assert lines_of("first\n\x1b[2J\x1b[Hsecond") == ["first", "second"]
    assert lines_of("\x1b]0;title\x07text\x1b(B\x00") == ["text"]


def test_colors_are_kept_in_each_line() -> None:
    assert lines_of("\x1b[31mred\nstill\x1b[0m plain") == [
        "\x1b[31mred\x1b[0m",
        "\x1b[31mstill\x1b[0m plain",
    ]
    assert lines_of("\x1b[1;38;5;9mx\x1b[22my\x1b[39mz") == [
        "\x1b[1;38;5;9mx\x1b[0;38;5;9my\x1b[0mz"
    ]
    assert apply_codes("", "38;5") == apply_codes("", "999") == apply_codes("31", "") == ""


def test_a_line_of_a_million_characters_continues_in_further_lines() -> None:
    lines = lines_of("x" * 1_000_000 + "\nend")
    assert {len(line) for line in lines[:-2]} == {MAX_COLUMNS}
    assert "".join(lines) == "x" * 1_000_000 + "end"


def test_lines_that_left_the_screen_are_final() -> None:
    text = "".join(f"{number}\n" for number in range(N_ROWS * 2))
    assert lines_of(text, "\x1b[999A!")[: N_ROWS + 1] == [str(n) for n in range(N_ROWS + 1)]


class Reference:
    """A grid of characters: each operation as its definition says, one character at a time."""

    def __init__(self) -> None:
        self.rows, self.row, self.column = [[]], 0, 0

    rows: list[list[str]]

    def feed(self, token: str) -> None:
        line = self.rows[self.row]
        if token == "\n":
            self.row, self.column = self.row + 1, 0
            if self.row == len(self.rows):
                self.rows.append([])
        elif token == "\r":
            self.column = 0
        elif token == "\b":
            self.column = max(0, self.column - 1)
        elif token == "\x1b[A":
            self.row = max(0, self.row - 1)
        elif token == "\x1b[B":
            self.row = min(len(self.rows) - 1, self.row + 1)
        elif token == "\x1b[C":
            self.column += 1
        elif token == "\x1b[K":
            del line[self.column :]
        elif token == "\x1b[2K":
            line.clear()
        else:
            for character in token:
                line.extend(" " * (self.column + 1 - len(line)))
                line[self.column] = character
                self.column += 1


TOKENS = st.sampled_from(
    ["\n", "\r", "\b", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[K", "\x1b[2K", "ab", "xyz", "é"]
)


@given(st.lists(TOKENS, max_size=60), st.integers(1, 5))
def test_any_text_in_any_pieces_gives_what_the_reference_shows(
    tokens: list[str], n_chars: int
) -> None:
    reference = Reference()
    for token in tokens:
        reference.feed(token)
    text = "".join(tokens)
    pieces = [text[start : start + n_chars] for start in range(0, len(text), n_chars)]
    assert lines_of(*pieces) == ["".join(row).rstrip() for row in reference.rows]
    assert lines_of(text) == lines_of(*pieces)


def test_a_sequence_without_an_end_is_shown_and_ends_with_its_line() -> None:
    for start in ("\x1b]8;;http://cut-off", "\x1b_apc", "\x1bPdcs", "\x1b^pm", "\x1bXsos"):
        for pieces in ([start + "\nmarker\n"], [*start, "\n", "marker\n"]):
            assert lines_of(*pieces) == [start[1:], "marker", ""]
    assert lines_of("\x1b[12\nmarker", "\x1b(\nanother", "\x1b\nlast") == [
        "", "marker", "another", "last"
    ]  # fmt: skip
    assert lines_of("\x1b]8;;http://h\x07link\x1b]8;;\x1b\\!\n") == ["link!", ""]


def test_what_a_sequence_has_is_shown_at_the_end_of_the_stream_or_if_it_is_too_long() -> None:
    terminal = Terminal()
    terminal.feed("\x1b]0;title")
    terminal.end_sequence()
    assert [line.shown() for line in terminal.take_all()] == ["]0;title"]
    assert lines_of("\x1b]" + "x" * 10_000, "y\nmarker\n") == [
        "]" + "x" * 10_000 + "y",
        "marker",
        "",
    ]


def test_moves_of_the_cursor_make_no_long_lines() -> None:
    for move in (
        "\x1b[65535C",
        "\x1b[9999G",
        "\x1b[1;9999H",
        "x" * 60_000 + "\n\x1b[A\x1b[60000C",
    ):
        lines = lines_of("first\n" * 3, f"{move}x\x1b[A!\x1b[A!")
        assert all(len(line) <= MAX_PADDED_COLUMNS + 9 for line in lines if len(line) < 60_000)
    assert len(lines_of("\x1b[200Cx")[0]) == 201


@given(st.text(alphabet="\x1b[]0123456789;?mAHJK\n\r\x9b\x07P\\ab", max_size=200))
def test_hostile_sequences_are_harmless(text: str) -> None:
    for line in lines_of(text):
        assert "\n" not in line

"""Arguments of `alert`, and the output of a notebook's cell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from weft.errors import UsageError, WrongType
from weft.sdk.dicts.static_config import StaticConfig
from weft.sdk.display.notebook import display_html, is_notebook, lines_html
from weft.sdk.guard import Guard, without_emoji
from weft.sdk.recording.alert import AlertLevel, checked_alert


@pytest.mark.parametrize(
    ("level", "wait", "checked"),
    [
        (None, None, ("INFO", 60.0)),
        ("warn", 5, ("WARN", 5.0)),
        (AlertLevel.ERROR, 0.5, ("ERROR", 0.5)),
        ("INFO", timedelta(minutes=2), ("INFO", 120.0)),
        ("INFO", 0, ("INFO", 0.0)),
    ],
)
def test_an_alert_is_checked(level: Any, wait: Any, checked: tuple[str, float]) -> None:
    alert = checked_alert("title", "text", level, wait)
    assert (alert.level, alert.wait_secs) == checked


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ((5, "text"), WrongType, "title that is text, not int"),
        (("title", None), WrongType, "text that is text, not NoneType"),
        ((" ", "text"), UsageError, "title that is not empty"),
        (("title", "text", "loud"), UsageError, "'INFO', 'WARN' or 'ERROR', not 'loud'"),
        (("title", "text", None, "soon"), WrongType, "wait_duration in seconds"),
        (("title", "text", None, float("nan")), UsageError, "finite wait_duration"),
    ],
)
def test_what_is_no_alert_raises(
    arguments: tuple[Any, ...], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        checked_alert(*arguments)


def test_long_and_odd_text_is_bounded() -> None:
    alert = checked_alert("t\ud800", "x" * 2**21)
    assert alert.title == "t?"
    assert len(alert.text) == 2**18


def test_addresses_become_links_and_the_rest_is_quoted() -> None:
    assert lines_html(["<b> & at https://h/a?b=<c>", "plain"]) == (
        '<pre>&lt;b&gt; &amp; at <a href="https://h/a?b=%3Cc%3E" target="_blank">'
        "https://h/a?b=&lt;c&gt;</a><br>plain</pre>"
    )


def test_outside_a_notebook_reports_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert not is_notebook()
    assert not display_html("<p>", "p")
    Guard(emoji=False).report(["🚀 View run", "", "n ▁█"])
    assert capsys.readouterr().err == "weft: View run\nweft:\nweft: n ▁█\n"


@pytest.mark.parametrize(
    ("line", "shown"),
    [("⭐️ View", "View"), ("🧹 View 🚀", "View 🚀"), ("▁▂ x", "▁▂ x"), ("", ""), ("🚀", "")],
)
def test_only_an_emoji_at_the_beginning_goes(line: str, shown: str) -> None:
    assert without_emoji(line) == shown


def test_a_static_config_is_to_read_only() -> None:
    static = StaticConfig({"lr": 0.1, "keys": 2})
    assert (static.lr, static["keys"], "lr" in static, len(static)) == (0.1, 2, True, 2)
    with pytest.raises(UsageError, match=r"set run\.config\.lr"):
        static.lr = 0.2
    with pytest.raises(AttributeError, match="no item 'depth'"):
        _ = static.depth

"""The small texts around a run: its warnings, its lines, its endings, its directory."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from sdk_script import latest_run
from weft.errors import ConfigError, UsageError, WeftError
from weft.records.secrets.redaction import Redactor
from weft.sdk.display.printing import (
    end_lines,
    history_lines,
    shown_path,
    shown_value,
    summary_lines,
)
from weft.sdk.display.sparklines import draw_sparkline, sample_values
from weft.sdk.finish import Ending, ending_of, exit_code_of
from weft.sdk.guard import Guard
from weft.sdk.recording.directory import make_run_directory
from weft.sdk.setup.precedence import read_settings


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--lr", "0.1"], ["--lr", "0.1"]),
        (["--api-key", "abc", "x"], ["--api-key", "***", "x"]),
        (["--wandb_api_key=abc"], ["--wandb_api_key=***"]),
        (["--password", "--verbose"], ["--password", "--verbose"]),
        (["hf_abcdefghij0123456"], ["***"]),
        (["--tokenizer", "bert"], ["--tokenizer", "bert"]),
        (["model.token=xyz"], ["model.token=***"]),
    ],
)
def test_secrets_of_the_command_line_are_not_kept(arguments: list[str], shown: list[str]) -> None:
    assert Redactor().arguments(arguments) == shown


# -- guard ---


def test_a_warning_is_printed_once_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    guard = Guard()
    for _ in range(3):
        guard.warn_value("loss", "is odd")
        guard.warn_value("acc", "is odd")
    err = capsys.readouterr().err
    assert err.count("'loss' is odd") == err.count("'acc' is odd") == 1
    assert guard.n_warnings == 6


def test_faults_are_printed_once_a_call_site(capsys: pytest.CaptureFixture[str]) -> None:
    guard = Guard()
    for _ in range(3):
        guard.fault(ValueError("a"), "log()")
    guard.fault(ValueError("b"), "log()")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "test_sdk_settings.py" in lines[0]


def test_strict_raises_the_very_error() -> None:
    guard = Guard(strict=True)
    error = ZeroDivisionError("x")
    with pytest.raises(ZeroDivisionError) as caught:
        guard.fault(error, "log()")
    assert caught.value is error
    with pytest.raises(UsageError):
        guard.warn_value("loss", "is odd")
    with pytest.raises(WeftError):
        guard.warn("disk", "full")


# -- lines ---


def test_sparklines_span_the_finite_values() -> None:
    assert draw_sparkline([1.0, 1.0]) == "▁▁"
    assert draw_sparkline([math.nan, math.inf]) == "  "
    assert (
        draw_sparkline([-1e308, 0, 1e308]) == "▁▅█" or draw_sparkline([-1e308, 0, 1e308])[0] == "▁"
    )
    assert draw_sparkline([]) == ""


def test_samples_of_a_large_log_cover_it_from_end_to_end(tmp_path: Path) -> None:
    from weft.runlog.header import make_header
    from weft.runlog.writer import LogWriter
    from weft.sdk.rows.history import History

    path = tmp_path / "run-x.w.weft"
    writer = LogWriter(path, make_header("x"))
    history = History(lambda: (writer, 0), Guard(), lambda: None)
    n_rows = 40_000
    for number in range(n_rows):
        history.append({"n": number, "text": "x", "half": number % 2 == 0 or 0.5}, None, None)
    assert writer.size > 512 * 1024
    samples = sample_values(path, history.schemas(), writer.size)
    values = samples["n"]
    assert len(values) == 40
    assert values == sorted(values)
    assert values[0] < 0.02 * n_rows
    assert values[-1] > 0.98 * n_rows
    assert "text" not in samples


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.123456789, "0.12346"), (12345.678912, "12345.67891"), (1e-9, "1e-09"), (0.0, "0"),
        (1.23456e-5, "1.2346e-05"), (0.00025, "0.00025"), (0.0012345678, "0.0012346"),
        (5, "5"), (True, "True"), (None, "None"), (math.nan, "nan"), ("a\nb", "a b"),
        ("x" * 100, "x" * 59 + "…"), ([1], None),
    ],
)  # fmt: skip
def test_values_are_shown_short(value: Any, shown: str | None) -> None:
    assert shown_value(value) == shown


def test_only_the_first_metrics_are_listed() -> None:
    samples = {f"m{n}": [1.0, 2.0] for n in range(13)}
    lines = history_lines(samples)
    assert lines[:3] == ["", "Run history:", "m0 ▁█"]
    since = history_lines(samples, resumed=True)
    assert since[1:] == ["Run history since it was resumed:", *lines[2:]]
    assert lines[-1] == "+3 …"
    assert history_lines({"once": [1.0]}) == []
    assert summary_lines({}) == []
    assert history_lines(samples, 0) == summary_lines({"a": 1}, 0) == []
    assert history_lines(samples, 11)[-1] == " +2 …"
    assert history_lines(samples, 12)[-1] == "m12 ▁█", "one more takes no more lines"
    nested = summary_lines({"loss": {"min": 0.5, "max": 2}, "acc": 1})
    assert nested[2:-1] == ["loss.min 0.5", "loss.max 2", "     acc 1"]


@pytest.mark.parametrize(
    "outcome",
    ["offline", "no_address", "no_server", "wrong_server", "unauthorized", "timeout", "detached",
     "refused", "dead"],
)  # fmt: skip
def test_every_way_to_end_without_upload_says_where_the_data_lies(outcome: str) -> None:
    (line,) = end_lines(
        name="a-b", directory=Path("weft/run-x"), run_url="http://h/x", project_url="http://h",
        outcome=outcome, detail="why", n_unsent=12_345,
    )  # fmt: skip
    assert "./weft/run-x" in line
    assert "`weft sync ./weft/run-x`" in line
    if outcome not in {"timeout", "detached", "unauthorized"}:
        assert "`weft ui`" in line


def test_commands_for_a_run_elsewhere_can_be_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    folder = tmp_path / "my runs"
    (line,) = end_lines(
        name="a-b", directory=folder / "weft" / "run-x", run_url=None, project_url=None,
        outcome="offline", detail="", n_unsent=12_345,
    )  # fmt: skip
    assert f'`weft ui "{folder}"`' in line
    assert f'`weft sync "{folder / "weft" / "run-x"}"`' in line


def test_paths_elsewhere_are_shown_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    assert shown_path(tmp_path / "a" / "b") == "./b"
    assert shown_path(tmp_path / "b") == str(tmp_path / "b")


# -- endings and directories ---


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (None, Ending(0)),
        (ValueError(), Ending(1, reason="ValueError")),
        (SystemExit(None), Ending(0)),
        (SystemExit("text"), Ending(1, reason="text")),
        (SystemExit(9), Ending(9)),
        (KeyboardInterrupt(), Ending(130, "killed")),
    ],
)
def test_exceptions_become_exit_codes(error: BaseException | None, ending: Ending) -> None:
    assert ending_of(error) == ending


def test_exit_codes_of_odd_objects() -> None:
    assert exit_code_of([]) == 1
    assert exit_code_of(True) == 1
    assert exit_code_of(2**64) == 1


def test_the_newest_run_is_linked(tmp_path: Path) -> None:
    first, _ = make_run_directory(tmp_path, "first", 1_000_000.0)
    second, trouble = make_run_directory(tmp_path, "second", 2_000_000.0)
    assert trouble is None
    assert latest_run(tmp_path) == second
    assert first.is_dir()
    assert {path.name for path in second.iterdir()} == {"files", "logs"}


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_that_is_a_folder_says_what_is_wrong_with_it(name: str) -> None:
    with pytest.raises(ConfigError, match=r"project may not be '[.]+', which names"):
        read_settings({"project": name}, {})

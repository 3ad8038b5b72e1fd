"""`weft logs`: prints the console output of a run, and follows it."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterable
from typing import Literal

import click
import msgspec

from weft.cli.connect import find_run
from weft.errors import ConfigError
from weft.sdk.reading.stored.run import StoredRun
from weft.wire.runs.logs import LogLine


def print_logs(
    path: str,
    base_url: str | None,
    *,
    follow: bool,
    pattern: str,
    stream: Literal["stdout", "stderr"] | None,
    rank: int | None,
    tail: int | None,
    as_json: bool,
) -> int:
    """Print the console output of a run; the exit code is 0, or 130 after Ctrl-C.

    `tail` begins with at most so many last lines. ConfigError if the options can't be combined.
    """
    if follow and pattern:
        raise ConfigError("--follow and --grep can't be combined: use `weft logs -f … | grep`")
    run = find_run(path, base_url)
    lines: Iterable[LogLine]
    if follow:
        lines = run.follow_console_logs(rank=rank, stream=stream, tail=tail)
    elif pattern:
        lines = run.console_logs(rank=rank, stream=stream, regex=pattern)
        lines = lines if tail is None else deque(lines, tail)
    else:
        lines = run.console_logs(last=tail, rank=rank, stream=stream)
    try:
        _print(lines, {} if as_json else _labels(run), as_json=as_json, flushes=follow)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Python flushes at its end, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _print(
    lines: Iterable[LogLine], labels: dict[str, str], *, as_json: bool, flushes: bool
) -> None:
    # click.echo flushes at each call; a million lines are printed five times as fast without.
    keeps_codes = sys.stdout.isatty()
    for line in lines:
        if as_json:
            text = msgspec.json.encode(line).decode()
        else:
            text = labels.get(line.writer, "") + line.text
            text = text if keeps_codes else click.unstyle(text)
        sys.stdout.write(f"{text}\n")
        if flushes:
            sys.stdout.flush()


def _labels(run: StoredRun) -> dict[str, str]:
    """The prefixes of the lines of each writer: its rank, if the run has several."""
    ranks = {writer.writer: writer.labels.get("rank", "0") for writer in run.writers}
    if len(set(ranks.values())) < 2:
        return {}
    return {writer: f"[rank {rank}] " for writer, rank in ranks.items()}

"""The lines that a run prints at its start and end. Pure: returns lines; `Guard.say` prints them.

Other programs search these lines for addresses and folders, so their wording is part of the API.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from weft.records.sizes import counted, shown_size
from weft.records.value import with_ints

MAX_METRICS: Final = 10
MAX_TEXT_CHARS: Final = 60


def shown_path(path: Path) -> str:
    """Return a path as a user would type it in the working directory."""
    full = os.path.abspath(path)  # noqa: PTH100
    try:
        short = os.path.relpath(full)
    except ValueError:
        return full
    return full if short.startswith("..") else f".{os.sep}{short}"


def look_command(directory: Path) -> str:
    """Return the command that shows a run's folder, for the working directory."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(directory)))  # noqa: PTH100, PTH120
    return "weft ui" if folder == os.getcwd() else f"weft ui {_typed(Path(folder))}"  # noqa: PTH109


def send_command(directory: Path) -> str:
    """Return the command that sends a run, for the working directory."""
    return f"weft sync {_typed(directory)}"


def _typed(path: Path) -> str:
    shown = shown_path(path)
    return f'"{shown}"' if " " in shown else shown


def start_lines(
    *,
    version: str,
    name: str,
    directory: Path,
    mode: str,
    run_url: str | None,
    project_url: str | None,
    sweep_url: str | None = None,
    resumed: bool = False,
    origin: str | None = None,
    server_is_starting: bool = False,
    viewer_url: str | None = None,
    is_reached: bool = True,
) -> list[str]:
    """Return the lines that `init` prints.

    Args:
        is_reached: whether the server is running, or has answered a run of this user before.
        origin: for a fork or a rewind, a sentence with the step where it starts.
        viewer_url: without a server, the run's page in a `weft ui` that shows its folder.
    """
    folder = shown_path(directory)
    lines = [f"Tracking run with weft {version}", f"Run data is saved locally in {folder}"]
    if mode == "offline":
        lines.append(f"Offline: send it later with `{send_command(directory)}`")
    elif server_is_starting:
        lines.append("A server is starting: the run is sent there as soon as it serves")
    elif viewer_url:
        lines.append("No server is known: `weft ui`, which is running, shows the run")
    elif run_url is None:
        lines.append(f"No server is known: view your runs with `{look_command(directory)}`")
    verb = "Resuming" if resumed else "Syncing" if run_url else "Logging"
    lines.append(f"{verb} run {name}")
    if origin:
        lines.append(origin)
    if run_url:
        lines.append(f"⭐️ View project at {project_url}")
        if sweep_url:
            lines.append(f"🧹 View sweep at {sweep_url}")
    if run_url or viewer_url:
        later = "" if is_reached or not run_url else " (once the server answers)"
        lines.append(f"🚀 View run {name} at {run_url or viewer_url}{later}")
    return lines


def origin_line(run_id: str, fork_run: str | None, fork_step: float | None) -> str | None:
    """Say where a fork or a rewind starts. Returns None for any other run.

    >>> origin_line("ab12cd34", "zy98xw76", 100)
    'Forked from run zy98xw76 at step 100'
    """
    if fork_run is None:
        return None
    if fork_run != run_id:
        at = "before its first row" if fork_step is None else f"at step {fork_step}"
        return f"Forked from run {fork_run} {at}"
    step = "its beginning" if fork_step is None else f"step {fork_step}"
    return f"Gone back to {step}: later rows are kept, and no longer shown"


def ending_lines(name: str, exit_code: int | None, state: str | None) -> list[str]:
    """Say how the run ended, unless it ended well.

    >>> ending_lines("first try", 0, None), ending_lines("first try", 143, "killed")
    ([], ['Run first try was killed (exit code 143)'])
    """
    if not exit_code:
        return []
    return [f"Run {name} {'was killed' if state else 'failed'} (exit code {exit_code})"]


def history_lines(
    samples: Mapping[str, Sequence[float]], n_most: int = MAX_METRICS, *, resumed: bool = False
) -> list[str]:
    """Return "Run history:" with a sparkline for each of the first metrics.

    The samples of a resumed run are of its own log, without the rows that others logged before it.
    """
    drawn = {key: values for key, values in samples.items() if len(values) > 1}
    if not drawn or not n_most:
        return []
    from weft.sdk.display.sparklines import draw_sparkline

    rows = {key: draw_sparkline(values) for key, values in drawn.items()}
    title = "Run history since it was resumed:" if resumed else "Run history:"
    return ["", title, *_table(rows, n_most)]


def summary_lines(summary: Mapping[str, Any], n_most: int = MAX_METRICS) -> list[str]:
    """Return "Run summary:" with the first values, to 5 digits or more, without histograms.

    >>> summary_lines({"loss": {"min": 0.5}, "grads": {"_type": "histogram"}})
    ['', 'Run summary:', 'loss.min 0.5', '']
    """
    flat = flat_values(with_ints(dict(summary)))
    rows = {key: text for key, value in flat if (text := shown_value(value))}
    return ["", "Run summary:", *_table(rows, n_most), ""] if rows and n_most else []


def flat_values(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested mappings by their joined names, `optim.lr`."""
    for key, value in values.items():
        if isinstance(value, Mapping) and "_type" not in value:
            yield from flat_values(cast("Mapping[str, Any]", value), f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def shown_value(value: object) -> str | None:
    """Format a summary value briefly. Returns None if it does not fit in one line.

    >>> shown_value(0.123456789), shown_value(3), shown_value(float("nan")), shown_value([1])
    ('0.12346', '3', 'nan', None)
    """
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return f"{round(value, 5):.10g}" if abs(value) >= 1 else f"{value:.5g}"
    if isinstance(value, str):
        line = " ".join(value.split())
        return line if len(line) <= MAX_TEXT_CHARS else f"{line[: MAX_TEXT_CHARS - 1]}…"
    return None


def end_lines(
    *,
    name: str,
    directory: Path,
    run_url: str | None,
    project_url: str | None,
    outcome: str,
    detail: str,
    n_unsent: int,
    n_unsent_files: int = 0,
) -> list[str]:
    """Say what was uploaded, what was not, and what to do about it.

    `outcome` is a `FinishResult.outcome`, `offline`, `detached` or `unstarted`.
    `n_unsent` are bytes that the server does not have, as far as they are known.
    """
    folder = shown_path(directory)
    view, send = look_command(directory), send_command(directory)
    remedy = f"View them with `{view}`, send them with `{send}`"
    rest = f"{unsent(n_unsent, n_unsent_files)} not uploaded; they are safe in {folder}"
    explanation = f" ({detail})" if detail else ""
    if outcome == "uploaded" and run_url:
        return [
            f"🚀 View run {name} at {run_url}",
            f"⭐️ View project at {project_url}",
            f"Run data is saved locally in {folder}",
        ]
    if outcome in {"offline", "no_address"}:
        return [
            f"Run data is saved locally in {folder}. View it with `{view}`, send it with `{send}`"
        ]
    if outcome in {"detached", "timeout"}:
        first = (
            "Stopped waiting"
            if outcome == "detached"
            else f"No progress of the upload{explanation}"
        )
        return [
            f"{first}; it continues in the background. {rest}. If it does not get through, "
            f"send them with `{send}`"
        ]
    if outcome == "unauthorized" and detail:
        return [
            f"{detail[0].upper()}{detail[1:]}. {shown_size(n_unsent)} are safe in {folder}; "
            f"later: `{send}`"
        ]
    if outcome == "gone":
        return [
            f"The run was deleted on the server{explanation}. {rest}. Begin a new run, under "
            f"another id; or restore this one in the project's trash, then `{send}`"
        ]
    if outcome in {"wrong_server", "refused"} and detail:
        # These details are whole sentences that include a remedy.
        first = f"The server refused the run's data: {detail}" if outcome == "refused" else detail
        look = "" if "`weft ui" in detail else f". {remedy}"
        return [f"{first[0].upper()}{first[1:]}. {rest}{look}"]
    reason = {
        "no_server": "No server answered",
        "wrong_server": "What answered is no weft server",
        "unauthorized": "The server needs a valid key; `weft login` saves one",
        "refused": "The server refused the run's data",
    }.get(outcome, "The upload ended early")
    return [f"{reason}{explanation}. {rest}. {remedy}"]


def unsent(n_bytes: int, n_files: int) -> str:
    """Say how much the server does not have, and the verb.

    >>> unsent(1200, 0), unsent(0, 68), unsent(1200, 1)
    ('1.2 kB were', '68 files were', '1 file (1.2 kB in all) was')
    """
    if not n_files:
        return f"{shown_size(n_bytes)} were"
    size = f" ({shown_size(n_bytes)} in all)" if n_bytes else ""
    return f"{counted(n_files, 'file')}{size} {'was' if n_files == 1 else 'were'}"


def _table(rows: Mapping[str, str], n_most: int) -> list[str]:
    # A line that says "+1 …" would be as long as the one that it hides
    first = list(rows.items())[: n_most if len(rows) > n_most + 1 else None]
    width = max(len(key) for key, _ in first)
    lines = [f"{key:>{width}} {text}" for key, text in first]
    n_more = len(rows) - len(first)
    return [*lines, f"{f'+{n_more}':>{width}} …"] if n_more else lines

"""Automatic records of a run's process: console output, loggers, a notebook's cells. I/O.

`Recorder` makes one `Captures` for each process, when the run starts there. It chooses how the
settings want it; `weft.sdk.console` and `cell_history` do the work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from weft.sdk.console.capture import Capture
from weft.sdk.console.output_file import OutputFile
from weft.sdk.display.notebook import is_notebook
from weft.sdk.guard import Guard
from weft.sdk.rows.history import History
from weft.sdk.setup.settings import Settings

if TYPE_CHECKING:
    from weft.records.secrets.redaction import Redactor
    from weft.sdk.console.redirected import Redirected


class Captures:
    """The automatic records of one process: console, loggers, notebook cells.

    `log` is None in a process that has not opened its own yet. `is_main` for the process of the
    run that writes `output.log`: the directory may be shared. Each process writes its lines into
    its own log. `make_redactor` makes what replaces secrets, when there is something to record.
    """

    def __init__(
        self,
        settings: Settings,
        history: History,
        guard: Guard,
        directory: Path,
        log: Path | None,
        make_redactor: Callable[[], Redactor],
        *,
        is_main: bool,
        is_child: bool,
    ) -> None:
        self._settings = settings
        self._history = history
        self._guard = guard
        self._files = directory / "files"
        self._log = log
        self._make_redactor = make_redactor
        self._is_main = is_main
        self._is_child = is_child
        self._console: Capture | Redirected | None = None
        self._cell_redactor: Redactor | None = None
        self._stops: list[Callable[[], None]] = []

    def start(self) -> None:
        """Capture what the settings say from now on."""
        if self._settings.console != "off":
            self._console = self._start_console()
        if self._settings.capture_loggers:
            from weft.sdk.console.loggers import capture_loggers

            self._stops.append(capture_loggers(self._settings.capture_loggers, self.write))
        if is_notebook() and self._settings.keeps_code and not self._is_child:
            from weft.sdk.recording.cell_history import keep_cells

            self._cell_redactor = self._make_redactor()
            self._stops.append(keep_cells(self._files, self._cell_redactor))

    def write(self, text: str) -> None:
        """Record lines that are not printed."""
        if self._console is None:
            self._console = self._make_console()
        self._console.record_lines(text)

    def flush_due(self) -> None:
        """Write unfinished lines if the last time was long enough ago."""
        if self._console is not None:
            self._console.flush_due()

    def close(self) -> None:
        """Stop, and write what is unfinished."""
        for stop in self._stops:
            stop()
        self._stops.clear()
        if self._console is not None:
            self._console.close()

    @property
    def redacted(self) -> Counter[str]:
        """The number of replaced secrets by kind; complete after `close`."""
        console = self._console.redacted if self._console is not None else Counter[str]()
        return console + (self._cell_redactor.counts if self._cell_redactor else Counter())

    def after_fork(self) -> None:
        """Let go of the parent's captures, in a forked child."""
        self._is_child = True
        self._is_main = False
        if self._console is not None:
            self._console.after_fork()

    def _start_console(self) -> Capture | Redirected | None:
        """Listen; None in a child process whose descriptors are redirected: it inherited them."""
        if self._settings.console == "redirect" and not is_notebook():
            if self._is_child:
                return None
            try:
                return self._redirect()
            except (OSError, ImportError) as error:
                self._guard.warn(
                    "console",
                    f"console='redirect' is not possible here ({error}): the output of "
                    "Python code is recorded, but not of C code",
                )
        capture = self._make_console()
        capture.listen()
        if is_notebook():
            from weft.sdk.console.cell_hooks import keep_hooks

            self._stops.append(keep_hooks())
        return capture

    def _make_console(self) -> Capture:
        return Capture(
            self._history,
            self._guard,
            output=OutputFile(self._output) if self._is_main else None,
            make_redactor=self._make_redactor,
        )

    def _redirect(self) -> Redirected:
        from weft.sdk.console.redirected import Redirected

        if self._log is None:
            raise OSError("the run has no log")
        return Redirected(
            self._log,
            self._guard,
            self._output if self._is_main else None,
            list(self._settings.redact_patterns),
            is_redacted=self._settings.redact,
        )

    @property
    def _output(self) -> Path:
        return self._files / "output.log"

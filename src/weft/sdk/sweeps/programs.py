"""Starts a sweep's program for each parameter set: several at once, each with GPUs of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

from weft.errors import ConfigError, NotFound
from weft.sdk.guard import guard_for
from weft.sdk.setup import PARAM_PATH
from weft.sdk.setup.settings import Settings
from weft.sdk.sweeps.command import DEFAULT_COMMAND, command_line
from weft.sdk.sweeps.failures import Failures
from weft.sdk.sweeps.handing import Handing
from weft.sdk.sweeps.line import Line
from weft.wire.sweeps import RunOrder

_POLL_SECS: Final = 0.2
_INTERRUPTED: Final = (-signal.SIGINT, 128 + signal.SIGINT)
_GPU_VARIABLES: Final = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")


@dataclass(slots=True)
class _Child:
    run: str
    process: subprocess.Popen[bytes]
    slot: int
    stopped_secs: float | None = None


def run_programs(
    handing: Handing,
    settings: Settings,
    *,
    count: int | None = None,
    gpus_per_run: int | None = None,
    forward_signals: bool = False,
    max_consecutive_failed_runs: int | None = None,
) -> None:
    """Run the sweep's program until the sweep ends, or `count` runs were started.

    With `gpus_per_run`, as many run at once as there are GPUs for; else one, with all GPUs. If
    `forward_signals`, a signal that ends the agent is sent to the programs as it is; otherwise
    they get SIGTERM. UsageError if the first runs all failed, all of them, or so many in a row.
    """
    program: Any = handing.config.get("program")
    command = [str(part) for part in handing.config.get("command") or ()]
    if program is None and not command:
        raise ConfigError(
            "the sweep has no program: add `program: train.py` to its configuration, or call "
            "weft.agent(sweep_id, function=train)"
        )
    _ProgramAgent(
        handing,
        settings,
        command or list(DEFAULT_COMMAND),
        None if program is None else str(program),
        gpu_slots(gpus_per_run),
        Failures(settings, quick=True, most_consecutive=max_consecutive_failed_runs),
        forward_signals=forward_signals,
    ).work(count)


def gpu_slots(gpus_per_run: int | None) -> list[str | None]:
    """The GPUs of each run that goes on at once, as CUDA_VISIBLE_DEVICES.

    ConfigError if they are too few for one.
    """
    if gpus_per_run is None:
        return [None]
    gpus = visible_gpus()
    if gpus_per_run < 1 or len(gpus) < gpus_per_run:
        raise ConfigError(
            f"--gpus-per-run is {gpus_per_run}, and this process sees {len(gpus)} GPUs"
        )
    return [
        ",".join(gpus[first : first + gpus_per_run])
        for first in range(0, len(gpus) - gpus_per_run + 1, gpus_per_run)
    ]


def visible_gpus() -> Sequence[str]:
    """The GPUs that this process may use."""
    for name in _GPU_VARIABLES:
        variable = os.environ.get(name)
        if variable is not None:
            return [gpu.strip() for gpu in variable.split(",") if gpu.strip() not in ("", "-1")]
    try:
        listed = subprocess.run(
            ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"],
            capture_output=True,
            timeout=20,
            check=True,
            text=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return listed.stdout.split()


class _ProgramAgent:
    def __init__(
        self,
        handing: Handing,
        settings: Settings,
        command: Sequence[str],
        program: str | None,
        slots: Sequence[str | None],
        failures: Failures,
        *,
        forward_signals: bool,
    ) -> None:
        self._handing, self._settings = handing, settings
        self._command, self._program, self._slots = command, program, slots
        self._forward_signals = forward_signals
        self._guard = guard_for(settings)
        self._line = Line(handing, settings, self._guard)
        self._children: list[_Child] = []
        self._ending: int | None = None
        self._failures = failures

    def work(self, count: int | None) -> None:
        self._guard.say(f"Agent of sweep {self._handing.shown}")
        self._line.start()
        with tempfile.TemporaryDirectory(prefix="weft-agent-") as folder, self._signals():
            try:
                self._work(count, Path(folder))
                if self._ending is None:
                    self._line.settle(self._settings.finish_timeout_secs)
            except NotFound as error:
                self._guard.say(f"Agent ends: {error}")
            finally:
                self._end_children()
                self._line.close()
        if self._ending is None:
            self._failures.check_all()

    def _work(self, count: int | None, folder: Path) -> None:
        n_started, is_done, asked_secs = 0, False, 0.0
        reason: str | None = None
        while self._ending is None:
            ended = self._collect()
            if self._failures.are_too_many():
                self._line.ask(0)
                raise self._failures.error()
            self._stop_asked()
            n_free = len(self._slots) - len(self._children)
            left = n_free if count is None else min(n_free, count - n_started)
            if is_done and not self._children:
                return
            if count is not None and n_started >= count and not self._children:
                self._line.ask(0)
                return
            due = time.monotonic() - asked_secs >= self._settings.agent_report_interval_secs
            if ended or (left > 0 and not is_done and (due or not reason)):
                asked_secs = time.monotonic()
                orders = self._line.ask(0 if is_done else max(left, 0))
                for order in orders.runs:
                    n_started += 1
                    reason = None
                    self._start(order, folder)
                if not orders.runs and left > 0 and orders.is_done:
                    is_done = True
                    self._guard.say(f"Agent ends: {orders.reason or 'the sweep has ended'}")
                elif not orders.runs and left > 0 and orders.reason != reason:
                    reason = orders.reason or "no run comes yet"
                    self._guard.say(f"Agent waits: {reason}")
            time.sleep(_POLL_SECS)

    def _start(self, order: RunOrder, folder: Path) -> None:
        used_slots = {child.slot for child in self._children}
        slot = next(n for n in range(len(self._slots)) if n not in used_slots)
        words = command_line(
            self._command, self._program, order.config, folder / f"{order.run}.args.json"
        )
        parameters = folder / f"{order.run}.yaml"
        # JSON is YAML, too; this is the form of W&B's file.
        parameters.write_text(
            json.dumps({name: {"value": value} for name, value in order.config.items()})
        )
        environment = dict(os.environ)
        settings = self._handing.settings
        ours = {
            "SWEEP_ID": settings["sweep_id"],
            "RUN_ID": order.run,
            PARAM_PATH: str(parameters),
            "ENTITY": settings.get("entity"),
            "PROJECT": settings.get("project"),
            "MODE": settings.get("mode"),
            "DIR": settings.get("dir"),
            "RESUME": "allow" if order.resumes else None,
        }
        for name, value in ours.items():
            if value is not None:
                environment[f"WEFT_{name}"] = environment[f"WANDB_{name}"] = str(value)
        gpus = self._slots[slot]
        if gpus is not None:
            environment.update(dict.fromkeys(_GPU_VARIABLES, gpus))
        self._guard.say(f"Agent starts run {order.run}: {' '.join(words)}")
        try:
            process = subprocess.Popen(words, env=environment)
        except OSError as error:
            self._guard.say(f"{words[0]} can't be started: {error}")
            self._line.end(order.run, "absent")
            self._failures.note(well=False)
            return
        self._children.append(_Child(order.run, process, slot))

    def _collect(self) -> bool:
        """Take note of the programs that ended; whether the sweep is to be told of some."""
        ended = [child for child in self._children if child.process.poll() is not None]
        for child in ended:
            self._children.remove(child)
            code = child.process.returncode
            # A program that is told first of its stop ends as by Ctrl-C, unless it handles that.
            is_stopped = child.stopped_secs is not None or code in _INTERRUPTED
            self._failures.note(well=is_stopped or code == 0)
            if is_stopped or code == 0:
                self._line.end(child.run, "finished")
            else:
                self._line.end(child.run, "failed")
                self._guard.say(f"Run {child.run} failed with exit code {code}")
        return self._line.has_news

    def _stop_asked(self) -> None:
        """End the programs whose runs were stopped: politely, then by force."""
        now = time.monotonic()
        for child in self._children:
            if child.run not in self._line.stop:
                continue
            if child.stopped_secs is None:
                # The run itself hears of it at its next log(); this is for all others.
                child.stopped_secs = now
            elif now - child.stopped_secs > 2 * self._settings.agent_kill_delay_secs:
                child.process.kill()
            elif now - child.stopped_secs > self._settings.agent_kill_delay_secs:
                child.process.terminate()

    @contextmanager
    def _signals(self) -> Generator[None]:
        """Let SIGINT and SIGTERM end the agent in order."""

        def note(number: int, _frame: FrameType | None) -> None:
            if self._ending is not None:
                for child in self._children:
                    child.process.kill()
            self._ending = number

        before = {
            number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end_children(self) -> None:
        """End the programs that are left."""
        number = self._ending if self._forward_signals and self._ending else signal.SIGTERM
        for child in self._children:
            if self._ending != signal.SIGINT or not sys.stdin.isatty():
                child.process.send_signal(number)
        until = time.monotonic() + self._settings.agent_kill_delay_secs
        for child in self._children:
            try:
                child.process.wait(max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        self._collect()

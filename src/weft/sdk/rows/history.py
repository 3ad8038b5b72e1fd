"""Rows, steps and time: `log()`'s hot path.

Receives the user's dict from `weft.sdk.run` and hands an encoded Row to `weft.runlog.writer`,
which appends it. The row is durable when `append` returns. No thread, queue, network or buffer.

`weft.sdk.rows.shapes` interns keys and schemas: a dict with the same keys in the same order costs
one look-up. Rows of scalars take the fast path (`conversion_plan`); all others are flattened first
(`flatten_row`).

`weft.sdk.rows.steps` chooses a row's step. A call that adds to the previous row writes a
*fragment*: another frame of the same row. `weft.sdk.rows.tracking` applies the metric definitions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from weft.errors import UsageError, WeftError, WrongType
from weft.records.limits import MAX_KEYS, MAX_TEXT_BYTES
from weft.records.record import CONSOLE_TAG, CONTINUES_ROW, ROW_TAG, MetricDefinition, Record
from weft.records.secrets.redaction import Redactor
from weft.records.value import INT64_MAX, with_ints
from weft.runlog.format import encode_payload
from weft.runlog.platform import boot_clock_nanos
from weft.sdk.guard import Guard
from weft.sdk.rows.beginning import Beginning
from weft.sdk.rows.definitions import Definitions
from weft.sdk.rows.parts import row_parts
from weft.sdk.rows.shapes import Shape, Shapes
from weft.sdk.rows.steps import FloatOrInt, Steps, checked_step
from weft.sdk.rows.tracking import KeyRules, Tracking
from weft.sdk.values.media_values import LazyBatch
from weft.sdk.values.plain import flatten_row
from weft.sdk.values.scalars import Plan, conversion_plan

if TYPE_CHECKING:
    from weft.records.aggregates import Folds
    from weft.sdk.rows.writers import Writer
    from weft.sdk.values.media_values import MediaStore

PROBE_MICROS: Final = 1_000_000
"""The interval at which a row also checks for a fork, a dead sidecar or a stop request."""

MAX_READ_BYTES: Final = 32 << 20
"""Longest log that is read again for summaries that are defined late: 300,000 rows of ten."""

MAX_PLANS: Final = 1024
"""Maximum number of cached conversion plans: one per sequence of value types."""

MAX_PLAN_VALUES: Final = 1024
"""Longest row whose plan is cached. 1,024 plans then take 8 MB at most."""

_TEXTUAL: Final = frozenset({str, list, dict})
"""Types of plain values that can hold texts."""


class History:
    """The rows of one process's part of a run. Each fragment counts as one of `n_rows`."""

    def __init__(
        self,
        open_writer: Callable[[], tuple[Writer, int]],
        guard: Guard,
        probe: Callable[[], None],
        *,
        beginning: Beginning = Beginning(),  # noqa: B008  it never changes
        definitions: Definitions | None = None,
        media: MediaStore | None = None,
        redactor: Redactor | None = None,
        clock: Callable[[], int] = boot_clock_nanos,
        opens_log: bool = True,
    ) -> None:
        """Open the log, or leave it to the first row.

        `open_writer` returns a log and its anchor on `clock`, in µs. It is called again in a
        forked child, at its first row. `probe` is called about once a second, in a thread that
        logs. Without `media` or `redactor`, media are left out and secrets stay. `clock` is in ns,
        never jumps and counts sleep.
        """
        self._open_writer = open_writer
        self._guard = guard
        self._probe = probe
        self._clock = clock
        self._plans: dict[tuple[type[Any], ...], Plan | None] = {}
        self._first_step = beginning.first_step
        # None if no step can exist already, or if a repeated one was reported.
        self._repeats = beginning if beginning.resumed_run is not None else None
        if definitions is None:
            definitions = Definitions(self.define, beginning.definitions)
        self._definitions = definitions
        self._tracking = Tracking(
            self._definitions, beginning.last_values, beginning.aggregates, self._read_log
        )
        self._media = media
        self._redactor = redactor if redactor is not None and redactor.is_on else None
        self._closed = False
        self.n_rows = 0
        self._begin(beginning.last_values)
        if opens_log:
            self._open_log()

    def _begin(self, last_values: Mapping[str, Any]) -> None:
        """Reset to the state of a writer that has written nothing, without a log."""
        self._writer: Writer | None = None
        self._path: Path | None = None
        self._lock = RLock()
        self._anchor = 0
        self._shapes = Shapes(last_values)
        self._shapes_by_keys = self._shapes.by_keys
        self._steps = Steps(self._first_step)
        self._probe_at = PROBE_MICROS

    def _open_log(self) -> Writer:
        if self._closed:
            raise UsageError("the run is finished; call weft.init() for a new one")
        writer, self._anchor = self._open_writer()
        writer.lock = self._lock  # numbering and writing share one lock
        self._write = writer.write_frame
        self._writer = writer
        self._path = writer.path
        return writer

    # -- rows ---

    def append(
        self, data: Mapping[str, Any], step: FloatOrInt | None, commit: bool | None
    ) -> None:
        """Write one row; see `Run.log`.

        After a UsageError nothing was written. KeyboardInterrupt if the run was stopped from the
        browser.
        """
        if data.__class__ is not dict:
            return self._append_checked(data, step, commit)
        keys: tuple[str, ...] = (*data,)
        values: list[Any] = [*data.values()]
        with self._lock:
            shape = self._shapes_by_keys.get(keys)
            if shape is None:
                return self._append_checked(data, step, commit)
            types = (*map(type, values),)
            if types != shape.types and not self._replan(shape, types):
                return self._append_checked(data, step, commit)
            for position, convert in shape.plan:
                values[position] = convert(values[position])
            # The step is taken before the write: a signal handler may log in between.
            steps = self._steps
            if step is None and commit is None and steps.open is None:
                row_step = steps.next
                steps.next = row_step + 1
                flags = 0
            else:
                row_step, flags = self._step_and_flags(step, commit, keys)
            if shape.rules is not None or (flags and self._tracking.active):
                shape, values = self._with_step_metrics(shape, values, flags, commit)
            micros = self._clock() // 1000 - self._anchor
            if micros < 0:  # the machine was restored from a checkpoint [RL22]
                micros = 0
            try:
                payload = encode_payload(
                    (ROW_TAG, shape.schema_id, micros, row_step, values, flags)
                    if flags
                    else (ROW_TAG, shape.schema_id, micros, row_step, values)
                )
            except UnicodeEncodeError:
                payload = b""
            if not 0 < len(payload) <= MAX_TEXT_BYTES:
                row = dict(zip(shape.keys, values, strict=True))
                self._append_flat(flatten_row(row, self._guard.warn_value), row_step, flags)
            else:
                shape.values = values
                shape.order = self.n_rows
                self.n_rows += 1
                if shape.rules is not None:
                    self._tracking.feed(shape.rules, values)
                self._write(payload, micros)
        if micros >= self._probe_at:
            self._probe_now(micros)
        return None

    def append_to_last(self, data: Mapping[str, Any]) -> None:
        """Add values to the last row of this process; without one they are a row of their own."""
        if self._steps.open is not None or not self.n_rows:
            self.append(data, None, None)  # continues the open row, or is the first
        else:
            self.append(data, self._steps.next - 1, None)

    def append_record(self, make: Callable[[int], Record]) -> None:
        """Write a record other than a row, which `make` makes from the time, in µs since the log's
        anchor.
        """
        with self._lock:
            writer = self._writer or self._open_log()
            writer.append(make(self.micros()))

    def append_line(self, stream: str, number: int, text: str) -> None:
        """Write a console line; the caller holds the lock."""
        if self._writer is None:
            self._open_log()
        micros = self._clock() // 1000 - self._anchor
        if micros < 0:  # as in `append`
            micros = 0
        self._write(encode_payload((CONSOLE_TAG, stream, number, micros, text)), None, micros)

    def begin_media(self) -> LazyBatch | None:
        """Begin media that belong to no row. None if media are left out."""
        return None if self._media is None else LazyBatch(self._media.open_batch)

    def store_media(self, media: LazyBatch) -> None:
        if self._media is None or media.batch is None:
            return
        with self._lock:
            writer = self._writer or self._open_log()
            self._media.store(media.batch, "summary", writer.path)

    def store_files(self, store: Callable[[Path | None], None]) -> None:
        """Store files that belong to no row.

        `store` is called with the path of the log, None in mode disabled, under its lock.
        """
        with self._lock:
            writer = self._writer or self._open_log()
            store(writer.path)

    def micros(self) -> int:
        """Return the time in µs since the log's anchor."""
        return max(0, self._clock() // 1000 - self._anchor)

    @property
    def lock(self) -> RLock:
        """Held around each row and record. The console shares it, so that neither waits for
        the other while it holds a lock of its own.
        """
        return self._lock

    @property
    def step(self) -> FloatOrInt:
        """The step that a row without `step` would get."""
        return self._steps.present

    @property
    def newest_step(self) -> FloatOrInt | None:
        """The step of the open row, else the largest one. None if this process has no row yet."""
        if not self.n_rows:
            return None
        return self._steps.next - 1 if self._steps.open is None else self._steps.open

    @property
    def writer(self) -> Writer | None:
        """The log. None in a forked child that has not logged yet."""
        return self._writer

    def _append_checked(self, data: object, step: FloatOrInt | None, commit: bool | None) -> None:
        """Append on the slow path: check the call, flatten, intern new keys."""
        if not isinstance(data, Mapping):
            raise WrongType(
                f"log() takes a mapping such as a dict, not {type(data).__name__}: "
                'write log({"name": value})'
            )
        row = cast("Mapping[Any, Any]", data)
        for key in row:
            if not isinstance(key, str):
                raise WrongType(
                    f"log() takes keys that are strings, not {type(key).__name__} {key!r}: "
                    f"write log({{{str(key)!r}: value}})"
                )
        if step is not None:
            step = checked_step(step)
        media = self.begin_media()
        values = flatten_row(row, self._guard.warn_value, None if media is None else media.attach)
        with self._lock:
            writer = self._writer or self._open_log()
            if self._shapes.n_keys + len(values) > MAX_KEYS:
                values = self._without_new_keys(values)
            keys = tuple(values)
            row_step, flags = self._step_and_flags(step, commit, keys)
            if self._media is not None and media is not None and media.batch is not None:
                # Before the row, which must never refer to files that a kill has prevented.
                self._media.store(media.batch, row_step, writer.path)
            shape = self._shapes_by_keys.get(keys)
            rules = self._tracking.rules_for(keys) if shape is None else shape.rules
            if rules is not None or flags:
                added = self._missing_step_metrics(rules, flags, commit)
                if added and len(keys) <= MAX_PLAN_VALUES:
                    self._shape_of(keys)  # lets the next row of these keys take the fast path
                values = {**values, **added}
            if self._redactor is not None:
                values = self._without_secrets(values, self._redactor)
            micros = self._append_flat(values, row_step, flags)
        if micros >= self._probe_at:
            self._probe_now(micros)

    def _without_new_keys(self, values: dict[str, Any]) -> dict[str, Any]:
        stored = {key: value for key, value in values.items() if self._shapes.has_key(key)}
        if len(stored) < len(values):
            self._guard.warn(
                "keys", f"a run may have {MAX_KEYS:,} metrics; further new ones are left out"
            )
        return stored

    def _without_secrets(self, values: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
        """Return the row with the secrets in its texts replaced; see `Redactor.logged`."""
        changed = {
            key: redacted
            for key, value in values.items()
            if value.__class__ in _TEXTUAL
            and (redacted := redactor.logged(key, value)) is not value
        }
        return {**values, **changed} if changed else values

    def _append_flat(self, flat: dict[str, Any], step: FloatOrInt, flags: int) -> int:
        """Write plain values, as several fragments if one frame would be too large."""
        micros = self.micros()
        for part in row_parts(flat, self._guard.warn_value):
            shape = self._shape_of(tuple(part))
            values = [*part.values()]
            payload = encode_payload((ROW_TAG, shape.schema_id, micros, step, values, flags))
            shape.values = values
            shape.order = self.n_rows
            self.n_rows += 1
            if shape.rules is not None:
                self._tracking.feed(shape.rules, values)
            self._write(payload, micros)
            flags = CONTINUES_ROW
        return micros

    def _step_and_flags(
        self, step: FloatOrInt | None, commit: bool | None, keys: tuple[str, ...]
    ) -> tuple[FloatOrInt, int]:
        """Return the row's step and flags."""
        if step is not None:
            if not (step.__class__ is int and abs(step) <= INT64_MAX):
                step = checked_step(step)
            if self._repeats is not None and step < self._first_step:
                self._warn_of_repeat(self._repeats, step, keys)
        steps, tracking = self._steps, self._tracking
        if not tracking.active:
            row_step, continues_row = steps.assign_step(step, commit)
            return row_step, CONTINUES_ROW if continues_row else 0
        if steps.open is not None and step is not None and step != steps.open:
            self._end_row(steps.open)
        row_step, continues_row = steps.assign_step(step, commit)
        if not continues_row:
            tracking.begin_row()
        return row_step, CONTINUES_ROW if continues_row else 0

    def _warn_of_repeat(self, before: Beginning, step: FloatOrInt, keys: tuple[str, ...]) -> None:
        """Warn if a metric from before the resume may get a second value at a step.

        Other metrics at earlier steps are no repetition: an evaluation may add them later.
        """
        repeated = next((key for key in keys if key in before.last_values), None)
        if repeated is None:
            return
        self._repeats = None
        run_id, last = before.resumed_run, before.first_step - 1
        if step > 0:
            moment = f"{run_id}?_step={math.ceil(step) - 1}"
            remedy = f"to go back to a checkpoint, use resume_from={moment!r} in place of resume="
        else:
            remedy = "to begin a new run, use another id"
        self._guard.warn(
            "repeated step",
            f"{repeated!r} is logged at step {step}, but run {run_id!r} was resumed and already "
            f"has steps up to {last}: both values are kept, and charts average them; {remedy}",
        )

    def _end_row(self, step: FloatOrInt) -> None:
        """End the open row, and write the step metrics that it still lacks."""
        owed = self._tracking.flush_owed()
        if owed:
            self._append_flat(owed, step, CONTINUES_ROW)

    def _missing_step_metrics(
        self, rules: KeyRules | None, flags: int, commit: bool | None
    ) -> dict[str, FloatOrInt]:
        surely_continues = commit is not None and not commit
        return self._tracking.fill(rules, continues_row=bool(flags), later=surely_continues)

    def _with_step_metrics(
        self, shape: Shape, values: list[Any], flags: int, commit: bool | None
    ) -> tuple[Shape, list[Any]]:
        """Return the row with the step metrics that it lacks added."""
        added = self._missing_step_metrics(shape.rules, flags, commit)
        if not added:
            return shape, values
        return self._shape_of((*shape.keys, *added)), [*values, *added.values()]

    def _replan(self, shape: Shape, types: tuple[type[Any], ...]) -> bool:
        """Set the shape's conversion plan for these types; False if they need the slow path."""
        if types in self._plans:
            plan = self._plans[types]
        else:
            plan = conversion_plan(types)
            if len(self._plans) >= MAX_PLANS:
                self._plans.clear()
            if len(types) <= MAX_PLAN_VALUES:
                self._plans[types] = plan
        if plan is None:
            return False
        if self._redactor is not None and str in types:
            redact = self._redactor.logged_text
            texts = [at for at, value_type in enumerate(types) if value_type is str]
            plan = (*plan, *((at, partial(redact, shape.keys[at])) for at in texts))
        shape.types, shape.plan = types, plan
        return True

    def _shape_of(self, keys: tuple[str, ...]) -> Shape:
        shape = self._shapes_by_keys.get(keys)
        if shape is None:
            writer = self._writer or self._open_log()
            shape = self._shapes.intern(keys, writer.append, self._tracking.rules_for(keys))
        return shape

    def _probe_now(self, micros: int) -> None:
        self._probe_at = micros + PROBE_MICROS
        self._probe()

    # -- definitions, and what the summary shows ---

    def define(self, definition: MetricDefinition) -> None:
        """Merge a definition into the run's, and write it to the log if anything changed.

        Step metrics are added to rows from now on; summaries cover all rows.
        """
        with self._lock:
            writer = self._writer or self._open_log()
            whole = self._definitions.add(definition)
            if whole is None:
                return
            writer.append(msgspec.structs.replace(whole, micros=self.micros()))
            logged = self._shapes.last_values()
            if whole.name.endswith("*"):
                self._tracking.apply_definition(logged)
                touched = [*self._shapes_by_keys.values()]
            else:
                names = {whole.name, whole.step_metric or whole.name}
                matched = {key: logged[key] for key in names & logged.keys()}
                self._tracking.apply_definition(matched)
                touched = self._shapes.holding(names)
            for shape in touched:
                shape.rules = self._tracking.rules_for(shape.keys)

    def _read_log(self, is_wanted: Callable[[str], bool]) -> Mapping[str, Folds]:
        """Fold the numbers of some keys from this process's log; empty if it can't be read.

        Cost: 5 µs per row of ten metrics, at most about 1.5 s.
        """
        if self._path is None:
            return {}
        from weft.sdk.rows.logged_folds import read_folds

        try:
            if self._path.stat().st_size > MAX_READ_BYTES:
                return {}
            return read_folds(self._path, None, is_wanted)
        except (WeftError, OSError):
            return {}

    def last_values(self) -> dict[str, Any]:
        """Return the summary's value of each key, in the order in which keys first appeared."""
        with self._lock:
            return with_ints(self._tracking.all_shown(self._shapes.last_values()))

    def last_value(self, key: str) -> Any:
        """Return the summary's value of one key: its last value, unless defined otherwise."""
        with self._lock:
            return with_ints(self._tracking.shown(key, self._shapes.last_value(key)))

    def forget(self, key: str) -> None:
        """Drop a key's earlier values from the summary."""
        with self._lock:
            self._shapes.forget(key)

    def schemas(self) -> dict[int, tuple[str, ...]]:
        """Return the keys of each schema that is still in memory."""
        with self._lock:
            return {shape.schema_id: shape.keys for shape in self._shapes_by_keys.values()}

    # -- life ---

    def forget_writer(self) -> None:
        """Let go of the parent's log, in a forked child. The next row opens the child's own."""
        writer = self._writer
        self._tracking.flush_owed()  # the parent's open row does not continue in the child
        self._begin(self._shapes.last_values())
        if writer is not None:
            writer.abandon()

    def close(self, make: Callable[[int], Record] | None) -> None:
        """Write a last record, made as by `append_record`, and close the log.

        A later row raises `UsageError`. A forked child that never logged writes none.
        """
        with self._lock:
            if self._writer is not None and self._steps.open is not None:
                self._end_row(self._steps.open)
            self._shapes.drop()  # later rows then take the slow path, which refuses them
            writer, self._writer = self._writer, None
            self._closed = True
            if writer is not None:
                if make is not None:
                    writer.append(make(self.micros()))
                writer.close()

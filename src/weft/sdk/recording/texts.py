"""What a run is called and sorted by: name, notes, tags, group, job type. No I/O of its own.

`weft.sdk.run` shows and sets them; a change goes to the run log by `weft.sdk.recording.recorder`.
A run that goes on with one that was there has what that had, until it is set anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from weft.records.names import name_from_id
from weft.sdk.setup.settings import checked_setting

if TYPE_CHECKING:
    from weft.sdk.recording.recorder import Recorder
    from weft.wire.continuation import Continuation


class Texts:
    """The texts of one run."""

    def __init__(self, recorder: Recorder, before: Continuation | None) -> None:
        """Begin with what the run's record says.

        Args:
            before: the run as it was, when this one goes on with it under its id.
        """
        self._recorder = recorder
        self._before = before

    @property
    def name(self) -> str:
        record = self._recorder.record
        return record.name or (self._before and self._before.name) or name_from_id(record.run_id)

    @property
    def notes(self) -> str | None:
        notes = self._recorder.record.notes
        return self._before.notes if notes is None and self._before is not None else notes

    @property
    def tags(self) -> tuple[str, ...]:
        tags = self._recorder.record.tags
        return tuple(tags if self._before is None or tags else self._before.tags)

    @property
    def group(self) -> str:
        return self._recorder.record.group or (self._before and self._before.group) or ""

    @property
    def job_type(self) -> str:
        return self._recorder.record.job_type or (self._before and self._before.job_type) or ""

    def set(self, name: str, value: Any) -> None:
        """Set one of them.

        Raises:
            ConfigError: it can't be that.
            UsageError: the run is finished.
        """
        checked = checked_setting(name, value)
        if name == "tags":
            checked = list(checked)
        record = self._recorder.record
        if self._before is not None:
            # What counts of a Run record is how it differs from the one before it: so what the run
            # had is said first, and taking it away is a difference, too.
            had = getattr(self._before, name)
            if had and not getattr(record, name):
                record = msgspec.structs.replace(record, **{name: had})
                self._recorder.amend(record)
            nothing: list[str] | None = [] if name == "tags" else None
            self._before = msgspec.structs.replace(self._before, **{name: nothing})
        self._recorder.amend(msgspec.structs.replace(record, **{name: checked}))

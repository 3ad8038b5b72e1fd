"""A run's labels: name, notes, tags, group, job type. No I/O of its own.

`weft.sdk.run` shows and sets them; `weft.sdk.recording.recorder` writes changes to the run log. A
run that continues an earlier one keeps its labels until they are set again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from weft.records.names import name_from_id
from weft.sdk.setup.settings import checked_setting

if TYPE_CHECKING:
    from weft.sdk.recording.recorder import Recorder
    from weft.wire.runs.continuation import Continuation


class RunLabels:
    """The labels of one run."""

    def __init__(self, recorder: Recorder, resumed: Continuation | None) -> None:
        """Start with the labels in the run's record.

        `resumed` is the run's earlier state, if this process resumes it under its id.
        """
        self._recorder = recorder
        self._resumed = resumed

    @property
    def name(self) -> str:
        record = self._recorder.record
        return record.name or (self._resumed and self._resumed.name) or name_from_id(record.run_id)

    @property
    def notes(self) -> str | None:
        notes = self._recorder.record.notes
        return self._resumed.notes if notes is None and self._resumed is not None else notes

    @property
    def tags(self) -> tuple[str, ...]:
        tags = self._recorder.record.tags
        return tuple(tags if self._resumed is None or tags else self._resumed.tags)

    @property
    def group(self) -> str:
        return self._recorder.record.group or (self._resumed and self._resumed.group) or ""

    @property
    def job_type(self) -> str:
        return self._recorder.record.job_type or (self._resumed and self._resumed.job_type) or ""

    def set(self, name: str, value: Any) -> None:
        checked = checked_setting(name, value)
        if name == "tags":
            checked = list(checked)
        record = self._recorder.record
        if self._resumed is not None:
            # A Run record only counts where it differs from the previous one. So the earlier value
            # is written first, which makes removing it a difference, too.
            earlier = getattr(self._resumed, name)
            if earlier and not getattr(record, name):
                record = msgspec.structs.replace(record, **{name: earlier})
                self._recorder.amend(record)
            nothing: list[str] | None = [] if name == "tags" else None
            self._resumed = msgspec.structs.replace(self._resumed, **{name: nothing})
        self._recorder.amend(msgspec.structs.replace(record, **{name: checked}))

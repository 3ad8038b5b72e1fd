"""The media of one `log()` call: their slots in the row, then their files. No I/O.

`weft.sdk.values` calls `attach` where it finds a media value, and puts what it returns into the
row. Once the row has its step, `complete` names all files and puts their paths into the row.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weft.errors import UsageError
from weft.sdk.media.media import Media, Payload, fault_of
from weft.sdk.media.names import media_path
from weft.sdk.values.media_values import media_type_of
from weft.sdk.values.scalars import LEFT_OUT

_TOKEN_BYTES = 10
"""20 characters, as the hashes in W&B's names: scripts match names by that."""


@dataclass(slots=True, frozen=True)
class MediaFile:
    """A file to be made: its path among the run's files, and its content."""

    path: str
    payload: Payload


@dataclass(slots=True, frozen=True)
class _Slot:
    """One slot in the row: a value, or a list of values of one class."""

    key: str
    items: Sequence[Media]
    is_list: bool
    reference: dict[str, Any]


@dataclass(slots=True)
class SlotFiles:
    """`Filing` of one slot in a row: names the files, and collects them and their values."""

    owner: str
    key: str
    step: float | str
    files: list[MediaFile] = field(default_factory=list[MediaFile])
    items: list[Media] = field(default_factory=list[Media])

    def add(self, payloads: Mapping[str, Payload]) -> dict[str, str]:
        # A token for each: the layers of an image differ in nothing else.
        paths = {
            name: media_path(
                payload.folder,
                self.key,
                self.step,
                secrets.token_hex(_TOKEN_BYTES),
                payload.extension,
            )
            for name, payload in payloads.items()
        }
        self.files += [MediaFile(paths[name], payload) for name, payload in payloads.items()]
        return paths

    def add_at(self, path: str, payload: Payload) -> None:
        self.files.append(MediaFile(path, payload))

    def note(self, item: Media) -> None:
        self.items.append(item)


class MediaBatch:
    """The media of one row: their references, and the files that they need.

    A value that was stored in the run's directory `owner` before is not stored again. `warn_value`
    is called for each change that a value made to its data.

    >>> import numpy as np
    >>> from weft.sdk.media.image import Image
    >>> batch = MediaBatch("run-1", print)
    >>> reference = batch.attach("sample", [Image(np.zeros((4, 5)))], is_list=False)
    >>> [file] = batch.complete(7)
    >>> reference["path"] == file.path, file.path[:22]
    (True, 'media/images/sample_7_')
    """

    def __init__(self, owner: str, warn_value: Callable[[str, str], None]) -> None:
        self._owner = owner
        self._warn_value = warn_value
        self._slots: list[_Slot] = []
        self._filed: list[Media] = []

    def __len__(self) -> int:
        return len(self._slots)

    def attach(self, key: str, items: Sequence[Any], *, is_list: bool) -> Any:
        """Return the reference of a value, or of a list of values, that `complete` completes.

        It is `LEFT_OUT` if none of them has content. Parts of a nested key are joined with dots.
        Objects that `media_type_of` knows become media; UsageError if a value is known by its
        address only. Libraries may raise their own errors.
        """
        media = [_media_of(item) for item in items]
        for item in media:
            if item.fault:
                kind = type(item).__name__
                warning = (
                    f"holds a weft.{kind} that can't be stored: {item.fault}; it was left out"
                )
                self._warn_value(key, warning)
        media = [item for item in media if not item.fault]
        if not media:
            return LEFT_OUT
        for item in media:
            if item.elsewhere:
                raise UsageError(
                    f"{item.type_name()} {item.elsewhere} has no content here, only an address: "
                    "add it to an artifact, or log the file"
                )
        reference: dict[str, Any] = {}
        self._slots.append(_Slot(key, media, is_list, reference))
        notes = dict.fromkeys(note for item in media for note in item.notes)
        if notes:  # one warning, since there is only one for each key
            self._warn_value(key, "; ".join(notes))
        return reference

    def complete(self, step: float | str) -> list[MediaFile]:
        """Complete the references, and return the files that are not stored yet.

        The step may be "summary".
        """
        files: list[MediaFile] = []
        for slot in self._slots:
            filing = SlotFiles(self._owner, slot.key, step)
            try:
                references = [item.file(filing) for item in slot.items]
            except Exception as error:  # noqa: BLE001  the row's other values are stored
                kind = type(slot.items[0]).type_name()
                slot.reference.update({"_type": kind, "error": fault_of(error)})
                self._warn_value(slot.key, f"can't be stored: {fault_of(error)}")
                continue
            files += filing.files
            self._filed += filing.items
            slot.reference.update(
                type(slot.items[0]).list_reference(references) if slot.is_list else references[0]
            )
        return files

    def fail(self, reason: str) -> None:
        """State in each reference why its files could not be stored."""
        for slot in self._slots:
            slot.reference["error"] = reason
        for item in self._filed:
            item.note_stored(self._owner, None)


def _media_of(value: Any) -> Media:
    """Make media of an object of another library."""
    if isinstance(value, Media):
        return value
    kind = media_type_of(value)
    if kind == "Image":
        from weft.sdk.media.image import Image

        return Image(value)
    if kind == "Table":
        from weft.sdk.media.tables.table import Table

        return Table.of_frame(value)
    from weft.sdk.media.figures import Bokeh, Plotly

    return Plotly(value) if kind == "Plotly" else Bokeh(value)

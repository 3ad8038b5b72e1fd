"""Recognizes media among logged values, without importing their types. No I/O."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

_HOME: Final = "weft.sdk.media.media"
_FRAME_LIBRARIES: Final = frozenset({"pandas", "polars"})

_DRAWN: Final = {
    "PIL.Image.Image": "Image",
    "matplotlib.artist.Artist": "Image",
    "plotly.basedatatypes.BaseFigure": "Plotly",
    "plotly.basedatatypes.BasePlotlyType": "Plotly",
    "bokeh.model.model.Model": "Bokeh",
    "bokeh.document.document.Document": "Bokeh",
}
"""Base classes of other libraries, and the media types that their objects are logged as."""


if TYPE_CHECKING:

    class AttachMedia(Protocol):
        """Takes media of a row, and returns what stands in the row for them."""

        def __call__(self, key: str, items: Sequence[Any], *, is_list: bool) -> dict[str, Any]:
            """See `weft.sdk.media.batch.MediaBatch.attach`."""
            ...

    class Batch(Protocol):
        """The media of one row: `weft.sdk.media.batch.MediaBatch`."""

        def attach(self, key: str, items: Sequence[Any], *, is_list: bool) -> dict[str, Any]:
            """Take a value, or the values of a list, and return what stands in the row for it.

            Objects that `media_type_of` knows become media. Their libraries may raise any error.
            """
            ...

    class MediaStore(Protocol):
        """Stores media in the run's directory: `weft.sdk.recording.media_spool.MediaSpool`."""

        def open_batch(self) -> Batch:
            """Begin the media of one row."""
            ...

        def store(self, batch: Any, step: float | str, path: Path | None) -> None:
            """Store the media of a row, so that they survive a kill, and complete the references
            of a batch of `open_batch`.

            A fault of the disk is stated in the references. The step may be "summary"; the path
            of the log is None in mode disabled.
            """
            ...

    class KeepsMedia(Protocol):
        """Keeps media that belong to no row: `weft.sdk.rows.history.History`."""

        def begin_media(self) -> LazyBatch | None:
            """Begin the media of one change. None if they are left out."""
            ...

        def store_media(self, media: LazyBatch) -> None:
            """Store them, and complete their references."""
            ...


def is_media(value: object) -> bool:
    """Whether a value is one of the media types, such as an `Image`.

    >>> is_media(3)
    False
    """
    home: Any = sys.modules.get(_HOME)  # a script that has no media has not imported it
    return home is not None and isinstance(value, home.Media)


def media_type_of(value: object) -> str | None:
    """Return the media type that an object of another library is logged as, or None.

    Images of Pillow, figures of matplotlib, Plotly and Bokeh, and dataframes have one.

    >>> media_type_of(3) is None
    True
    """
    if isinstance(value, ModuleType):
        return "Image" if value.__name__ == "matplotlib.pyplot" else None
    return _drawn_kind(type(value))


@lru_cache(maxsize=1024)
def _drawn_kind(kind: type[Any]) -> str | None:
    for base in kind.__mro__:
        if base.__name__ == "DataFrame" and base.__module__.partition(".")[0] in _FRAME_LIBRARIES:
            return "Table"
    names = (f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__)
    return next((_DRAWN[name] for name in names if name in _DRAWN), None)


def is_media_list(values: Sequence[Any]) -> bool:
    """Whether a list holds media of one class that has a form for lists; it must not be empty.

    Objects of other libraries count as the media types that they are logged as.

    >>> is_media_list([1, 2]), is_media_list([])
    (False, False)
    """
    if not values:
        return False
    first: Any = values[0]
    if is_media(first) and first.has_list_form:
        kind = cast("type[Any]", type(first))
        if all(isinstance(value, kind) for value in values):
            return True
    return all(_is_image(value) for value in values)


def _is_image(value: object) -> bool:
    if media_type_of(value) == "Image":
        return True
    home: Any = sys.modules.get("weft.sdk.media.image")
    return home is not None and isinstance(value, home.Image)


class LazyBatch:
    """A batch for the media of one row, opened with the first of them.

    Most rows have none, and then the types of media are not imported.
    """

    __slots__ = ("_open_batch", "batch")

    def __init__(self, open_batch: Callable[[], Batch]) -> None:
        self._open_batch = open_batch
        self.batch: Batch | None = None

    def attach(self, key: str, items: Sequence[Any], *, is_list: bool) -> dict[str, Any]:
        """See `AttachMedia`."""
        if self.batch is None:
            self.batch = self._open_batch()
        return self.batch.attach(key, items, is_list=is_list)

"""Describes the files of media: where each is and in which state. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from weft.server.services.media.values import Item
from weft.wire.files import File
from weft.wire.media import MediaFile, MediaItem, MediaLayer

Files = Mapping[tuple[str, str], File]
"""By run and path."""


def paths_of(items: Iterable[Item]) -> Iterable[str]:
    """Paths of items and of their layers."""
    for item in items:
        yield item.path
        for layer in item.layers:
            yield layer.path


def media_item(item: Item, files: Files, run: str) -> MediaItem:
    """An item of a run with the states of its files."""
    return MediaItem(
        kind=item.kind,
        file=_file(item.path, files, run, item.error),
        caption=item.caption,
        width=item.width,
        height=item.height,
        layers=[
            MediaLayer(
                kind=layer.kind,
                name=layer.name,
                file=_file(layer.path, files, run),
                class_labels=dict(layer.labels),
            )
            for layer in item.layers
        ],
        chart=item.chart,
        join=item.join,
    )


def _file(path: str, files: Files, run: str, error: str | None = None) -> MediaFile:
    found = files.get((run, path))
    if found is None and error is not None:
        return MediaFile(path=path, state="failed", error=error)
    if found is None:  # its announcement comes after the row
        return MediaFile(path=path, state="awaited")
    is_stored = found.state == "stored"
    return MediaFile(
        path=path,
        state=found.state,
        url=f"{found.url}?{urlencode({'sha256': found.sha256})}" if is_stored else "",
        n_bytes=found.n_bytes,
        media_type=found.media_type,
        error=found.error,
    )

"""Describes the files of media: address and state. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from weft.server.services.media.values import Item
from weft.wire.files.files import File
from weft.wire.metrics.media import MediaFile, MediaItem, MediaLayer

Files = Mapping[tuple[str, str], File]
"""Files by run and path."""


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
    file = files.get((run, path))
    if file is None and error is not None:
        return MediaFile(path=path, state="failed", error=error)
    if file is None:  # its announcement comes after the row
        return MediaFile(path=path, state="awaited")
    is_stored = file.state == "stored"
    return MediaFile(
        path=path,
        state=file.state,
        url=f"{file.url}?{urlencode({'sha256': file.sha256})}" if is_stored else "",
        n_bytes=file.n_bytes,
        media_type=file.media_type,
        error=file.error,
    )

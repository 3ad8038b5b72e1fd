"""Describes the files of media: where each is and in which state. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from weft.server.services.media.values import Item
from weft.server.storage.contract import Lineage
from weft.wire.files import File
from weft.wire.media import MediaFile, MediaItem, MediaLayer

Files = Mapping[tuple[str, str], File]
"""By run and path."""


def owners_of(run: str, lineage: Lineage) -> list[str]:
    """The runs that may have logged what a run shows, itself first."""
    return list(dict.fromkeys([run, *(source.run for source in lineage.get(run, ()))]))


def paths_of(items: Iterable[Item]) -> Iterable[str]:
    """Paths of items and of their layers."""
    for item in items:
        yield item.path
        for layer in item.layers:
            yield layer.path


def file_of(path: str, files: Files, owners: Sequence[str]) -> File | None:
    """The file of the first owner that has one at the path."""
    return next((file for run in owners if (file := files.get((run, path))) is not None), None)


def media_item(item: Item, files: Files, owners: Sequence[str]) -> MediaItem:
    """An item with the states of its files."""
    return MediaItem(
        kind=item.kind,
        file=_file(item.path, files, owners, item.error),
        caption=item.caption,
        width=item.width,
        height=item.height,
        layers=[
            MediaLayer(
                kind=layer.kind,
                name=layer.name,
                file=_file(layer.path, files, owners),
                class_labels=dict(layer.labels),
            )
            for layer in item.layers
        ],
        chart=item.chart,
        join=item.join,
    )


def _file(path: str, files: Files, owners: Sequence[str], error: str | None = None) -> MediaFile:
    found = file_of(path, files, owners)
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

"""Adds images to reports, and reads them.

An image belongs to its report from the moment it is added, as a page adds it before its draft
names it. It lives as long as the report: a former version, an undo or a page without a network may
name it later.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple, Protocol

from weft.errors import LimitExceeded, NotFound
from weft.records.sizes import shown_size
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.reports.drafts import present
from weft.server.services.reports.finding import find_report
from weft.server.services.reports.images.headers import read_header
from weft.server.services.stores.referenced_blobs import NewContents
from weft.server.services.stores.stores import Service, Stores
from weft.server.storage.metadata import ReportImageRow, ReportRow, Transaction
from weft.wire.reports.images import (
    MAX_IMAGE_BYTES,
    MAX_IMAGES,
    MAX_IMAGES_BYTES,
    ReportImage,
)


class ImageReader(Protocol):
    """Reads the bytes `[start, stop)` of a content."""

    def __call__(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]: ...


class OpenImage(NamedTuple):
    """An image that someone may read."""

    info: ReportImage
    read: ImageReader


class ReportImageService(Service):
    """Operations on images of reports."""

    def add(self, actor: Actor, path: ProjectPath, report: str, content: bytes) -> ReportImage:
        """Add an image to a report, which stores a content once.

        ConfigError if it is no image, LimitExceeded if the report has no room for it.
        """
        require(actor, Action.WRITE, path)
        stores = self._stores
        row = find_report(stores, path, report)
        if len(content) > MAX_IMAGE_BYTES:
            raise LimitExceeded(
                f"the image has {shown_size(len(content))}, and an image of a report at most "
                f"{shown_size(MAX_IMAGE_BYTES)}"
            )
        header = read_header(content)
        image = ReportImageRow(
            hashlib.sha256(content).hexdigest(),
            header.media_type,
            len(content),
            header.width_px,
            header.height_px,
            stores.now(),
            actor.user or "",
        )
        with stores.metadata.read() as tx:
            earlier = stores.metadata.report_images.find_image(tx, row.row_id, image.sha256)
        if earlier is not None:
            return image_info(earlier)
        with stores.room.arrival(path) as arrival:
            arrival.check(len(content))
            draft = stores.blobs.store.write(len(content))
            try:
                draft.write(content)

                def refer(new: NewContents) -> None:
                    with stores.metadata.write() as tx:
                        new.share(tx)
                        self._add_row(tx, row, image)

                try:
                    stores.blobs.keep(draft, refer)
                except BaseException:
                    stores.blobs.drop([image.sha256])
                    raise
            finally:
                draft.discard()
            arrival.release(len(content))
        return image_info(image)

    def get(self, actor: Actor, path: ProjectPath, report: str, sha256: str) -> OpenImage:
        """Open an image of a report. Who may not write gets those of the published version."""
        require(actor, Action.READ, path)
        is_writer = may(actor, Action.WRITE, path)
        row = find_report(self._stores, path, report, is_writer=is_writer)
        if is_writer:
            with self._stores.metadata.read() as tx:
                image = self._stores.metadata.report_images.find_image(tx, row.row_id, sha256)
        else:
            image = find_published_image(self._stores, row, sha256)
        if image is None:
            raise NotFound(f"report {report} has no image {sha256}")
        return OpenImage(image_info(image), partial(self._stores.blobs.store.read, sha256))

    def _add_row(self, tx: Transaction, row: ReportRow, image: ReportImageRow) -> None:
        metadata = self._stores.metadata
        present(metadata.reports.by_row_id(tx, row.row_id, for_update=True))
        n_images, n_bytes = metadata.report_images.measure(tx, row.row_id)
        is_new = metadata.report_images.find_image(tx, row.row_id, image.sha256) is None
        if is_new and (n_images >= MAX_IMAGES or n_bytes + image.n_bytes > MAX_IMAGES_BYTES):
            raise LimitExceeded(
                f"the report has {n_images} images of {shown_size(n_bytes)} together, with those "
                f"of former versions, and a report has at most {MAX_IMAGES} of "
                f"{shown_size(MAX_IMAGES_BYTES)}: continue in another report"
            )
        metadata.report_images.add_image(tx, row.row_id, image)


def find_published_image(stores: Stores, row: ReportRow, sha256: str) -> ReportImageRow | None:
    """An image of a report that its published version names; None if there is no such image."""
    if row.published_version is None:
        return None
    with stores.metadata.read() as tx:
        image = stores.metadata.report_images.find_image(tx, row.row_id, sha256)
        packed = stores.metadata.reports.document(tx, row.row_id, row.published_version)
    # Looked for in the bytes, as reading a long document takes many times longer. Quotes in a text
    # are escaped, so only a member can match.
    name = f'"sha256":"{sha256}"'.encode()
    is_named = packed is not None and name in zlib.decompress(packed)
    return image if is_named else None


def image_info(row: ReportImageRow) -> ReportImage:
    return ReportImage(
        sha256=row.sha256,
        media_type=row.media_type,
        n_bytes=row.n_bytes,
        width_px=row.width_px,
        height_px=row.height_px,
        added_micros=row.added_micros,
        added_by=row.added_by or None,
    )

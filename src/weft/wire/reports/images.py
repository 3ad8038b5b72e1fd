"""Images of a report, which its blocks name by hash. See docs/report-format.md#images."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints

MAX_IMAGE_BYTES: Final = 10 << 20
"""Most bytes of an image."""

MAX_IMAGES: Final = 200
"""Most images of a report."""

MAX_IMAGES_BYTES: Final = 256 << 20
"""Most bytes of the images of a report."""

IMAGE_TYPES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""Media types of images. SVG is left out: it is a document that can run scripts."""


class ReportImage(Struct, frozen=True, kw_only=True):
    """An image of a report."""

    sha256: Annotated[str, Meta(description="of its content; a block names it")]
    media_type: str
    n_bytes: int
    width_px: int
    height_px: int
    added_micros: int
    added_by: Annotated[str | None, Meta(description="null if the server has no accounts")]


_images = Endpoints("/api/v1/projects/{entity}/{project}/reports/{report}/images", tag="reports")


@_images.post()
def add_report_image(entity: str, project: str, report: str) -> ReportImage:
    """Add an image to a report. The body is its content; its type is read from its first bytes.

    An image that the report has is not stored again.
    """


@_images.get("/{sha256}")
def get_report_image(entity: str, project: str, report: str, sha256: str) -> bytes:
    """Return an image of a report. Who may not edit gets those that the published version
    names.
    """

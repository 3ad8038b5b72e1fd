"""Images on this server, as a static file has them: inside."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import parse_qs, unquote

from weft.errors import WeftError
from weft.records.sizes import shown_size
from weft.server.services.access import Actor, ProjectPath, RunPath
from weft.server.services.opening import Services
from weft.server.services.reports import image_address
from weft.wire.reports.reports import Report

_FILE_OF_RUN: Final = re.compile(
    r"/api/v1/projects/(?P<entity>[^/]+)/(?P<project>[^/]+)/runs/(?P<run>[^/]+)"
    r"/files/(?P<path>[^?#]+)"
)
_IMAGE_OF_REPORT: Final = re.compile(
    r"/api/v1/projects/(?P<entity>[^/]+)/(?P<project>[^/]+)/reports/(?P<report>[^/]+)"
    r"/images/(?P<sha256>[0-9a-f]{64})"
)
_TYPES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
MAX_IMAGE_BYTES: Final = 2 << 20
MAX_IMAGES_BYTES: Final = 10 << 20
MAX_IMAGES: Final = 300
"""Larger images, and those behind the first so many and so many bytes, are named only."""

MAX_REPORT_IMAGES_BYTES: Final = 32 << 20
"""Most bytes of the images that people added to reports. Each may be as large as a report takes
it, as people chose them one by one."""


class ImageOmitted(Exception):
    """An image is not in the file, for this reason."""


@dataclass(eq=False)
class FileImages:
    """The images of one file: what a person may see, up to the bounds. Each counts once."""

    _services: Services
    _actor: Actor
    _max_bytes: int = MAX_IMAGES_BYTES
    _addresses: dict[str, str] = field(default_factory=dict[str, str])
    _n_bytes: int = 0
    _n_report_bytes: int = 0

    def without_room(self) -> FileImages:
        """Those of the same file without room for any."""
        return FileImages(self._services, self._actor, 0)

    def address(self, url: str) -> str:
        """The address that holds the image of a run or of a report at an address of this server;
        ImageOmitted if the file does not have it.
        """
        if url not in self._addresses:
            self._addresses[url] = self._read(url)
        return self._addresses[url]

    def _read(self, url: str) -> str:
        of_report = _IMAGE_OF_REPORT.fullmatch(url)
        if of_report is not None:
            return self._read_image(*map(unquote, of_report.groups()))
        address, _, query = url.partition("?")
        match = _FILE_OF_RUN.fullmatch(address)
        if match is None:
            raise ImageOmitted("not a file of a run")
        entity, project, run, path = map(unquote, match.groups())
        target = RunPath(entity, project, run)
        try:
            info = self._services.files.get(self._actor, target, path)
            self._check(info.media_type, info.n_bytes)
            if parse_qs(query).get("sha256", [info.sha256]) != [info.sha256]:
                raise ImageOmitted("it was logged again since")
            content = b"".join(self._services.files.read(self._actor, target, path, info.sha256))
        except WeftError:
            # it is gone, or not theirs
            raise ImageOmitted("the run has no such file") from None
        self._n_bytes += info.n_bytes
        return _data_address(info.media_type, content)

    def _read_image(self, entity: str, project: str, report: str, sha256: str) -> str:
        path = ProjectPath(entity, project)
        try:
            image = self._services.report_images.get(self._actor, path, report, sha256)
            content = b"".join(image.read())
        except WeftError:
            raise ImageOmitted("the report has no such image") from None
        if self._n_report_bytes + len(content) > MAX_REPORT_IMAGES_BYTES:
            raise ImageOmitted(f"it has {shown_size(self._n_report_bytes)} of other images")
        self._n_report_bytes += len(content)
        return _data_address(image.info.media_type, content)

    def _check(self, media_type: str, n_bytes: int) -> None:
        if media_type not in _TYPES:
            raise ImageOmitted("only images are")
        if n_bytes > MAX_IMAGE_BYTES:
            raise ImageOmitted(f"it has more than {shown_size(MAX_IMAGE_BYTES)}")
        if len(self._addresses) >= MAX_IMAGES:
            raise ImageOmitted(f"it has {MAX_IMAGES} other images")
        if self._max_bytes == 0:
            raise ImageOmitted("its charts take all of its room")
        if self._n_bytes + n_bytes > self._max_bytes:
            raise ImageOmitted(f"it has {shown_size(self._n_bytes)} of other images")


def images_of_blocks(images: FileImages, path: ProjectPath, report: Report) -> dict[str, str]:
    """By the hashes and addresses in a report's text: its images, as addresses that hold them."""
    addresses: dict[str, str] = {}
    for name in dict.fromkeys(_names(report.document.blocks)):
        url = name if "/" in name else image_address(path, report.id, name)
        try:
            addresses[name] = images.address(url)
        except ImageOmitted:
            # the page says that it is not in the file
            continue
    return addresses


def _names(value: Any) -> Iterator[str]:
    """The hashes and addresses of the images of a document, also of those inside of other
    blocks.
    """
    if isinstance(value, list):
        for part in cast("list[Any]", value):
            yield from _names(part)
    elif isinstance(value, dict):
        block = cast("dict[str, Any]", value)
        if block.get("kind") == "image":
            name = block.get("sha256") or block.get("url")
            if isinstance(name, str):
                yield name
        for part in block.values():
            yield from _names(part)


def _data_address(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"

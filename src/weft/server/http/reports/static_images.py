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
from weft.server.services.access import Actor, RunPath
from weft.server.services.opening import Services

_FILE_OF_RUN: Final = re.compile(
    r"/api/v1/projects/(?P<entity>[^/]+)/(?P<project>[^/]+)/runs/(?P<run>[^/]+)"
    r"/files/(?P<path>[^?#]+)"
)
_TYPES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
MAX_IMAGE_BYTES: Final = 2 << 20
MAX_IMAGES_BYTES: Final = 10 << 20
MAX_IMAGES: Final = 300
"""Larger images, and those behind the first so many and so many bytes, are named only."""


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

    def without_room(self) -> FileImages:
        """Those of the same file without room for any."""
        return FileImages(self._services, self._actor, 0)

    def address(self, url: str) -> str:
        """The address that holds the image of a run at an address of this server; ImageOmitted if
        the file does not have it.
        """
        if url not in self._addresses:
            self._addresses[url] = self._read(url)
        return self._addresses[url]

    def _read(self, url: str) -> str:
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
        return f"data:{info.media_type};base64,{base64.b64encode(content).decode()}"

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


def images_of_blocks(images: FileImages, blocks: Any) -> dict[str, str]:
    """By their addresses in a document: its images, as addresses that hold them."""
    addresses: dict[str, str] = {}
    for url in dict.fromkeys(_addresses(blocks)):
        try:
            addresses[url] = images.address(url)
        except ImageOmitted:
            # the page says that it is not in the file
            continue
    return addresses


def _addresses(value: Any) -> Iterator[str]:
    """The addresses of the images of a document, also of those inside of other blocks."""
    if isinstance(value, list):
        for part in cast("list[Any]", value):
            yield from _addresses(part)
    elif isinstance(value, dict):
        block = cast("dict[str, Any]", value)
        if block.get("kind") == "image" and isinstance(block.get("url"), str):
            yield block["url"]
        for part in block.values():
            yield from _addresses(part)

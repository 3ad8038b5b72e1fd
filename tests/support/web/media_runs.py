"""Runs with images and other media on a server, made without a client: a log, and files by PUT.

run = MediaRun("run1", "p")
run.log("sample", step, run.image(pixels, caption="first"))
run.send(client)
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from run_log_bytes import HandMadeLog
from weft.records.record import Key, Schema

Json = dict[str, Any]
Pixels = NDArray[np.uint8]


def png(pixels: Pixels) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "png")
    return content.getvalue()


def gif(frames: Sequence[Pixels]) -> bytes:
    content = io.BytesIO()
    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(content, "gif", save_all=True, append_images=others, duration=100, loop=0)
    return content.getvalue()


def wav(samples: NDArray[np.int16], rate: int = 8000) -> bytes:
    data = samples.astype("<i2").tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1,
                       rate, 2 * rate, 2, 16, b"data", len(data))  # fmt: skip
    return head + data


class MediaRun:
    """A run that logs media. Files are named by the order in which they were made."""

    def __init__(self, name: str, project: str, *, label: str | None = None) -> None:
        more = {} if label is None else {"name": label}
        self.log_bytes = HandMadeLog(name, f"w-{name}", project, goes_on=more)
        self.files: dict[str, bytes] = {}
        self._keys: dict[str, int] = {}

    def file(self, folder: str, extension: str, content: bytes | None) -> str:
        """The path of a new file; without a content it is never sent."""
        path = f"media/{folder}/{len(self.files)}-{self.log_bytes.n_rows}.{extension}"
        self.files[path] = content if content is not None else b""
        if content is None:
            del self.files[path]
        return path

    def image(
        self,
        pixels: Pixels,
        *,
        boxes: Mapping[str, Json] | None = None,
        masks: Mapping[str, tuple[Pixels, Mapping[int, str]]] | None = None,
        **more: Any,
    ) -> Json:
        height, width = pixels.shape[:2]
        image: Json = {
            "_type": "image-file",
            "path": self.file("images", "png", png(pixels)),
            "width": width,
            "height": height,
            **more,
        }
        if boxes:
            image["boxes"] = {
                name: {"_type": "boxes2D", "path": self.json("boxes", "boxes2D.json", layer)}
                for name, layer in boxes.items()
            }
        if masks:
            image["masks"] = {
                name: {
                    "_type": "mask",
                    "path": self.file("masks", "png", png(ids)),
                    "class_labels": {str(number): label for number, label in labels.items()},
                }
                for name, (ids, labels) in masks.items()
            }
        return image

    def images(self, *pixels: Pixels) -> Json:
        images = [self.image(array) for array in pixels]
        return {
            "_type": "images/separated",
            "filenames": [image["path"] for image in images],
            "captions": [f"image {n}" for n in range(len(images))],
            "sizes": [[image["width"], image["height"]] for image in images],
        }

    def json(self, folder: str, extension: str, content: Any) -> str:
        return self.file(folder, extension, json.dumps(content).encode())

    def log(self, key: str, step: float, value: Any) -> None:
        log = self.log_bytes
        if key not in self._keys:
            number = self._keys[key] = len(self._keys)
            log.add(Key(number, key))
            log.add(Schema(number, [number]))
        log.add([3, self._keys[key], log.n_rows * 1000, step, [value]])
        log.n_rows += 1

    def send(self, client: httpx.Client, *, ends: bool = True, **headers: str) -> None:
        if ends:
            self.log_bytes.finish()
        self.log_bytes.upload(client, **headers).raise_for_status()
        for path, content in self.files.items():
            address = f"{self.log_bytes.path}/files/{path}"
            client.put(address, content=content).raise_for_status()

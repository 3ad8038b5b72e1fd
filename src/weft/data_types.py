"""All media types in one place, by W&B's names. Imports a class at its first use; no other I/O.

    from weft.data_types import Image, Table

Scripts for W&B annotate with these, and test values with `isinstance`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weft.libraries.optional import public_name
from weft.records.files.media_kinds import CLASS_HOMES
from weft.sdk.media.boxes import BoundingBoxes2D
from weft.sdk.media.class_labels import Classes
from weft.sdk.media.graph import Edge, Node
from weft.sdk.media.masks import ImageMask
from weft.sdk.media.media import Media
from weft.sdk.media.object3d import box3d

if TYPE_CHECKING:
    from weft.sdk.media.classes import *  # noqa: F403

WBValue = BatchableMedia = Media
"""W&B's names of base classes."""

__all__ = [
    "BatchableMedia",
    "BoundingBoxes2D",
    "Classes",
    "Edge",
    "ImageMask",
    "Media",
    "Node",
    "WBValue",
    "box3d",
]
__all__ += [*CLASS_HOMES]  # pyrefly: ignore[unresolvable-dunder-all]


def __getattr__(name: str) -> Any:
    if name not in CLASS_HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return public_name(CLASS_HOMES[name], name)

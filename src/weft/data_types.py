"""All media types in one place, by W&B's names. No I/O.

    from weft.data_types import Image, Table

Scripts for W&B annotate with these, and test values with `isinstance`.
"""

from __future__ import annotations

from weft.sdk.media import classes
from weft.sdk.media.boxes import BoundingBoxes2D
from weft.sdk.media.class_labels import Classes
from weft.sdk.media.classes import *  # noqa: F403
from weft.sdk.media.graph import Edge, Node
from weft.sdk.media.masks import ImageMask
from weft.sdk.media.media import Media
from weft.sdk.media.object3d import box3d

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
__all__ += classes.__all__

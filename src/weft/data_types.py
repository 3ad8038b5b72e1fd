"""All media types in one place, by W&B's names. No I/O.

    from weft.data_types import Image, Table

Scripts for W&B annotate with these, and test values with `isinstance`.
"""

from __future__ import annotations

from weft.sdk.media.audio import Audio
from weft.sdk.media.boxes import BoundingBoxes2D
from weft.sdk.media.class_labels import Classes
from weft.sdk.media.figures import Bokeh, Plotly
from weft.sdk.media.graph import Edge, Graph, Node
from weft.sdk.media.histogram import Histogram
from weft.sdk.media.html import Html
from weft.sdk.media.image import Image
from weft.sdk.media.masks import ImageMask
from weft.sdk.media.media import Media
from weft.sdk.media.molecule import Molecule
from weft.sdk.media.object3d import Object3D, box3d
from weft.sdk.media.tables.joined import JoinedTable, PartitionedTable
from weft.sdk.media.tables.table import Table
from weft.sdk.media.video import Video

WBValue = BatchableMedia = Media
"""W&B's names of base classes."""

__all__ = [
    "Audio",
    "BatchableMedia",
    "Bokeh",
    "BoundingBoxes2D",
    "Classes",
    "Edge",
    "Graph",
    "Histogram",
    "Html",
    "Image",
    "ImageMask",
    "JoinedTable",
    "Media",
    "Molecule",
    "Node",
    "Object3D",
    "PartitionedTable",
    "Plotly",
    "Table",
    "Video",
    "WBValue",
    "box3d",
]

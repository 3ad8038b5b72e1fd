"""Classes of logged objects. Made by `make api-types` from `weft.records.files.media_kinds`."""

from weft.sdk.media.audio import Audio
from weft.sdk.media.figures import Bokeh, Plotly
from weft.sdk.media.graph import Graph
from weft.sdk.media.histogram import Histogram
from weft.sdk.media.html import Html
from weft.sdk.media.image import Image
from weft.sdk.media.molecule import Molecule
from weft.sdk.media.object3d import Object3D
from weft.sdk.media.tables.joined import JoinedTable, PartitionedTable
from weft.sdk.media.tables.table import Table
from weft.sdk.media.video import Video

__all__ = [
    "Audio",
    "Bokeh",
    "Graph",
    "Histogram",
    "Html",
    "Image",
    "JoinedTable",
    "Molecule",
    "Object3D",
    "PartitionedTable",
    "Plotly",
    "Table",
    "Video",
]

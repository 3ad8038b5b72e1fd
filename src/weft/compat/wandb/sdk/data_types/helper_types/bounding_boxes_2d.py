"""An inner path to BoundingBoxes2D."""

from weft.data_types import BoundingBoxes2D as BoundingBoxes2D

"""An inner path to ImageMask."""

from weft.data_types import ImageMask as ImageMask

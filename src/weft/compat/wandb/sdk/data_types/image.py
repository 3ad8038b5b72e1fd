"""An inner path to Image."""

from weft import Image as Image

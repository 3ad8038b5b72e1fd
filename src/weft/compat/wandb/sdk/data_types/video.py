"""An inner path to Video."""

from weft import Video as Video

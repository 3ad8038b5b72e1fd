"""An inner path to Audio."""

from weft import Audio as Audio

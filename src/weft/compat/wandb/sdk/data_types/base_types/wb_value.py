"""An inner path to WBValue."""

from weft.data_types import WBValue as WBValue

"""An inner path to Classes."""

from weft.data_types import Classes as Classes

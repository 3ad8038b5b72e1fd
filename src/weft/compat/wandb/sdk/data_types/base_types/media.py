"""An inner path to Media, BatchableMedia."""

from weft.data_types import BatchableMedia as BatchableMedia
from weft.data_types import Media as Media

"""An inner path to Table, JoinedTable."""

from weft import JoinedTable as JoinedTable
from weft import Table as Table

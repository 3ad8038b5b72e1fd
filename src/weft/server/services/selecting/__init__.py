"""Selects runs: filters, orders, groups and columns of a project's runs.

Takes the filter trees of `weft.queries` and evaluates them over `columns`. `select` gives run ids
to charts, exports, history and bulk edits. `service` answers the runs table: `pages` of runs
(`evaluate`, `ordering`, `paging`), `grouping` with `aggregates`, and `discovery` of columns.
"""

from weft.server.services.selecting.grouping import MISSING_VALUE, decode_group_value
from weft.server.services.selecting.patterns import compile_pattern
from weft.server.services.selecting.select import MISSING
from weft.server.services.selecting.types import ColumnSelection, GroupSelection, RunSelection

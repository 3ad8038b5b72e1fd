"""Charts: a table, and the preset that draws it. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, ClassVar, Final, ParamSpec, TypeVar, cast

from weft.errors import UsageError, WrongType
from weft.plots.catalog import preset_of
from weft.records.files.media_kinds import chart_table_key
from weft.sdk.guard import is_training
from weft.sdk.media.media import Filing, Media, Payload, fault_of
from weft.sdk.media.tables.table import Table
from weft.sdk.values.scalars import plain_key

SPLIT_FOLDER: Final = "Custom Chart Tables"
"""The section of tables with `split_table=True`, as in W&B."""

_MAX_TEXT: Final = 10_000
"""Longest name or text of a chart, in characters; a longer one is cut."""


@dataclass
class CustomChartSpec:
    """The specification of a chart.

    Attributes:
        spec_name: the preset.
        fields: columns of the table by the preset's fields.
        string_fields: texts by the preset's strings.
        key: the key that it was logged under.
        panel_type: W&B's name of the kind of panel.
        split_table: whether the table is in a section of its own.
    """

    spec_name: str
    fields: dict[str, Any]
    string_fields: dict[str, Any]
    key: str = ""
    panel_type: str = "Vega2"
    split_table: bool = False

    @property
    def table_key(self) -> str:
        """The key of the chart's table.

        Raises:
            UsageError: the chart has no key yet.
        """
        if not self.key:
            raise UsageError("the chart has no key yet: log it, or call set_key()")
        return table_key(self.key, self.split_table)


P = ParamSpec("P")
C = TypeVar("C", bound="CustomChart")


def drawing(draw: Callable[P, C]) -> Callable[P, C]:
    """Let a function that draws return a chart without content, in place of an error, in training.

    `log()` leaves it out, as it does media of invalid data.
    """

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> C:
        try:
            return draw(*args, **kwargs)
        except Exception as error:
            # Without a further frame, the arguments do not fit the function.
            is_invalid_call = error.__traceback__ is None or error.__traceback__.tb_next is None
            if is_invalid_call or not is_training():
                raise
            chart = CustomChart.without_content()
            chart.fault = fault_of(error)
            return cast("C", chart)

    return drawn


def table_key(key: str, split_table: bool) -> str:
    """Return the key of the table of a chart.

    >>> table_key("roc", False), table_key("roc", True)
    ('roc_table', 'Custom Chart Tables/roc_table')
    """
    plain_table = chart_table_key(key)
    return f"{SPLIT_FOLDER}/{plain_table}" if split_table else plain_table


class CustomChart(Media):
    """A chart to log, as the functions of `weft.plot` return it.

    In a row it is the preset's name, the mapping of its fields, and the table. The table is also
    logged as `<key>_table`, unless the chart is in a list.

    Attributes:
        table: the table.
        spec: its specification.
    """

    _log_type: ClassVar[str] = "custom-chart"

    def __init__(self, table: Table, spec: CustomChartSpec) -> None:
        super().__init__()
        self.table = table
        self.spec = spec

    def set_key(self, key: str) -> None:
        """Set the key; `log()` does it."""
        self.spec.key = key

    def also(self, key: str) -> dict[str, Media]:
        if self.fault:
            return {}
        self.set_key(key)
        return {self.spec.table_key: self.table}

    def file(self, filing: Filing) -> dict[str, Any]:
        return {
            "_type": self._log_type,
            "panel_type": self.spec.panel_type,
            "preset": plain_key(self.spec.spec_name)[:_MAX_TEXT],
            "fields": _plain(self.spec.fields),
            "strings": _plain(self.spec.string_fields),
            "table": self.table.file(filing),
        }

    def payloads(self) -> dict[str, Payload]:
        """Return nothing: the chart's table has the file."""
        return {}

    def __repr__(self) -> str:
        return f"<weft.{type(self).__name__} {self.spec.spec_name} of {self.table.n_rows} rows>"


def _plain(texts: Mapping[Any, Any]) -> dict[str, Any]:
    """Names and texts as a row can hold them."""
    return {
        plain_key(name)[:_MAX_TEXT]: value
        if value is None or type(value) in {bool, float}
        else plain_key(value)[:_MAX_TEXT]
        for name, value in texts.items()
    }


class Visualize(CustomChart):
    """A chart whose preset reads columns of fixed names; `visualize` makes it."""

    def also(self, key: str) -> dict[str, Media]:
        """See `Media.also`; as in W&B, there is no table apart from the chart."""
        self.set_key(key)
        return {}


@drawing
def plot_table(
    vega_spec_name: str,
    data_table: Table,
    fields: Mapping[str, Any],
    string_fields: Mapping[str, Any] | None = None,
    split_table: bool = False,
) -> CustomChart:
    """Draw a table with a preset.

    Args:
        vega_spec_name: the preset, such as `weft/line/v0`, or W&B's name of it.
        data_table: the table.
        fields: columns of the table by the preset's fields.
        string_fields: texts by the preset's strings, such as `title`.
        split_table: whether the table is shown in a section of its own.

    Raises:
        WrongType: `data_table` is not a `Table`.

    >>> table = Table(columns=["epoch", "loss"], data=[[0, 0.5], [1, 0.25]])
    >>> plot_table("weft/line/v0", table, {"x": "epoch", "y": "loss"}).spec.fields["y"]
    'loss'
    """
    spec = CustomChartSpec(
        vega_spec_name, dict(fields), dict(string_fields or {}), split_table=split_table
    )
    chart = CustomChart(_checked_table(data_table, "data_table"), spec)
    chart.notes += _missing(data_table, spec)
    return chart


@drawing
def visualize(id: str, value: Table) -> Visualize:  # noqa: A002  W&B's name
    """Draw a table with a preset that reads columns of fixed names.

    Args:
        id: the preset.
        value: the table.

    Raises:
        WrongType: `value` is not a `Table`.
    """
    return Visualize(_checked_table(value, "value"), CustomChartSpec(id, {}, {}))


def _checked_table(table: Any, name: str) -> Table:
    if not isinstance(table, Table):
        raise WrongType(f"{name} must be a weft.Table, not {type(table).__name__}")
    return table


def _missing(table: Table, spec: CustomChartSpec) -> list[str]:
    """The parts that a chart lacks, as ends of sentences that begin with the key."""
    notes = [
        f"draws column {column!r} as {field!r}, which its table lacks: it has {table.columns}"
        for field, column in spec.fields.items()
        if column is not None and column not in table.columns
    ]
    preset = preset_of(spec.spec_name)
    if preset is None:
        notes.append(f"names the preset {spec.spec_name!r}, which weft does not have")
    else:
        lacking = sorted(preset.fields - spec.fields.keys())
        if lacking:
            notes.append(f"needs a column for {', '.join(map(repr, lacking))} of its preset")
    return notes

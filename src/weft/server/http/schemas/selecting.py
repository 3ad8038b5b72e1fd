"""Wire shapes of questions over all runs. What is given back: `services.selecting.types`."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from weft.server.services.types import MAX_PAGE

MAX_OFFSET: Final = 2**53

FilterBody = dict[str, Any] | str | None
"""A filter tree as JSON, or the text of one."""


class FilterToRead(BaseModel):
    """A filter in either form."""

    model_config = ConfigDict(extra="forbid")

    filter: dict[str, Any] | str = Field(description="a tree, or its text")


class FilterForms(BaseModel):
    """A filter in both forms."""

    tree: dict[str, Any]
    text: str


class OrderBy(BaseModel):
    """Sort by a column; lists, nulls and what is missing come last in both directions."""

    model_config = ConfigDict(extra="forbid")

    column: str
    descending: bool = False


class Under(BaseModel):
    """The runs of one group."""

    model_config = ConfigDict(extra="forbid")

    by: list[str]
    values: list[Any] = Field(description="as groups have them; as many as `by` or fewer")


class RunQuery(BaseModel):
    """Which runs, in which order, and what of them."""

    model_config = ConfigDict(extra="forbid")

    filter: FilterBody = Field(None, description="a tree, or its text")
    order: list[OrderBy] | str = Field("-created", description="or as text: `-created,config.lr`")
    search: str = Field("", description="part of id, name, notes, a tag, group or job type")
    regex: bool = Field(False, description="`search` is a pattern of RE2")
    under: Under | None = None
    columns: list[str] | None = Field(None, description="answer rows of these instead of runs")
    limit: int = Field(1000, ge=1, le=MAX_PAGE)
    offset: int = Field(
        0, ge=0, le=MAX_OFFSET, description="how many to skip, after the cursor if there is one"
    )
    cursor: str | None = None


class TableRow(BaseModel):
    """A run in a table."""

    id: str
    name: str
    state: str
    color: int = Field(description="a number of the palette, as a run has it")
    values: list[Any] = Field(description="by `columns`; null also where the run has none")


class Table(BaseModel):
    """Runs as rows."""

    rows: list[TableRow]
    cursor: str | None = Field(description="ask again with it; null: this was the last page")
    total: int = Field(description="how many match, on all pages")


class AggregateBy(BaseModel):
    """One figure of each group, from one column of its runs."""

    model_config = ConfigDict(extra="forbid")

    column: str
    function: Literal["count", "mean", "min", "max", "std", "last", "values"] = Field(
        description="`values`: the five most frequent ones, each with its number of runs, and how "
        "many different ones there are, as `{values: [{value, n_runs}], n_values}`"
    )


class GroupQuery(BaseModel):
    """Which runs, and what they are grouped by."""

    model_config = ConfigDict(extra="forbid")

    filter: FilterBody = Field(None, description="a tree, or its text")
    search: str = ""
    regex: bool = False
    by: list[str] = Field(description="columns, the outermost first")
    under: list[Any] = Field(
        default_factory=list[Any], description="values of the first: the groups inside that one"
    )
    levels: int = Field(1, ge=1, le=8)
    aggregates: list[AggregateBy] = Field(default_factory=list[AggregateBy])
    order: list[OrderBy] = Field(
        default_factory=list[OrderBy],
        description="a column of `by`, `n_runs`, or an aggregate as `mean(summary.loss)`",
    )
    limit: int = Field(100, ge=1, le=MAX_PAGE)
    cursor: str | None = None


class Group(BaseModel):
    """A group of runs."""

    values: list[Any] = Field(description="of `by` down to this level")
    n_runs: int
    aggregates: list[Any]
    groups: list[Group] | None = Field(None, description="those inside it, the first of them")
    n_groups: int | None = Field(None, description="how many there are inside it")


class GroupList(BaseModel):
    """Groups of one level."""

    groups: list[Group]
    cursor: str | None = Field(description="ask again with it; null: this was the last page")
    total: int = Field(description="how many there are, on all pages")


class ColumnUse(BaseModel):
    """A column that some runs have."""

    column: str
    kinds: dict[str, int] = Field(
        description="runs by kind: number, bool, text, none, nonfinite, other"
    )
    n_runs: int
    samples: list[Any] = Field(description="some different values, of the newest runs first")
    hidden: bool = Field(description="of a metric that all runs with it hide")
    goal: Literal["minimize", "maximize"] | None = Field(
        description="of the metric that it is the summary of"
    )


class ColumnList(BaseModel):
    """Columns by name, those of the runs' own rows first; or those of most runs first."""

    columns: list[ColumnUse]
    cursor: str | None = Field(description="ask again with it; null: this was the last page")
    total: int = Field(description="how many there are, on all pages")

"""Live events of a project."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class RunChange(Struct, kw_only=True):
    """Changes in one run."""

    keys: Annotated[
        list[str] | None,
        Meta(description="metrics with new points; null: any metric may have some"),
    ]
    meta: Annotated[
        bool, Meta(description="whether the run itself changed, is new or was deleted")
    ]
    logs: Annotated[bool, Meta(description="whether it has new or changed console lines")] = False


class Change(Struct, kw_only=True):
    """Data of one `change` event, by run id."""

    runs: dict[str, RunChange]

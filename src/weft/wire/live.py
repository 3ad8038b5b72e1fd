"""Live events of a project."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class RunChange(Struct, kw_only=True):
    """What changed of one run."""

    keys: Annotated[list[str] | None, Meta(description="metrics with new points; null: any")]
    meta: Annotated[bool, Meta(description="the run itself changed; also a new or a deleted one")]


class Change(Struct, kw_only=True):
    """Data of one `change` event, by run id."""

    runs: dict[str, RunChange]

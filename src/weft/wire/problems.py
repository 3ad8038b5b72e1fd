"""Errors on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct


class FieldError(Struct, frozen=True, kw_only=True):
    """What is wrong with one field of a request."""

    field: Annotated[str, Meta(description="its name; below others with dots: `config.set.0`")]
    reason: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every error looks like (RFC 9457)."""

    type: Literal["about:blank"]
    title: str
    status: int
    code: Annotated[str, Meta(description="one of weft.errors")]
    detail: str
    request_id: str | None
    position: Annotated[int | None, Meta(description="with code `position`: send from there")] = (
        None
    )
    errors: Annotated[
        list[FieldError] | None, Meta(description="with code `invalid`: the fields that are wrong")
    ] = None
    column: Annotated[
        int | None,
        Meta(description="where in the text of a filter or expression it is wrong, from 1"),
    ] = None
    path: Annotated[
        str | None,
        Meta(description="with code `moved`: where the run is now, `entity/project/run`"),
    ] = None

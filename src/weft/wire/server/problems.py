"""Error responses."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct


class FieldError(Struct, frozen=True, kw_only=True):
    """The fault of one field of a request."""

    field: Annotated[
        str, Meta(description="name of the field; nested fields with dots, as `config.set.0`")
    ]
    reason: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every error response (RFC 9457)."""

    type: Literal["about:blank"]
    title: str
    status: int
    code: Annotated[str, Meta(description="one of the codes in weft.errors")]
    detail: str
    request_id: str | None
    position: Annotated[
        int | None, Meta(description="with code `position`: the byte to continue from")
    ] = None
    errors: Annotated[
        list[FieldError] | None, Meta(description="with code `invalid`: the invalid fields")
    ] = None
    column: Annotated[
        int | None,
        Meta(description="column of the error in the text of a filter or expression, from 1"),
    ] = None
    path: Annotated[
        str | None, Meta(description="with code `moved`: the run's new path, `entity/project/run`")
    ] = None

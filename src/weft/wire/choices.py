"""Describes enumerations in responses for the OpenAPI document."""

from __future__ import annotations

from msgspec import Meta


def one_of(*values: str | None, description: str | None = None) -> Meta:
    """Describe the values that a field of a response may have.

    Clients accept other values too, because a newer server may send them.

    >>> one_of("a", "b").extra_json_schema
    {'enum': ['a', 'b']}
    """
    return Meta(description=description, extra_json_schema={"enum": list(values)})

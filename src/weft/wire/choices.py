"""What an answer's field may hold, for readers of the API description."""

from __future__ import annotations

from msgspec import Meta


def one_of(*values: str | None, description: str | None = None) -> Meta:
    """Describe the values that a field of an answer may have.

    Clients do not refuse others, because a newer server may have some.

    >>> one_of("a", "b").extra_json_schema
    {'enum': ['a', 'b']}
    """
    return Meta(description=description, extra_json_schema={"enum": list(values)})

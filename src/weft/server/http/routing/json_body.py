"""Decodes JSON bodies by their types."""

from __future__ import annotations

import re
from typing import Final, TypeVar

import msgspec
from starlette.types import Scope

from weft.errors import ConfigError, LimitExceeded
from weft.server.http.routing.faults import MAX_SHOWN_CHARS, fault_of

_SURROGATE: Final = re.compile(
    rb"(?<!\\)((?:\\\\)*)"
    rb"(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""Surrogate escapes in JSON and the escaped backslashes before; group 2 is a pair, which stays."""

MAX_VALUES: Final = 1_000_000
"""Most values in a body. Each becomes an object, of up to thirty times its length in the body."""

_T = TypeVar("_T")


def check_is_json(scope: Scope) -> None:
    """Refuse a body whose Content-Type is not JSON, such as a form posted by another site."""
    media_type = ""
    for name, value in scope["headers"]:
        if name == b"content-type":
            media_type = value.decode("latin-1")
    kind = media_type.partition(";")[0].strip().lower()
    if kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json")):
        return
    sent = media_type[:MAX_SHOWN_CHARS] or "without a type"
    raise ConfigError(f"body: it must be sent as application/json, not {sent}", field="body")


def check_n_values(body: bytes) -> None:
    """Refuse a body of too many values before they are made.

    >>> check_n_values(b"[" + b"[]," * 1_000_000 + b"[]]")
    Traceback (most recent call last):
      ...
    weft.errors.LimitExceeded: body of more than 1,000,000 values
    """
    # Those in texts count, too: to tell them apart would take as long as to decode the body.
    if len(body) > MAX_VALUES and body.count(b",") + body.count(b"[") > MAX_VALUES:
        raise LimitExceeded(f"body of more than {MAX_VALUES:,} values")


def decode_body(decoder: msgspec.json.Decoder[_T], body: bytes) -> _T:
    r"""Decode a body by its type; an error names the field.

    Lone surrogates in texts become U+FFFD.

    >>> decode_body(msgspec.json.Decoder(list[int]), b'[1, "2"]')
    Traceback (most recent call last):
      ...
    weft.errors.ConfigError: 1: Expected `int`, got `str`
    >>> ascii(decode_body(msgspec.json.Decoder(str), rb'"\ud83e\uddf6 \ud83ez \\ud83e"'))
    "'\\U0001f9f6 \\ufffdz \\\\ud83e'"
    """
    if not body:
        raise ConfigError("body: missing", field="body")
    check_n_values(body)
    try:
        return _decode(decoder, body)
    except RecursionError:
        raise ConfigError("body: it is nested too deeply", field="body") from None
    except msgspec.DecodeError as error:
        field, reason = fault_of(error, decoder.type, "body")
        raise ConfigError(f"{field}: {reason}", field=field) from None
    except UnicodeDecodeError:
        raise ConfigError("body: it is not UTF-8", field="body") from None


def _decode(decoder: msgspec.json.Decoder[_T], body: bytes) -> _T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        whole = _SURROGATE.sub(lambda match: match[0] if match[2] else match[1] + rb"\ufffd", body)
        if whole == body:
            raise
        return decoder.decode(whole)

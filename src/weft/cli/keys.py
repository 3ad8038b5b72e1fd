"""`weft keys`: one's own API keys, and those of the service accounts of a team. Does I/O."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import click

from weft.cli.connect import connect
from weft.cli.reports import print_json, print_report
from weft.cli.text_table import format_table
from weft.errors import NotFound, UsageError
from weft.records.times import shown_day
from weft.sync.addresses.server_address import require_server
from weft.wire.server.keys import Key, KeyAddition, KeyScope, create_key, list_keys, revoke_key


def show_keys(user: str | None, base_url: str | None, *, as_json: bool) -> int:
    """Print the keys; return the exit code."""
    with closing(connect(require_server(base_url))) as client:
        keys = client.call(list_keys, user=user).keys
    if as_json:
        print_json(keys)
    elif keys:
        rows = [
            [
                key.id,
                key.name,
                f"{key.prefix}…",
                key.scope,
                _limit(key),
                "" if key.expires_micros is None else shown_day(key.expires_micros),
                _use(key),
            ]
            for key in keys
        ]
        names = ["id", "name", "key", "scope", "only for", "ends", "last use"]
        click.echo(format_table(names, rows))
    else:
        click.echo("no keys: make one with `weft keys add NAME`")
    return 0


def add_key(
    name: str,
    base_url: str | None,
    *,
    scope: KeyScope,
    limit: str | None,
    days: int | None,
    user: str | None,
    as_json: bool,
) -> int:
    """Make a key and print it; return the exit code. `limit` is an entity or `entity/project`."""
    entity, _, project = (limit or "").partition("/")
    if limit is not None and (not entity or "/" in project):
        raise UsageError(f"--for takes ENTITY or ENTITY/PROJECT, not {limit!r}")
    addition = KeyAddition(
        name=name, scope=scope, entity=entity or None, project=project or None, days=days
    )
    with closing(connect(require_server(base_url))) as client:
        key = client.call(create_key, addition, user=user)
    if as_json:
        return print_json(key)
    click.echo(key.api_key)
    click.echo(f"weft: this is the key {name!r} of {key.user}; it is not shown again", err=True)
    click.echo("weft: to use it: weft login, or WEFT_API_KEY", err=True)
    return 0


def remove_key(key: str, user: str | None, base_url: str | None, *, as_json: bool) -> int:
    """Revoke a key by its id, its name or its beginning; return the exit code."""
    with closing(connect(require_server(base_url))) as client:
        if key.isdecimal():
            key_id = int(key)
        else:
            keys = client.call(list_keys, user=user).keys
            key_id = _find_key(keys, key)
        client.call(revoke_key, key_id)
    return print_report(
        {"revoked": key_id}, f"revoked key {key_id}: it is refused from now on", as_json=as_json
    )


def _find_key(keys: Sequence[Key], text: str) -> int:
    ids = [key.id for key in keys if text == key.name or text.rstrip("…") == key.prefix]
    if len(ids) != 1:
        reason = "no key" if not ids else f"{len(ids)} keys"
        raise NotFound(f"{reason} {text!r}: `weft keys list` names them, with their ids")
    return ids[0]


def _limit(key: Key) -> str:
    if key.entity is None:
        return ""
    return key.entity if key.project is None else f"{key.entity}/{key.project}"


def _use(key: Key) -> str:
    if key.used_micros is None:
        return "never"
    return f"{shown_day(key.used_micros)} from {key.used_address or 'this machine'}"

"""The job type and tags that `weft sync` sets once runs are sent. Does network I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import UNSET

from weft.client.api_client import ApiClient
from weft.client.shared import AlwaysAt, Server, SharedTransport
from weft.errors import ConfigError, WeftError
from weft.sync.addresses.server_address import ServerAddress
from weft.sync.by_hand.choice import Choice
from weft.wire.runs.runs import RunEdit, edit_run, get_run


def parse_replacements(text: str) -> dict[str, str]:
    """The new tag for each old one, of `old=new,old2=new2`.

    >>> parse_replacements("debug=test, v1 = v2")
    {'debug': 'test', 'v1': 'v2'}
    """
    replacements: dict[str, str] = {}
    for part in text.split(","):
        old, equals, new = (word.strip() for word in part.partition("="))
        if not equals or not old or not new:
            raise ConfigError(f"--replace-tags takes OLD=NEW,OLD2=NEW2, not {text!r}")
        replacements[old] = new
    return replacements


def edit_sent(
    runs: Iterable[tuple[str, str, str]],
    choice: Choice,
    address: ServerAddress,
    fault: Callable[[str], object],
) -> None:
    """Give the runs, named by entity, project and id, the job type and tags of the choice."""
    if choice.job_type is None and not choice.replace_tags:
        return
    server = Server(address.url, address.key, address.policy)
    client = ApiClient(SharedTransport(AlwaysAt(server)))
    for run in sorted(runs):
        try:
            tags = client.call(get_run, *run).tags
            replaced = [choice.replace_tags.get(tag, tag) for tag in tags]
            edit = RunEdit(
                job_type=UNSET if choice.job_type is None else choice.job_type,
                tags=UNSET if replaced == tags else list(dict.fromkeys(replaced)),
            )
            client.call(edit_run, *run, edit)
        except WeftError as error:
            fault(f"the job type and tags of {'/'.join(run)} stay as they were: {error}")

"""Asks the server whether a run may go to the entity that its settings name. Does I/O.

W&B raises in `init` where it may not. weft asks only about an entity that was named and that this
key has not used before, and waits at most a second: a run whose server is silent begins at once.
"""

from __future__ import annotations

from threading import Thread
from typing import Final

import msgspec

from weft.errors import Forbidden, NotFound, WeftError, WrongKey
from weft.records.ids import DEFAULT_ENTITY
from weft.sync.addresses.accounts import has_used, note_used
from weft.sync.addresses.server_address import ServerAddress

ANSWER_SECS: Final = 1.0


def check_entity(address: ServerAddress | None, entity: str | None, project: str) -> None:
    """Refuse an entity that the server refuses, if it answers in time."""
    if address is None or not entity or entity == DEFAULT_ENTITY or has_used(address, entity):
        return
    refusals: list[Forbidden] = []
    # In a thread, because looking up a host's name has no time limit.
    thread = Thread(target=_ask, args=(address, entity, project, refusals), daemon=True)
    thread.start()
    thread.join(ANSWER_SECS)
    if refusals:
        raise refusals[0]


def _ask(address: ServerAddress, entity: str, project: str, refusals: list[Forbidden]) -> None:
    from urllib.parse import quote

    from weft.client.transport import Transport

    path = f"/api/v1/projects/{quote(entity, safe='')}/{quote(project, safe='')}"
    policy = msgspec.structs.replace(address.policy, timeout_secs=ANSWER_SECS)
    try:
        transport = Transport(address.url, address.key, policy)
        try:
            transport.request("GET", path)
        finally:
            transport.close()
    except WrongKey:
        return  # the upload says so, and what to do
    except Forbidden as error:
        refusals.append(Forbidden(f"{error}; name another entity, or none for your own"))
        return
    except NotFound:
        pass  # the run makes the project
    except WeftError:
        return
    note_used(address, entity)

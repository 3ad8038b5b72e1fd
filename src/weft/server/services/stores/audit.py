"""Writes entries of the audit log, in the transaction of the change that they describe."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from weft.records.actions.audit import AuditAction
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import EntityPath, ProjectPath, RegistryPath, RunPath
from weft.server.services.access.permissions import grant
from weft.server.services.live_runs.clocks import Clock
from weft.server.storage.metadata import AuditRow, MetadataStore, MetadataUnavailable, Transaction

_log = logging.getLogger(__name__)

MAX_LISTED: Final = 100
"""The most elements of a list in `before` and `after`; a field for their count is the caller's."""

_MAX_CHARS: Final = 1000

_SECRET_NAMES: Final = re.compile(
    r"(password|passphrase|secret|token|api_key|key_hash|code|seal)$", re.IGNORECASE
)
# Keys of weft and W&B, also where a person typed one into the field of a name.
_KEY: Final = re.compile(r"[A-Za-z0-9_]*-?[0-9A-Fa-f]{40,}")

_HIDDEN: Final = "(hidden)"

AuditObject = EntityPath | ProjectPath | RunPath | RegistryPath | str


class Audit:
    """The audit log of a server.

    `kept_micros` is the time for which entries stay; None for ever.
    """

    def __init__(
        self, metadata: MetadataStore, now: Clock, kept_micros: int | None = None
    ) -> None:
        self._metadata = metadata
        self._now = now
        self._kept_micros = kept_micros

    def expire(self) -> bool:
        """Delete some of the entries that are too old. Whether there may be more."""
        if self._kept_micros is None:
            return False
        with self._metadata.write() as tx:
            return self._metadata.audit.delete_before(tx, self._now() - self._kept_micros) > 0

    def note(
        self,
        tx: Transaction,
        actor: Actor,
        action: AuditAction,
        entity: str,
        object: AuditObject,  # noqa: A002
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Add an entry to the transaction of a change.

        Args:
            actor: who acts; role, address and key are taken from it. The role is that in the
                object if it is a path, else in the entity.
            entity: the owner of the object, whose admins see the entry; empty for the server.
            object: a path, or a name, as of a user. Of a failed sign-in, the name of an
                account that exists: what else was typed into the field may be a password.
            before: the fields that changed, as they were; `hide` removes what looks like a secret.
        """
        role = _role(actor, entity, object)
        self._metadata.audit.add_entry(
            tx,
            AuditRow(
                row_id=0,
                at_micros=self._now(),
                actor=actor.user or actor.kind,
                role=role,
                address=actor.address,
                key_prefix="" if actor.key is None else actor.key.prefix,
                action=action,
                entity=entity,
                object=hide(str(object)),
                before=_json(before),
                after=_json(after),
            ),
        )

    def note_alone(
        self,
        actor: Actor,
        action: AuditAction,
        entity: str,
        object: AuditObject,  # noqa: A002
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Add an entry in a transaction of its own, about what is done or begins.

        A database that cannot be written to stops no export.
        """
        try:
            with self._metadata.write() as tx:
                self.note(tx, actor, action, entity, object, after=after)
        except MetadataUnavailable as error:
            _log.warning("no entry in the audit log: %s of %s: %s", action, object, error)


def _role(actor: Actor, entity: str, target: AuditObject) -> str:
    if actor.user is None:
        return actor.kind
    if actor.is_admin:
        return "administrator"
    if isinstance(target, str) and not entity:
        return "user"
    role = grant(actor, EntityPath(entity) if isinstance(target, str) else target).role
    return "" if role is None else role.text


def _json(fields: Mapping[str, Any] | None) -> str | None:
    return None if fields is None else msgspec.json.encode(hide(fields)).decode()


def hide(value: Any) -> Any:
    """A copy of a value without secrets and without more than an entry can take.

    >>> hide({"password": "x", "name": "weft-" + "0" * 40, "ids": list(range(200))})["name"]
    '(hidden)'
    """
    if isinstance(value, str):
        return _KEY.sub(_HIDDEN, value)[:_MAX_CHARS]
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        return {
            name: _HIDDEN if _SECRET_NAMES.search(name) and field else hide(field)
            for name, field in fields.items()
        }
    if isinstance(value, Sequence):
        items = cast("Sequence[Any]", value)
        return [hide(item) for item in items[:MAX_LISTED]]
    return value

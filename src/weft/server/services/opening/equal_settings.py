"""Settings that should be equal at all servers of one database.

Each server notes its own at its start, so that the next one can name what differs. It is not
refused: to change a setting, servers are restarted one after another.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Final

import msgspec

from weft.server.services.stores.metric_location import has_points
from weft.server.settings import ServerSettings
from weft.server.storage.metadata import MetadataStore

EQUAL: Final = (
    "points_mirror", "public_url", "sign_in_header", "direct_downloads", "trash_days",
    "audit_days", "users_create_teams", "upload_quota_bytes", "smtp", "oidc",
)  # fmt: skip
"""Settings of which servers with different values would answer differently."""

SETTINGS_NOTE: Final = "equal_settings"
"""The key of the note in the metadata database."""


class _Note(msgspec.Struct):
    """The host of the server that started last, and its settings as text, without secrets."""

    host: str
    values: dict[str, str]


def note_settings(metadata: MetadataStore, settings: ServerSettings) -> str | None:
    """Note a server's settings; returns how they differ from those of the server that started
    before.
    """
    if not has_points(metadata):
        return None
    with metadata.write() as tx:
        earlier = metadata.settings.find_setting(tx, SETTINGS_NOTE)
        note = _Note(socket.gethostname(), _values(settings))
        metadata.settings.replace(tx, SETTINGS_NOTE, msgspec.json.encode(note).decode())
    return find_difference(earlier, settings)


def find_difference(noted: str | None, settings: ServerSettings) -> str | None:
    """Return a line that names the differences from noted settings; None without any."""
    if noted is None:
        return None
    note = msgspec.json.decode(noted, type=_Note)
    lines = _differences(note.values, _values(settings))
    if not lines:
        return None
    return f"the server that started last, on {note.host}, has other settings: {'; '.join(lines)}"


def _values(settings: ServerSettings) -> dict[str, str]:
    # `repr` of providers and of the mail server has no passwords.
    return {name: repr(getattr(settings, name)) for name in EQUAL}


def _differences(noted: Mapping[str, str], own: Mapping[str, str]) -> list[str]:
    return [
        f"{name} {noted[name]}, here {value}"
        for name, value in own.items()
        if name in noted and noted[name] != value
    ]

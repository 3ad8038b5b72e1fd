"""Drafts of contents that arrive in several requests, or ahead of what names them: their names,
and their bytes by project.

`services.files` writes them, `storage_room` counts them, and a project's are removed
with it.
"""

from __future__ import annotations

from collections import Counter

from weft.server.storage.blobs.contract import BlobStore


def draft_name(project_id: int, sha256: str) -> str:
    """The name of the draft of a content that files of a project await."""
    return f"{project_id}-{sha256}"


def ahead_draft_name(project_id: int, sha256: str) -> str:
    """The name of the complete draft of a content that a project received ahead."""
    return f"{project_id}-{sha256}-ahead"


def drafted_bytes(store: BlobStore) -> Counter[int]:
    """The bytes of the drafts of each project that wait to be resumed, by project id."""
    sizes = Counter[int]()
    for name, n_bytes in store.suspended().items():
        project_id = _project_id_in(name)
        if project_id is not None:
            sizes[project_id] += n_bytes
    return sizes


def remove_drafts(store: BlobStore, project_id: int) -> None:
    store.remove_drafts([name for name in store.suspended() if _project_id_in(name) == project_id])


def _project_id_in(name: str) -> int | None:
    text = name.partition("-")[0]
    return int(text) if text.isdecimal() else None

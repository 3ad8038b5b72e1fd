"""Warns of projects whose names differ in letter case only. Reads metadata."""

from __future__ import annotations

from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, may
from weft.server.storage.metadata import MetadataStore, Transaction


def similar_projects_warning(
    metadata: MetadataStore, tx: Transaction, actor: Actor, path: ProjectPath
) -> str | None:
    """Name the projects that a project may have been meant to be, of those that the actor may
    see; None if there are none.
    """
    similar = [
        name
        for name in metadata.projects.similar(tx, *path)
        if may(actor, Action.READ, ProjectPath(path.entity, name))
    ]
    if not similar:
        return None
    names = ", ".join(map(repr, similar))
    return (
        f"project {path.project!r} is another one than {names}, which differs in letter case "
        "only; runs can be moved (*Move* in the runs table)"
    )

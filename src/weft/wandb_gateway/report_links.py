"""Links that show a report to people without an account: W&B's access tokens of a view.

A token is the link of a share. The client appends it to the address of the report, which leads to
the page of the share.
"""

from __future__ import annotations

from weft.errors import Forbidden, NotFound
from weft.server.services.access import Actor, ProjectPath, SharedLink
from weft.server.services.opening import Services
from weft.wire.projects.shares import Share, ShareCreate


def list_links(services: Services, actor: Actor, path: ProjectPath, report: str) -> list[str]:
    """The links of a report that do not end, as those of W&B don't, the newest first; empty for
    who may not share.
    """
    try:
        shares = services.sharing.list(actor, path).shares
    except Forbidden:
        return []
    return [
        _token_of(share)
        for share in shares
        if share.report == report and share.expires_micros is None
    ]


def add_link(services: Services, actor: Actor, path: ProjectPath, report: str) -> str:
    """A link to a report with the runs behind it: a report that a script published has no stored
    figures.
    """
    new = ShareCreate(kind="report", report=report, days=None, shows_runs=True)
    return _token_of(services.sharing.create(actor, path, new))


def check_link(services: Services, actor: Actor, token: str) -> None:
    """Refuse who may not share where a link leads. What it shows of other projects follows the
    rights of who made it.
    """
    path = services.sharing.project_of(actor, SharedLink.parse(token))
    services.sharing.check_may_share(actor, path)


def revoke_link(services: Services, actor: Actor, token: str) -> bool:
    """Revoke a link; whether it was there, and the actor may."""
    link = SharedLink.parse(token)
    try:
        services.sharing.revoke(actor, services.sharing.project_of(actor, link), link.share)
    except (Forbidden, NotFound):
        return False
    return True


def _token_of(share: Share) -> str:
    return share.path.rpartition("/")[2]

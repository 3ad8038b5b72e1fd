"""Addresses of reports as W&B's client prints them: `/ENTITY/PROJECT/reports/TITLE--ID`. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, quote

from weft.errors import NotFound
from weft.server.services.access import SharedLink
from weft.wandb_gateway.ids import report_path

_PRINTED: Final = re.compile(r"/[^/]+/[^/]+/reports/.*--([A-Za-z0-9+/]+)")


def page_of_printed(path: str) -> str | None:
    """The page of the report that a printed address leads to; None of any other path.

    >>> page_of_printed("/lab/p/reports/My-title--Vmlldzp2MV86MDEyMzQ1Njc4OWFiOm1uaXN0OmxvY2Fs")
    '/local/mnist/reports/0123456789ab'
    >>> page_of_printed("/local/mnist/reports/0123456789ab")
    """
    match = _PRINTED.fullmatch(path)
    if match is None:
        return None
    try:
        project, report = report_path(match[1])
    except NotFound:
        return None
    return f"/{quote(project.entity)}/{quote(project.project)}/reports/{quote(report, safe='')}"


def page_of_link(query: str) -> str | None:
    """The page of a share whose link the client has appended to the address of its report.

    >>> page_of_link("accessToken=0123456789ab.cd34")
    '/share/0123456789ab.cd34'
    >>> page_of_link("accessToken=other")
    """
    tokens = parse_qs(query).get("accessToken", [""])
    link = SharedLink.parse(tokens[0])
    return f"/share/{quote(str(link), safe='')}" if link.code else None


def internal_name(view: str) -> str:
    """W&B's internal name of a view of a workspace. Its client cuts `nw-` and `-v` off and prints
    the address `/ENTITY/PROJECT?nw=…`, in which weft's page looks for `view`.

    >>> internal_name("0123456789ab")
    'nw-0123456789ab&view=0123456789ab-v'
    """
    return f"nw-{view}&view={view}-v"


def view_of_name(name: str) -> str:
    """The view of an internal name, or of the part that is in an address.

    >>> view_of_name("nw-0123456789ab-v"), view_of_name(internal_name("0123456789ab"))
    ('0123456789ab', '0123456789ab')
    """
    return name.removeprefix("nw-").removesuffix("-v").partition("&")[0]

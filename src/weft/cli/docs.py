"""`weft docs`: shows in a terminal the user documents that the server shows at `/docs`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

import weft
from weft.errors import NotFound, WeftError
from weft.libraries.optional import need_server
from weft.records.nearest import did_you_mean
from weft.sync.addresses.server_address import find_server

_FOLDER: Final = Path(weft.__file__).parent / "server" / "web" / "docs"
_ENTRY: Final = re.compile(r"^- \[(.+?)\]\(((?:\S+/)?(\S+)\.md)\): (.+)$", re.MULTILINE)
_WIDTH: Final = 30
"""Width of the column of names."""


def print_document(name: str | None) -> int:
    """Print one document, by the last part of its address such as `settings`, or the list of all;
    the exit code is 0.
    """
    contents = _FOLDER / "README.md"
    need_server("weft docs")
    if not contents.is_file():
        raise NotFound("the documents are not built: run `make setup` in the checkout")
    entries = _ENTRY.findall(contents.read_text(encoding="utf-8"))
    if name is None:
        for _, _, document, about in entries:
            click.echo(f"{document:<{_WIDTH}}{about}")
        _print_address()
        return 0
    paths = {document_: path for _, path, document_, _ in entries}
    if name not in paths:
        near = did_you_mean(name, paths, "; `weft docs` lists all")
        raise NotFound(f"there is no document {name!r}{near}")
    click.echo_via_pager((_FOLDER / paths[name]).read_text(encoding="utf-8"))
    return 0


def _print_address() -> None:
    try:
        address = find_server()
    except WeftError:
        return  # an invalid setting must not prevent reading about settings
    if address is not None:
        click.echo(f"\nin a browser: {address.url}/docs")

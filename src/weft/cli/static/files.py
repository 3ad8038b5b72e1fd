"""`weft export --view` writes one HTML file, `weft export --static` a folder of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from weft.cli.connect import connect
from weft.cli.imports.archive import parse_project, target_of
from weft.cli.progress import ProgressLine
from weft.cli.reports import print_report
from weft.cli.static.pages import DEFAULT_VIEW, PageMaker
from weft.client.api_client import ApiClient
from weft.errors import ConfigError, Unavailable
from weft.records.sizes import counted, listed, shown_size
from weft.sync.addresses.server_address import require_server
from weft.wire.projects.projects import get_project
from weft.wire.projects.views import get_view, list_views
from weft.wire.reports.exports import export_report
from weft.wire.reports.reports import ReportInfo, list_reports

_NO_NAME: Final = re.compile(r"[^\w.-]+")
_MAX_NAME_CHARS: Final = 60


def save_view(
    project: str,
    view: str,
    file: Path | None,
    *,
    base_url: str | None,
    force: bool,
    as_json: bool,
) -> int:
    """Write a view to an HTML file, by default one named by the view; return the exit code."""
    entity, name = parse_project(project)
    target = target_of(file, f"{_slug(view)}.html", force=force)
    if target.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"a view is written to a file .html, not to {target.name}")
    client = connect(require_server(base_url))
    maker = PageMaker(client, entity, name)
    page = maker.view_page(maker.find_view(view))
    _write(target, page.content)
    omitted = [
        counted(n, noun)
        for n, noun in ((page.n_runs_omitted, "run"), (page.n_panels_omitted, "panel"))
        if n
    ]
    left_out = f"; left out: {listed(omitted)}" if omitted else ""
    report = {
        "path": str(target.absolute()),
        "n_bytes": len(page.content),
        "n_runs_omitted": page.n_runs_omitted,
        "n_panels_omitted": page.n_panels_omitted,
    }
    text = f"exported the view {view} of {entity}/{name} to {target}"
    size = shown_size(len(page.content))
    return print_report(report, f"{text} ({size}){left_out}", as_json=as_json)


def save_folder(
    project: str, folder: Path, *, n_runs: int, base_url: str | None, as_json: bool
) -> int:
    """Write a project to a folder of HTML files; return the exit code. ConfigError if the folder
    is not empty.
    """
    entity, name = parse_project(project)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} is not an empty folder: name a new one, or empty it")
    client = connect(require_server(base_url))
    progress = ProgressLine(shown=not as_json)
    try:
        report = _save_pages(client, entity, name, folder, n_runs, progress)
    finally:
        progress.close()
    parts = [
        counted(report[f"n_{noun}s"], noun)
        for noun in ("view", "report", "run")
        if report[f"n_{noun}s"]
    ]
    first = folder / "index.html"
    text = f"exported {listed(parts) or 'no page'} of {entity}/{name} to {first}"
    return print_report(report, f"{text} ({shown_size(report['n_bytes'])})", as_json=as_json)


def _save_pages(
    client: ApiClient,
    entity: str,
    name: str,
    folder: Path,
    n_runs: int,
    progress: Callable[[str, int, int | None], None],
) -> dict[str, Any]:
    maker = PageMaker(client, entity, name)
    about = client.call(get_project, entity, name)
    views = client.call(list_views, entity, name).views
    reports = list(_published(client, entity, name))
    rows, n_all_runs = maker.newest_rows()
    names = _Names()
    view_files = [
        ("default", names.add("views", DEFAULT_VIEW), DEFAULT_VIEW),
        *((view.id, names.add("views", view.name), view.name) for view in views),
    ]
    report_files = [(info.id, names.add("reports", info.title), info.title) for info in reports]
    run_files = {
        row["id"]: names.add("runs", f"{row['name']}-{row['id']}") for row in rows[:n_runs]
    }
    links = [
        *({"kind": "Views", "title": title, "href": quote(at)} for _, at, title in view_files),
        *({"kind": "Reports", "title": title, "href": quote(at)} for _, at, title in report_files),
    ]

    def folder_entry(kind: str, home: str | None) -> dict[str, Any]:
        up = "" if home is None else "../"
        runs = {run: f"{up}{quote(at)}" for run, at in run_files.items()}
        return {
            "kind": kind,
            "home": home,
            "description": about.description or "" if home is None else "",
            "links": links if home is None else [],
            "runs": {} if kind == "run" else runs,
        }

    home = "../index.html"

    def view_content(view_id: str) -> bytes:
        view = client.call(get_view, entity, name, view_id)
        return maker.view_page(view, folder_entry("view", home)).content

    def run_content(row: Mapping[str, Any]) -> bytes:
        return maker.run_page(row, folder_entry("run", home)).content

    def report_content(report_id: str) -> bytes:
        return client.call(export_report, entity, name, report_id)

    def first_content() -> bytes:
        return maker.first_page(rows, n_all_runs, folder_entry("project", None)).content

    pages = [
        *((at, partial(view_content, view_id)) for view_id, at, _ in view_files),
        *((at, partial(report_content, report_id)) for report_id, at, _ in report_files),
        *((run_files[row["id"]], partial(run_content, row)) for row in rows[:n_runs]),
        # the last one, as it leads to the others
        ("index.html", first_content),
    ]
    n_bytes = 0
    for i, (at, make) in enumerate(pages):
        progress("pages", i, len(pages))
        content = make()
        target = folder / at
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, content)
        n_bytes += len(content)
    return {
        "path": str(folder.absolute()),
        "n_files": len(pages),
        "n_bytes": n_bytes,
        "n_views": len(view_files),
        "n_reports": len(report_files),
        "n_runs": len(run_files),
        "n_runs_without_page": n_all_runs - len(run_files),
    }


def _published(client: ApiClient, entity: str, name: str) -> Iterator[ReportInfo]:
    for page in client.pages(list_reports, entity, name):
        yield from (info for info in page.reports if info.published_version is not None)


class _Names:
    """Names of files that are not taken, also where case does not count."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def add(self, folder: str, title: str) -> str:
        slug = _slug(title)
        path, number = f"{folder}/{slug}.html", 1
        while path.casefold() in self._taken:
            number += 1
            path = f"{folder}/{slug}-{number}.html"
        self._taken.add(path.casefold())
        return path


def _slug(title: str) -> str:
    """A title as a name of a file.

    >>> _slug("LR: sweep / 2")
    'LR-sweep-2'
    """
    return _NO_NAME.sub("-", title)[:_MAX_NAME_CHARS].strip("-.") or "untitled"


def _write(target: Path, content: bytes) -> None:
    try:
        target.write_bytes(content)
    except OSError as error:
        raise Unavailable(f"{target} can't be written: {error}") from error

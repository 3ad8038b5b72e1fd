"""`weft share`: makes, lists and revokes links that show a part of a project."""

from __future__ import annotations

import json

import click

from weft.cli.options import BASE_URL, JSON
from weft.cli.reports import print_json
from weft.cli.text_table import format_table


@click.command()
@click.argument("path", metavar="[RUN | PROJECT]", required=False)
@click.option("--filter", "filter_", metavar="TEXT", help="Share the runs of PROJECT that match.")
@click.option("--view", metavar="ID", help="Share a saved view of PROJECT.")
@click.option("--report", metavar="ID", help="Share a published report of PROJECT.")
@click.option("--runs", is_flag=True, help="Let panels of the report draw its runs as now, too.")
@click.option("--pages", is_flag=True, help="As --runs, with a page for each of these runs.")
@click.option("--live", is_flag=True, help="Follow the filter, also for later runs.")
@click.option("--name", default="", help="Title of the page.")
@click.option("--days", type=float, default=30, show_default=True, help="Time until it ends.")
@click.option("--never", is_flag=True, help="Make a link that does not end.")
@click.option("--embed", is_flag=True, help="Let other sites show it in a frame.")
@click.option("--files", is_flag=True, help="Show the files and media of RUN, or on --pages.")
@click.option("--console", is_flag=True, help="Show what scripts printed, as --files.")
@click.option("--list", "lists", is_flag=True, help="List the shares of PROJECT.")
@click.option("--revoke", metavar="ID", help="Revoke a share of PROJECT.")
@BASE_URL
@JSON
def share(
    path: str | None,
    filter_: str | None,
    view: str | None,
    report: str | None,
    name: str,
    days: float,
    revoke: str | None,
    base_url: str | None,
    *,
    runs: bool,
    pages: bool,
    live: bool,
    never: bool,
    embed: bool,
    files: bool,
    console: bool,
    lists: bool,
    as_json: bool,
) -> None:
    """Share runs or a report by a link that needs no account.

    With a filter, a view or a report, PATH is a project; else it is a run. Prints the link.
    """
    from weft.errors import ConfigError, NotFound
    from weft.sdk.reading.api import Api

    api = Api(base_url)
    if lists or revoke is not None:
        shares = api.shares(path)
        if revoke is not None:
            matches = [entry for entry in shares if entry.id == revoke]
            if not matches:
                raise NotFound(f"no share {revoke}: `weft share --list` lists them")
            matches[0].revoke()
            return
        rows = [[entry.id, entry.kind, entry.name, entry.n_opened, entry.url] for entry in shares]
        columns = ["id", "kind", "name", "opened", "link"]
        if as_json:
            print_json([dict(zip(columns, row, strict=True)) for row in rows])
        else:
            click.echo(format_table(columns, rows))
        return
    until = None if never else days
    if filter_ is not None or view is not None or report is not None:
        if (files or console) and not pages:
            raise ConfigError("--files and --console go with a share of one run, or with --pages")
        link = api.share(
            path,
            filter=filter_,
            view=view,
            report=report,
            with_runs=runs or pages,
            with_pages=pages,
            files=files,
            console=console,
            live=live,
            name=name,
            days=until,
            may_embed=embed,
        )
    elif runs or pages:
        option = "--runs" if runs else "--pages"
        raise ConfigError(f"{option} goes with --report ID: other shares show their runs anyway")
    else:
        link = api.run(path or "").share(
            name=name, days=until, may_embed=embed, files=files, console=console
        )
    click.echo(json.dumps({"id": link.id, "link": link.url}) if as_json else link.url)

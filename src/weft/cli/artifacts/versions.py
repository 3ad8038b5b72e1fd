"""The commands of `weft artifact`. Does network and disk I/O."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from weft.cli.connect import connect
from weft.cli.reports import print_json, print_report
from weft.cli.text_table import format_table
from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.errors import Forbidden, NotFound, UsageError
from weft.records.files.artifacts import parse_artifact_path
from weft.records.sizes import counted, shown_size
from weft.records.times import shown_time
from weft.sdk.artifacts.artifact import Artifact
from weft.sdk.reading.paths import ProjectName, project_name
from weft.sdk.setup.precedence import read_settings
from weft.sync.addresses.server_address import require_server
from weft.wire.artifacts import artifacts as endpoints
from weft.wire.artifacts.artifacts import Artifact as StoredArtifact
from weft.wire.artifacts.artifacts import list_versions
from weft.wire.artifacts.files import ArtifactFile, ChangedFile, compare_versions
from weft.wire.runs.runs import MAX_PAGE


def put_artifact(
    path: str,
    name: str | None,
    type_: str,
    aliases: Iterable[str],
    description: str | None,
    base_url: str | None,
    *,
    run_id: str | None = None,
    resume: str | None = None,
    as_json: bool,
) -> int:
    """Log a file, a folder, or an address as a reference, as a version; the exit code is 0.

    A new run logs it, or the run of an id; `resume` is an argument of `init`.
    """
    import weft

    server = require_server(base_url)
    default = _default_project()
    is_address = "://" in path
    if not is_address and not Path(path).exists():
        raise UsageError(f"no such file or folder: {path}")
    own_name = path.rstrip("/").rpartition("/")[2] if is_address else Path(path).absolute().name
    entity, project, collection, _ = parse_artifact_path(name or own_name, *default)
    artifact = Artifact(collection, type_, description)
    if is_address:
        artifact.add_reference(path)
    elif Path(path).is_dir():
        artifact.add_dir(path, policy="immutable")
    else:
        artifact.add_file(path, policy="immutable")
    settings = weft.Settings(base_url=server.url, api_key=server.key, silent=True, mode="online")
    with weft.init(
        entity=entity,
        project=project,
        job_type=None if run_id or resume else "upload",
        id=run_id,
        resume="allow" if run_id else resume,
        settings=settings,
    ) as run:
        is_shown = not as_json and not read_settings({}).is_quiet
        stored = run.log_artifact(artifact, aliases=list(aliases)).await_stored(is_shown=is_shown)
    _print_version(stored, as_json=as_json)
    return 0


def get_artifact(
    name: str,
    root: Path | None,
    prefix: str,
    base_url: str | None,
    *,
    type_: str | None = None,
    as_json: bool,
) -> int:
    """Download a version; the exit code is 0. UsageError if it is of another type."""
    version = find_artifact(name, base_url)
    if type_ is not None and version.type != type_:
        raise UsageError(f"{version.qualified_name} is of type {version.type!r}, not {type_!r}")
    folder = version.download(root, path_prefix=prefix or None)
    return print_report(
        {"name": version.qualified_name, "folder": folder}, folder, as_json=as_json
    )


def list_artifacts(
    name: str | None, type_: str | None, base_url: str | None, *, as_json: bool
) -> int:
    """Print the artifacts of a project, the versions of one, or the files of one version."""
    client = _client(base_url)
    if name is not None and ":" in name:
        _list_files(client, _target(name), as_json=as_json)
    elif name is not None and name.count("/") == 2:
        _list_versions_of(client, name, as_json=as_json)
    else:
        project = project_name(name, _default_project())
        try:
            _list_collections(client, project, type_, as_json=as_json)
        except (Forbidden, NotFound):
            # `PROJECT/NAME` looks like `ENTITY/PROJECT`.
            if name is None or "/" not in name:
                raise
            try:
                _list_versions_of(client, name, as_json=as_json)
            except (Forbidden, NotFound):
                pass
            else:
                return 0
            raise
    return 0


def _list_versions_of(client: ArtifactClient, name: str, *, as_json: bool) -> None:
    entity, project, collection, _ = parse_artifact_path(name, *_default_project())
    pages = client.pages(list_versions, entity, project, collection, limit=1000)
    _list_versions((version for page in pages for version in page.versions), as_json=as_json)


def remove_version(name: str, base_url: str | None, *, with_aliases: bool) -> int:
    """Delete a version; the exit code is 0.

    Conflict if it has aliases, and `with_aliases` is not set.
    """
    if ":" not in name:
        raise UsageError(f"name the version to delete: {name}:v0")
    version = find_artifact(name, base_url)
    version.delete(delete_aliases=with_aliases)
    click.echo(f"{version.qualified_name} is deleted")
    return 0


def show_lineage(name: str, depth: int, base_url: str | None, *, as_json: bool) -> int:
    """Print the runs and versions around a version; the exit code is 0."""
    client = _client(base_url)
    graph = client.lineage(_target(name), depth=depth)
    if as_json:
        return print_json(graph)
    shown = {
        node.id: f"run {node.label} ({node.name})"
        if node.version is None
        else f"{node.name}:{node.version}"
        for node in graph.nodes
    }
    rows = [[shown[edge.source], shown[edge.target]] for edge in graph.edges]
    click.echo(format_table(["from", "to"], rows) if rows else f"{name} was logged by no run")
    if not graph.is_complete:
        click.echo("there is more: ask with a larger --depth", err=True)
    return 0


def diff_versions(old: str, new: str, base_url: str | None, *, as_json: bool) -> int:
    """Print what differs between two versions; the exit code is 1 if something does."""
    client = _client(base_url)
    name = f"{old.partition(':')[0]}{new}" if new.startswith(":") else new
    before_name = "{}/{}/{}:{}".format(*_target(old))
    pages = client.pages(compare_versions, *_target(name), before=before_name, limit=MAX_PAGE)
    page = next(pages)
    before, after = (f"{side.name}:{side.version}" for side in (page.before, page.after))
    metadata = {
        key: [page.before.metadata.get(key), page.after.metadata.get(key)]
        for key in sorted({*page.before.metadata, *page.after.metadata})
        if page.before.metadata.get(key) != page.after.metadata.get(key)
    }
    files = [*page.files, *(file for more in pages for file in more.files)]
    if as_json:
        changes = {"files": [_changed(file) for file in files], "metadata": metadata}
        print_json(changes)
    else:
        rows = [
            [file.change, file.path, _size_of(file.before), _size_of(file.after)] for file in files
        ]
        rows += [
            ["metadata", key, *(_text(value) for value in pair)] for key, pair in metadata.items()
        ]
        if rows:
            click.echo(format_table(["", "what", before, after], rows))
        else:
            click.echo(f"{before} and {after} have the same files and metadata")
    return 1 if files or metadata else 0


def _changed(file: ChangedFile) -> dict[str, Any]:
    return {
        "what": file.change,
        "path": file.path,
        "n_bytes_before": file.before and file.before.n_bytes,
        "n_bytes": file.after and file.after.n_bytes,
    }


def verify_folder(name: str, root: Path | None, base_url: str | None) -> int:
    """Check a folder; the exit code is 1 if it differs from the version."""
    version = find_artifact(name, base_url)
    try:
        version.verify(root)
    except UsageError as error:
        click.echo(f"weft: {error}", err=True)
        return 1
    click.echo(f"{root or Path('artifacts', version.name)} is {version.qualified_name}")
    return 0


def find_artifact(name: str, base_url: str | None) -> Artifact:
    """A version by its name, alias or digest, on the server that commands use."""
    return _find(_client(base_url), name)


def _client(base_url: str | None) -> ArtifactClient:
    return connect(require_server(base_url)).artifacts


def _default_project() -> ProjectName:
    settings = read_settings({})
    return project_name(None, ProjectName(settings.entity or "local", settings.project))


def _target(name: str) -> VersionTarget:
    return VersionTarget(*parse_artifact_path(name, *_default_project()))


def _find(client: ArtifactClient, name: str) -> Artifact:
    return Artifact.from_server(client, client.version(_target(name)))


def _print_version(stored: Artifact, *, as_json: bool) -> None:
    if as_json:
        report: dict[str, Any] = {"name": stored.qualified_name, "digest": stored.digest}
        report |= {"n_files": stored.file_count, "n_bytes": stored.size}
        print_json(report)
        return
    click.echo(
        f"{stored.qualified_name}  {counted(stored.file_count, 'file')}, {shown_size(stored.size)}"
    )


def _list_collections(
    client: ArtifactClient, project: ProjectName, type_: str | None, *, as_json: bool
) -> None:
    pages = client.pages(endpoints.list_artifacts, *project, type_=type_, limit=1000)
    collections = [collection for page in pages for collection in page.collections]
    rows = [
        [
            collection.name,
            collection.type,
            collection.n_versions,
            collection.latest.version if collection.latest else None,
            shown_size(collection.latest.n_bytes) if collection.latest else None,
        ]
        for collection in collections
    ]
    table = format_table(["artifact", "type", "versions", "latest", "size"], rows)
    print_report(collections, table, as_json=as_json)


def _list_versions(versions: Iterable[StoredArtifact], *, as_json: bool) -> None:
    stored = list(versions)
    rows = [
        [
            version.version,
            ", ".join(version.aliases),
            version.n_files,
            shown_size(version.n_bytes),
            version.logged_by.name if version.logged_by else None,
            shown_time(version.created_micros),
        ]
        for version in stored
    ]
    names = ["version", "aliases", "files", "size", "logged by", "logged"]
    print_report(stored, format_table(names, rows), as_json=as_json)


def _list_files(client: ArtifactClient, target: VersionTarget, *, as_json: bool) -> None:
    if as_json:
        print_json([*client.files(target)])
        return
    for file in client.files(target):
        reference = f"  {file.reference}" if file.reference else ""
        click.echo(f"{shown_size(file.n_bytes):>10}  {file.path}{reference}")


def _size_of(file: ArtifactFile | None) -> str | None:
    return None if file is None else shown_size(file.n_bytes)


def _text(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)

"""A project's answers and an archive's contents, in forms that can be compared."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import msgspec
import pyarrow.parquet

from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services
from weft.wire.metrics.charts import PanelQuery


def plain(value: Any) -> Any:
    """Tells 5 from 5.0 from True, and NaN equals itself."""
    value = msgspec.to_builtins(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return repr(value)


def answers_of(services: Services, entity: str = "local", project: str = "p") -> dict[str, Any]:
    """Everything that can be asked of a project's runs."""
    facts: dict[str, Any] = {}
    page = services.runs.list(LOCAL, ProjectPath(entity, project))
    facts["list"] = [run.id for run in page.runs]
    project_id = services.stores.find_project(ProjectPath(entity, project))
    for info in page.runs:
        path = RunPath(entity, project, info.id)
        with services.stores.metrics.use(project_id) as store:
            keys = store.keys([info.id]).get(info.id, [])
        names = sorted(key.key for key in keys)
        about: dict[str, Any] = {
            "run": plain(services.runs.get(LOCAL, path)),
            "writers": plain(services.runs.writers(LOCAL, path)),
            "alerts": plain(services.runs.alerts(LOCAL, path)),
            "metrics": [(key.key, sorted(key.kinds), key.n_points) for key in keys],
            "history": plain(services.history.rows(LOCAL, path, limit=10_000).rows),
            "superseded": plain(
                services.history.rows(LOCAL, path, limit=10_000, superseded=True).rows
            ),
            "files": plain(services.files.list(LOCAL, path)),
            "contents": {
                file.path: b"".join(services.files.read(LOCAL, path, file.path, file.sha256))
                for file in services.files.list(LOCAL, path).files
            },
        }
        about["run"].pop("heartbeat_micros")
        for writer in about["writers"]["writers"]:
            writer.pop("heartbeat_micros")
        for axis in ("step", "time"):
            question = PanelQuery(runs=[info.id], keys=names, axis=axis, n_buckets=64)
            (panel,) = services.series.panels(LOCAL, ProjectPath(entity, project), [question])
            about[axis] = [
                {
                    name: repr(getattr(curve.series, name))
                    for name in (
                        "run", "key", "level", "buckets", "count", "first", "last",
                        "nonfinite", "nan", "positive_infinity", "negative_infinity",
                    )
                }
                # of 0.0 and -0.0 either is the least, whichever came first
                | {key: repr(getattr(curve.series, key) + 0.0) for key in ("minimum", "maximum")}
                for curve in panel.drawn
            ]  # fmt: skip
        facts[info.id] = about
    with services.stores.metrics.use(project_id) as store:
        for run in facts["list"]:
            writers = services.runs.writers(LOCAL, RunPath(entity, project, run)).writers
            for writer in writers:
                facts[run, writer.writer] = (
                    repr(store.position(run, writer.writer)),
                    [repr(line) for line in store.console(run, writer.writer, "stdout", 0, 99)],
                    store.run_origin(run),
                )
    return facts


def contents_of(archive: bytes) -> dict[str, Any]:
    """The contents of an archive, however its rows are split and ordered."""
    file = zipfile.ZipFile(io.BytesIO(archive))
    contents: dict[str, Any] = {"rows": [], "points": [], "console": []}
    for name in file.namelist():
        data = file.read(name)
        if name.endswith(".parquet"):
            table = pyarrow.parquet.read_table(io.BytesIO(data))
            kind = name.split(".")[1]
            contents[kind] += [repr(sorted(row.items())) for row in table.to_pylist()]
        elif name.endswith(".jsonl"):
            contents["runs"] = [json.loads(line) for line in data.splitlines()]
        elif name == "project.json":
            contents["project"] = json.loads(data)
        elif name.startswith("blobs/"):
            contents[name] = data
    for kind in ("rows", "points", "console"):
        contents[kind].sort()
    for run in contents["runs"]:
        if run["history"] is not None:
            streams = run["history"]["streams"]
            run["history"]["streams"] = {
                name: end for name, end in streams.items() if end["position"]
            }
        for table in (run["metadata"] or {}).values():
            if isinstance(table, list):
                table.sort(key=repr)
    return contents


def differences(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Where two answers differ, in words."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [
            line
            for key in {**ours, **theirs}
            for line in differences(ours.get(key), theirs.get(key), f"{path}/{key}")
        ]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [line for nth, two in pairs for line in differences(*two, f"{path}/{nth}")]
    return [] if ours == theirs else [f"{path}: {ours!r} != {theirs!r}"]

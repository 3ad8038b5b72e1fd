"""Small real trainings, by W&B's own client and over weft: what is stored is the same.

What W&B's client wrote into its `.wandb` file is the measure: a run that it sent to weft's server,
and a run of the same script through the package `wandb` over weft, have these keys, counts, kinds
of media, and config. Artifacts, which that file lacks in online runs, are compared between both.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest

from framework_script import WITH_TENSORFLOW, run_framework
from live_runs import LiveServer
from official_record import OfficialRecord
from weft.sdk.reading.stored.run import StoredRun

HERE = Path(__file__).parent
NAMES: Final = sorted(path.stem.removesuffix("_script") for path in HERE.glob("*_script.py"))

HEAD = """
os.environ.update(HF_HUB_OFFLINE="1", WANDB_RUN_GROUP="{group}")
os.environ.pop("PYTEST_CURRENT_TEST", None)  # Ultralytics does not log in tests
"""

WITH_PARAMETERS: Final = {"sklearn"}
"""Trainings whose plots over weft also put the model's parameters into the config."""

WATCHED: Final = ("gradients/", "parameters/", "graph_")
"""Keys of `watch`, which weft logs from the first backward pass on."""

SIZES: Final = ("format", "width", "height", "nrows", "ncols", "count", "log_mode", "caption")
"""Fields with the size and kind of a value, besides its `_type`."""


Artifact = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""Type, name, aliases and files."""


VARYING: Final = re.compile(r"0x[0-9a-f]+|/(official|ours)/work|(?<=pipeline_)\w+(?=/)")
"""Parts of texts that differ from run to run: addresses, folders, spaCy's temporary names."""


@dataclass
class Contents:
    """Values, config and artifacts of a run.

    Attributes:
        values: how often each key has a value of each kind.
        config: values by path.
        artifacts: those that it logged.
    """

    values: Counter[tuple[str, str]]
    config: dict[str, Any]
    artifacts: list[Artifact]


@pytest.mark.parametrize("name", NAMES)
def test_both_clients_log_the_same(live: LiveServer, tmp_path: Path, name: str) -> None:
    official, ours = (train(live, tmp_path / side, name) for side in ("official", "ours"))
    logs = {log.resolve() for log in (tmp_path / "official").rglob("run-*.wandb")}
    records = {record.run_id: record for record in map(OfficialRecord, logs)}
    assert len(ours) == len(official) == len(records) > 0
    for (run_id, theirs), (_, our_contents) in zip(official, ours, strict=True):
        record = contents_of_record(records[run_id], theirs.artifacts)
        sent = without_drawn_tables(theirs, records[run_id])
        may_add = name in WITH_PARAMETERS
        assert differences(record, sent, may_add=False) == {}
        assert differences(record, our_contents, may_add=may_add) == {}


def without_drawn_tables(contents: Contents, record: OfficialRecord) -> Contents:
    """The contents without tables that have the keys of charts.

    Rows that W&B's client sent before the config with their charts have both.
    """
    values = {
        (key, kind): n
        for (key, kind), n in contents.values.items()
        if key not in record.charts or kind == "custom-chart"
    }
    return replace(contents, values=Counter(values))


def train(live: LiveServer, folder: Path, name: str) -> list[tuple[str, Contents]]:
    """Run a training in a folder, whose name says by which client.

    Returns the id and the contents of each run: the next training may take over aliases.
    """
    side, group = folder.name, f"{name}-{folder.name}"
    (folder / "work").mkdir(parents=True)
    code = HEAD.replace("{group}", group) + (HERE / f"{name}_script.py").read_text()
    run_framework(
        live, folder / "work", code,
        over_weft=side == "ours", is_forked=name not in WITH_TENSORFLOW,
    )  # fmt: skip
    runs = list(live.api.runs("local/tests", filters={"group": group}))
    assert {run.state for run in runs} == {"finished"}
    assert [run.warnings for run in runs if run.warnings] == []
    runs.sort(key=lambda run: str(run.config.get("rate", "")))
    return [(run.id, contents_of_run(run)) for run in runs]


def differences(record: Contents, stored: Contents, *, may_add: bool) -> dict[str, Any]:
    """Values, config and artifacts that one has and the other lacks; {} if they are the same."""
    ignored = stored.config.keys() - record.config.keys() if may_add else set()
    parts = {
        "lacks": dict(record.values - stored.values),
        "more": {
            value: n for value, n in (stored.values - record.values).items()
            if not value[0].startswith(WATCHED)
        },
        "config": {
            path: (record.config.get(path), stored.config.get(path))
            for path in (record.config.keys() | stored.config.keys()) - ignored
            if record.config.get(path) != stored.config.get(path)
        },
        "artifacts": list((Counter(record.artifacts) - Counter(stored.artifacts)).items()),
        "more artifacts": list((Counter(stored.artifacts) - Counter(record.artifacts)).items()),
    }  # fmt: skip
    return {part: entries for part, entries in parts.items() if entries}


def contents_of_record(record: OfficialRecord, artifacts: list[Artifact]) -> Contents:
    """The contents; an online run's file has no artifacts."""
    values = values_of(record.rows)
    for key in record.charts:
        tables = {entry: n for entry, n in values.items() if entry[0] in (key, f"{key}_table")}
        for entry in tables:
            if entry[0] == key:
                del values[entry]
        values[key, "custom-chart"] = sum(tables.values())
    return Contents(values, config_of(record.config), artifacts)


def contents_of_run(run: StoredRun) -> Contents:
    return Contents(values_of(run.scan_history()), config_of(run.config), artifacts_of(run))


def artifacts_of(run: StoredRun) -> list[Artifact]:
    """Artifacts that a run logged, without tables of the history.

    W&B's client alone makes artifacts of those. Tables over weft are Parquet files.
    """
    return sorted(
        (
            version.type,
            version.name.rpartition(":")[0].replace(run.id, "ID"),
            tuple(sorted(version.aliases)),
            tuple(
                sorted(
                    VARYING.sub("", file.name.replace(run.id, "ID")).replace(".parquet", ".json")
                    for file in version.files()
                )
            ),
        )
        for version in run.logged_artifacts()
        if version.type != "run_table"
    )


def values_of(rows: Any) -> Counter[tuple[str, str]]:
    return Counter(
        (key, kind_of(value))
        for row in rows
        for key, value in leaves(row).items()
        if not key.startswith("_") and value is not None
    )


def leaves(tree: dict[str, Any], above: str = "") -> dict[str, Any]:
    """The leaves of a tree by their paths; media are leaves, and empty branches are left out."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict) and "_type" not in value:
            flat.update(leaves(value, f"{above}{key}."))
        else:
            flat[above + key] = value
    return flat


def kind_of(value: Any) -> str:
    if isinstance(value, dict):
        sizes = "".join(f" {name}={value[name]}" for name in SIZES if name in value)
        # W&B's client names a picture's format by its file's suffix.
        return f"{value['_type']}{sizes}".replace("format=jpeg", "format=jpg")
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def config_of(config: dict[str, Any]) -> dict[str, Any]:
    """The config without addresses in memory, and without the folders of the two sides."""
    return {
        path: VARYING.sub("", value) if isinstance(value, str) else value
        for path, value in leaves(config).items()
        if not path.startswith("_")
    }

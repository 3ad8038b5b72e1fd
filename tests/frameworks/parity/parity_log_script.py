"""log(): which rows a run's history gets."""

import datetime
import enum
import math

import numpy as np
import wandb
from parity_report import rows, see


class Color(enum.Enum):
    RED = "r"


def rows_of(write, **settings):
    """The rows of a run, and its step before it ends."""
    run = wandb.init(project="parity", **settings)
    write(run)
    directory, step = run.sync_dir, run.step
    run.finish()
    return {"rows": rows(directory), "step": step}


def logs(*calls):
    """A script of log() calls: each is a row, or a row with the call's other arguments."""

    def write(run):
        for call in calls:
            row, more = call if isinstance(call, tuple) else (call, {})
            run.log(row, **more)

    return write


def see_rows(name, *calls):
    see(name, lambda: rows_of(logs(*calls)), kinds=False)


# -- steps
see_rows("automatic steps", {"a": 1}, {"a": 2}, {"b": 3})
see_rows("explicit steps", ({"a": 1}, {"step": 5}), ({"a": 2}, {"step": 9}))
see_rows("explicit, then automatic", ({"a": 1}, {"step": 5}), {"a": 2}, {"a": 3})
see_rows("automatic, then explicit", {"a": 1}, ({"a": 2}, {"step": 7}), {"a": 3})
see_rows("a repeated step joins", ({"a": 1}, {"step": 3}), ({"b": 2}, {"step": 3}))
see_rows("a repeated step, same key", ({"a": 1}, {"step": 3}), ({"a": 2}, {"step": 3}))
see_rows(
    "automatic after a repeated step", ({"a": 1}, {"step": 3}), ({"b": 2}, {"step": 3}), {"a": 3}
)
see_rows("step 0", ({"a": 1}, {"step": 0}), ({"b": 1}, {"step": 0}), ({"a": 2}, {"step": 1}))
see_rows(
    "descending steps", ({"a": 1}, {"step": 5}), ({"a": 2}, {"step": 3}), ({"a": 3}, {"step": 8})
)
see_rows("negative step", ({"a": 1}, {"step": -1}), {"a": 2})
see_rows("step of numpy", ({"a": 1}, {"step": np.int64(4)}), {"a": 2})
see_rows("step in the row", {"a": 1, "step": 10}, {"a": 2, "step": 20})

# -- commit
see_rows("commit=False", ({"a": 1}, {"commit": False}), {"b": 2}, {"a": 3})
see_rows(
    "commit=False twice", ({"a": 1}, {"commit": False}), ({"b": 2}, {"commit": False}), {"c": 3}
)
see_rows("commit=False, same key", ({"a": 1}, {"commit": False}), {"a": 2})
see_rows("commit=False at the end", {"a": 1}, ({"a": 2}, {"commit": False}))
see_rows("commit=True with a step", ({"a": 1}, {"step": 4, "commit": True}), {"a": 2})
see_rows("commit=False with a step", ({"a": 1}, {"step": 4, "commit": False}), {"b": 2}, {"a": 3})
see_rows(
    "commit=False, then a later step",
    ({"a": 1}, {"step": 4, "commit": False}),
    ({"b": 2}, {"step": 6}),
)
see_rows(
    "commit=False without a step, then with",
    ({"a": 1}, {"commit": False}),
    ({"b": 2}, {"step": 3}),
)
see_rows(
    "commit=True, then the same step",
    ({"a": 1}, {"step": 4, "commit": True}),
    ({"b": 2}, {"step": 4}),
)
see_rows("an empty row", {}, {"a": 1})
see_rows("an empty row ends an open one", ({"a": 1}, {"commit": False}), {}, {"a": 2})
see_rows("an empty row with a step", ({}, {"step": 5}), {"a": 2})
see_rows("arguments by place", ({"a": 1}, {"step": 2, "commit": True}))
see(
    "arguments by place, all", lambda: rows_of(lambda run: run.log({"a": 1}, 3, True)), kinds=False
)
see("data by name", lambda: rows_of(lambda run: run.log(data={"a": 1}, step=3)), kinds=False)
see("log of the module", lambda: rows_of(lambda run: wandb.log({"a": 1}, step=3)), kinds=False)

# -- values
see_rows("bools", {"a": True, "b": np.bool_(False)})
see_rows("ints", {"a": 3, "b": np.int32(4), "c": np.uint8(5), "d": 2**53 + 1})
see_rows("floats", {"a": 0.1, "b": np.float64(0.2), "c": np.float32(0.5), "d": np.float16(0.25)})
see_rows("not a number", {"a": math.nan, "b": np.nan})
see_rows("infinities", {"a": math.inf, "b": -math.inf, "c": np.inf})
see_rows("text", {"a": "text", "b": "ä\n√", "c": ""})
see_rows("None", {"a": None, "b": 1})
see_rows("0-d array", {"a": np.array(2.5), "b": np.array(3)})
see_rows("array of one", {"a": np.array([2.5]), "b": np.ones((1, 1))})
see_rows("small array", {"a": np.arange(3), "b": np.arange(4).reshape(2, 2)})
see_rows("array of 33", {"a": np.arange(33)})
see_rows("list", {"a": [1, 2, 3], "b": ["x", "y"], "c": [1, "x", None]})
see_rows("tuple", {"a": (1, 2)})
see_rows("list of lists", {"a": [[1, 2], [3]]})
see_rows("list of dicts", {"a": [{"b": 1}]})
see_rows("list of numpy", {"a": [np.float32(0.5), np.int64(2)]})
see_rows("set", {"a": {1}})
see_rows("enum", {"a": Color.RED})
see_rows("bytes", {"a": b"text"})
see_rows("date", {"a": datetime.date(2024, 1, 2)})
see_rows("datetime", {"a": datetime.datetime(2024, 1, 2, 3, 4)})  # noqa: DTZ001
see_rows("function", {"a": math.floor})

# -- keys
see_rows("nested", {"a": {"b": 1, "c": {"d": 2}}})
see_rows("nested and joined", {"a": {"b": 1}}, {"a": {"c": 2}, "a.d": 3})
see_rows("slashes", {"train/loss": 1, "val/loss": 2})
see_rows("dots", {"a.b": 1})
see_rows("spaces and letters", {"my metric": 1, "größe": 2, "损失": 3})
see_rows("empty dict inside", {"a": {}, "b": 1})
see_rows("int keys inside", {"a": {1: "x"}})
see_rows("own names", {"_step": 100, "_timestamp": 1.0, "_runtime": 2.0, "a": 1})
see_rows("a leading underscore", {"_mine": 1})
see_rows("empty key", {"": 1, "a": 1})


# -- a step metric's last value is put into rows that lack it
def defined(*calls, define):
    def write(run):
        for name, more in define.items():
            run.define_metric(name, **more)
        logs(*calls)(run)

    return write


EPOCH = {"epoch": {}, "loss": {"step_metric": "epoch"}}


def see_synced(name, *calls, define):
    see(f"step_sync: {name}", lambda: rows_of(defined(*calls, define=define)), kinds=False)


see_synced("a row without", {"epoch": 1}, {"loss": 2}, {"loss": 3}, define=EPOCH)
see_synced("a row with", {"epoch": 1, "loss": 1}, {"epoch": 2, "loss": 2}, define=EPOCH)
see_synced("before any", {"loss": 2}, {"epoch": 1}, {"loss": 3}, define=EPOCH)
see_synced("another metric", {"epoch": 1}, {"other": 2}, define=EPOCH)
see_synced("a glob", {"epoch": 1}, {"val/a": 2}, define={"val/*": {"step_metric": "epoch"}})
see_synced(
    "a glob for all", {"epoch": 1}, {"a": 2}, {"epoch": 2}, define={"*": {"step_metric": "epoch"}}
)
see_synced(
    "switched off",
    {"epoch": 1},
    {"loss": 2},
    define={"loss": {"step_metric": "epoch", "step_sync": False}},
)
see_synced(
    "switched on",
    {"epoch": 1},
    {"loss": 2},
    define={"loss": {"step_metric": "epoch", "step_sync": True}},
)
see(
    "step_sync: switched off later",
    lambda: rows_of(
        lambda run: [
            run.define_metric("loss", step_metric="epoch"),
            run.define_metric("loss", step_sync=False),
            run.log({"epoch": 1}),
            run.log({"loss": 2}),
        ]
    ),
    kinds=False,
)
see_synced(
    "in parts of a row", {"epoch": 1}, ({"a": 1}, {"commit": False}), {"loss": 2}, define=EPOCH
)
see_synced(
    "with explicit steps", ({"epoch": 1}, {"step": 3}), ({"loss": 2}, {"step": 9}), define=EPOCH
)
see_synced(
    "of a nested metric",
    {"t": {"epoch": 1}},
    {"t": {"loss": 2}},
    define={"t.loss": {"step_metric": "t.epoch"}},
)
see_synced(
    "Lightning's",
    {"a": 1, "trainer/global_step": 5},
    {"b": 2},
    define={
        "trainer/global_step": {},
        "*": {"step_metric": "trainer/global_step", "step_sync": True},
    },
)

# -- more than one run
see(
    "a second run begins anew",
    lambda: [rows_of(logs({"a": 1}, {"a": 2})), rows_of(logs({"a": 3}))],
    kinds=False,
)


def steps_seen(run):
    seen = [run.step]
    run.log({"a": 1})
    seen.append(run.step)
    run.log({"a": 1}, step=10)
    seen.append(run.step)
    run.log({"a": 1}, commit=False)
    seen.append(run.step)
    run.log({"a": 1})
    seen.append(run.step)
    return seen


def run_steps():
    with wandb.init(project="parity") as run:
        return steps_seen(run)


see("run.step", run_steps)
see("what log() returns", lambda: wandb.init(project="parity").log({"a": 1}))
wandb.finish()

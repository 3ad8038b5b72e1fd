"""The summary: what it shows after calls of log(), sets and definitions."""
# ruff: noqa: SIM118

import json
import math

import numpy as np
import wandb
from parity_report import see


def plain(value):
    """A summary, or a branch of it, as plain dicts; without the times that a run has anyway."""
    if not hasattr(value, "keys"):
        return value
    return {
        key: plain(value[key])
        for key in value.keys()
        if key not in {"_timestamp", "_runtime", "_step"}
    }


def summary_of(write):
    with wandb.init(project="parity") as run:
        write(run)
        return plain(run.summary)


def see_summary(name, write):
    see(name, lambda: summary_of(write), kinds=False)


def logs(*rows):
    def write(run):
        for row in rows:
            run.log(row)

    return write


def nothing(_run):
    pass


# -- from log()
see_summary("empty", nothing)
see_summary("last value", logs({"a": 1}, {"a": 3}, {"a": 2}))
see_summary("several keys", logs({"a": 1}, {"b": 2}))
see_summary("text and None", logs({"a": "x", "b": None}, {"b": "y"}))
see_summary("bool", logs({"a": True}))
see_summary("list", logs({"a": [1, 2]}))
see_summary("not a number", logs({"a": math.nan}))
see_summary("infinity", logs({"a": math.inf}))
see_summary("number, then not a number", logs({"a": 1}, {"a": math.nan}))
see_summary("commit=False counts", lambda run: run.log({"a": 1}, commit=False))
see_summary("nested", logs({"a": {"b": 1, "c": {"d": 2}}}))
see_summary("a step that descends", lambda run: [run.log({"a": s}, step=s) for s in (1, 5, 3)])


def nested_reads():
    with wandb.init(project="parity") as run:
        run.log({"a": {"b": 1}})
        return [
            run.summary["a"]["b"],
            run.summary.a.b,
            run.summary["a"].get("b"),
            "a" in run.summary.keys(),
        ]


see("nested reads", nested_reads)


def step_of_summary():
    with wandb.init(project="parity") as run:
        run.log({"a": 1})
        return [
            run.summary["_step"],
            run.summary["_runtime"] >= 0,
            run.summary["_timestamp"] > 1.7e9,
        ]


see("the names that every run has", step_of_summary, kinds=False)

# -- set by the script


def set_item(run):
    run.summary["a"] = 1


def set_attribute(run):
    run.summary.a = 1


def set_after_log(run):
    run.log({"a": 1})
    run.summary["a"] = 9


def log_after_set(run):
    run.summary["a"] = 9
    run.log({"b": 1})


def log_same_after_set(run):
    run.summary["a"] = 9
    run.log({"a": 1})


def set_nested(run):
    run.summary["a"] = {"b": {"c": 1}}


def set_below(run):
    run.summary["a"] = {"b": 1}
    run.summary["a"]["c"] = 2


def replace_branch(run):
    run.summary["a"] = {"b": 1}
    run.summary["a"] = {"c": 2}


def update_branch(run):
    run.summary.update({"a": {"b": 1}})
    run.summary["a"].update({"c": 2})


def delete(run):
    run.log({"a": 1, "b": 2})
    del run.summary["a"]


def delete_attribute(run):
    run.log({"a": 1, "b": 2})
    del run.summary.a


def delete_set(run):
    run.summary["a"] = 1
    del run.summary["a"]


def delete_missing(run):
    del run.summary["no"]


def delete_below(run):
    run.summary["a"] = {"b": 1, "c": 2}
    del run.summary["a"]["b"]


def delete_then_log(run):
    run.log({"a": 1})
    del run.summary["a"]
    run.log({"a": 2})


see_summary("set", set_item)
see_summary("set to None", lambda run: run.summary.update({"a": None, "b": 1}))
see_summary("logged as None", logs({"a": None, "b": 1}))
see_summary("logged as None after a value", logs({"a": 2}, {"a": None}))
see_summary("set by attribute", set_attribute)
see_summary("set after log", set_after_log)
see_summary("log after set", log_after_set)
see_summary("log of the same after set", log_same_after_set)
see_summary("set nested", set_nested)
see_summary("set below", set_below)
see_summary("set a branch anew", replace_branch)
see_summary("update", lambda run: run.summary.update({"a": 1, "b": 2}))
see_summary("update of a branch", update_branch)
see_summary("delete", delete)
see_summary("delete by attribute", delete_attribute)
see_summary("delete what was set", delete_set)
see_summary("delete what is not there", delete_missing)
see_summary("delete below", delete_below)
see_summary("delete, then log", delete_then_log)
see_summary("numpy", lambda run: run.summary.update({"a": np.float32(0.5), "b": np.int64(2)}))
see_summary("small array", lambda run: run.summary.update({"a": np.arange(3)}))
see_summary("tuple", lambda run: run.summary.update({"a": (1, 2)}))
see_summary("text", lambda run: run.summary.update({"a": "x"}))
see_summary("keys with dots", lambda run: run.summary.update({"a.b": 1}))
see_summary("keys with slashes", lambda run: run.summary.update({"a/b": 1}))
see_summary("int key", lambda run: run.summary.update({1: 1}))

# -- reading
run = wandb.init(project="parity")
run.log({"a": 1, "loss": 0.5})
see("item", lambda: run.summary["a"], kinds=False)
see("attribute", lambda: run.summary.a, kinds=False)
see("get", lambda: run.summary.get("a"), kinds=False)
see("get of nothing", lambda: run.summary.get("no"))
see("get with a default", lambda: run.summary.get("no", 5))
see("item that is not there", lambda: run.summary["no"])
see("attribute that is not there", lambda: run.summary.no)
see("keys", lambda: sorted(key for key in run.summary.keys() if key[0] != "_"))
see("keys of every run", lambda: sorted(key for key in run.summary.keys() if key[0] == "_"))
see("dict()", lambda: plain(dict(run.summary)), kinds=False)
see("json.dumps", lambda: plain(json.loads(json.dumps(dict(run.summary)))), kinds=False)
see("summary of the module", lambda: wandb.summary["a"], kinds=False)
see("summary of wandb.run", lambda: wandb.run.summary["loss"])
see("best by hand", lambda: max(run.summary.get("best", 0), 3))
run.finish()


# -- definitions
def defined(rows, *calls, steps=None):
    """The summary of rows under define_metric() calls: a name, or (name, its arguments)."""

    def write(run):
        for call in calls:
            name, more = call if isinstance(call, tuple) else (call, {})
            run.define_metric(name, **more)
        for number, row in enumerate(rows):
            run.log(row, **({} if steps is None else {"step": steps[number]}))

    return write


ROWS = [{"loss": 3.0}, {"loss": 1.0}, {"loss": 2.0}]
for kind in ("min", "max", "mean", "last", "first", "none", "copy", "min,max", "min,mean,last"):
    see_summary(f"summary={kind}", defined(ROWS, ("loss", {"summary": kind})))
see_summary("summary=MIN", defined(ROWS, ("loss", {"summary": "MIN"})))
see_summary("summary=copy,max", defined(ROWS, ("loss", {"summary": "copy,max"})))
see_summary("summary=none,max", defined(ROWS, ("loss", {"summary": "none,max"})))
see_summary("min of nothing", defined([], ("loss", {"summary": "min"})))
see_summary(
    "min with what is not a number",
    defined([{"loss": math.nan}, {"loss": 2.0}, {"loss": math.inf}], ("loss", {"summary": "min"})),
)
see_summary(
    "max with infinity",
    defined([{"loss": 2.0}, {"loss": math.inf}], ("loss", {"summary": "max"})),
)
see_summary("min of text", defined([{"loss": "a"}, {"loss": "b"}], ("loss", {"summary": "min"})))
see_summary("last of text", defined([{"loss": "a"}, {"loss": "b"}], ("loss", {"summary": "last"})))
see_summary("min of bools", defined([{"on": True}, {"on": False}], ("on", {"summary": "min"})))
see_summary("min of ints", defined([{"n": 3}, {"n": 1}], ("n", {"summary": "min"})))
see_summary(
    "min over a glob", defined([{"val/a": 2.0}, {"val/a": 3.0}], ("val/*", {"summary": "min"}))
)
see_summary("glob for all", defined(ROWS, ("*", {"summary": "max"})))
see_summary(
    "exact over a glob",
    defined(
        [{"val/a": 2.0}, {"val/a": 3.0}],
        ("val/*", {"summary": "min"}),
        ("val/a", {"summary": "max"}),
    ),
)
see_summary(
    "exact without a summary over a glob",
    defined(
        [{"val/a": 2.0}, {"val/a": 3.0}],
        ("val/*", {"summary": "min"}),
        ("val/a", {"hidden": True}),
    ),
)
see_summary(
    "twice: they add up", defined(ROWS, ("loss", {"summary": "min"}), ("loss", {"summary": "max"}))
)
see_summary(
    "twice with overwrite",
    defined(ROWS, ("loss", {"summary": "min"}), ("loss", {"summary": "max", "overwrite": True})),
)
see_summary(
    "twice, the second without a summary",
    defined(ROWS, ("loss", {"summary": "min"}), ("loss", {"hidden": True})),
)
see_summary(
    "a nested metric",
    defined([{"a": {"b": 2.0}}, {"a": {"b": 1.0}}], ("a.b", {"summary": "min"})),
)
see_summary(
    "step metric",
    defined(
        [{"epoch": 1, "loss": 2.0}, {"loss": 1.0}], "epoch", ("loss", {"step_metric": "epoch"})
    ),
)


def define_late(run):
    run.log({"loss": 1.0})
    run.log({"loss": 5.0})
    run.define_metric("loss", summary="min")
    run.log({"loss": 3.0})


def set_over_definition(run):
    run.define_metric("loss", summary="min")
    run.log({"loss": 1.0})
    run.summary["loss"] = 7


def set_below_definition(run):
    run.define_metric("loss", summary="min")
    run.log({"loss": 1.0})
    run.summary["loss"]["mine"] = 7


see_summary("defined late", define_late)
see_summary("set over a definition", set_over_definition)
see_summary("set below a definition", set_below_definition)
see_summary("sub-item by attribute", defined(ROWS, ("loss", {"summary": "min"})))


def replaced_in_its_row(run):
    run.define_metric("loss", summary="min")
    run.log({"loss": 1.0}, commit=False)
    run.log({"loss": 5.0})


see_summary("min of a value that is replaced in its row", replaced_in_its_row)


def attribute_of_aggregate():
    with wandb.init(project="parity") as run:
        run.define_metric("loss", summary="min,max")
        run.log({"loss": 2.0})
        return [run.summary["loss"]["min"], run.summary.loss.max]


see("aggregates by name", attribute_of_aggregate, kinds=False)

"""`mode="disabled"`: every call does nothing, and nothing fails."""

import os
from pathlib import Path

import wandb
from parity_report import see

run = wandb.init(project="parity", mode="disabled", config={"lr": 0.1}, name="x", tags=["t"])
see("disabled", lambda: run.disabled)
see("offline", lambda: run.offline)
see("wandb.run is run", lambda: wandb.run is run)
see("is a Run", lambda: isinstance(run, wandb.Run))
see("config", lambda: [run.config.lr, wandb.config["lr"]])
see("config update", lambda: run.config.update({"n": 1}))
see("id", lambda: isinstance(run.id, str))
see("name", lambda: isinstance(run.name, str))
see("dir", lambda: isinstance(run.dir, str))
see("url", lambda: run.url)
see("project_url", lambda: run.project_url)
see("sweep_url", lambda: run.sweep_url)
see("entity", lambda: isinstance(run.entity, str))
see("project", lambda: isinstance(run.project, str))
see("path", lambda: isinstance(run.path, str))
see("step", lambda: run.step)
see("tags", lambda: run.tags)
see("resumed", lambda: run.resumed)
see("start_time", lambda: run.start_time > 1.7e9)
see("log", lambda: run.log({"a": 1, "b": {"c": 2}}))
see("log of the module", lambda: wandb.log({"a": 2}, step=5, commit=False))
see("summary item", lambda: run.summary["a"])
see("summary of a branch", lambda: run.summary["b"]["c"])
see("summary attribute", lambda: run.summary.a)
see("summary set", lambda: run.summary.update({"best": 3}))
see("summary get", lambda: run.summary.get("best"))
see("summary of the module", lambda: wandb.summary["best"])
see("step after log", lambda: run.step)
see("define_metric", lambda: run.define_metric("a", summary="min") is not None)
see("define_metric of the module", lambda: wandb.define_metric("a") is not None)
see("alert", lambda: run.alert("a", "b"))
see("alert of the module", lambda: wandb.alert("a", "b"))
see("mark_preempting", lambda: run.mark_preempting())
see("to_html", lambda: isinstance(run.to_html(), str))
see("display", lambda: run.display())
see("name set", lambda: setattr(run, "name", "y"))
see("notes set", lambda: setattr(run, "notes", "y"))
see("tags set", lambda: setattr(run, "tags", ("y",)))
see("status", lambda: run.status() is None or hasattr(run.status(), "sync_items_total"))
see("watch", lambda: run.watch(None))
see("unwatch", lambda: run.unwatch())
see("save", lambda: bool(run.save("no-such-file")))
see("log_code", lambda: run.log_code() is None)
see("log_artifact", lambda: run.log_artifact("x") is not None)
see("use_artifact", lambda: run.use_artifact("x:latest"))
see("link_artifact", lambda: run.link_artifact("x", "y"))
see("log_model", lambda: run.log_model("x"))
see("finish", lambda: run.finish())
see("wandb.run after finish", lambda: wandb.run)
see("finish again", lambda: run.finish())
see("log after finish", lambda: run.log({"a": 3}))
see("nothing was written", lambda: [path.name for path in Path().iterdir()])


def context():
    with wandb.init(mode="disabled") as run:
        run.log({"a": 1})
    return wandb.run


see("context", context)
see("second init", lambda: wandb.init(mode="disabled") is wandb.init(mode="disabled"))
see("log of a number", lambda: wandb.run.log(5))
wandb.finish()
os.environ["WANDB_MODE"] = "disabled"
wandb.teardown()
see("by the environment", lambda: wandb.init().disabled)
wandb.finish()

"""Calls that are wrong: whether they raise, and by which names that can be caught."""

import datetime
import os

import wandb
from parity_report import see


def with_run(call, **settings):
    run = wandb.init(project="parity", **settings)
    try:
        return call(run)
    finally:
        wandb.finish()


def started(**arguments):
    """Whether a run begins with these arguments."""
    try:
        run = wandb.init(**{"project": "parity", **arguments})
        return run is not None
    finally:
        wandb.finish()


# -- before init
see("log before init", lambda: wandb.log({"a": 1}))
see("define_metric before init", lambda: wandb.define_metric("a"))
see("alert before init", lambda: wandb.alert("a", "b"))
see("mark_preempting before init", lambda: wandb.mark_preempting())
see("config item before init", lambda: wandb.config["a"])
see("config attribute before init", lambda: wandb.config.a)
see("config set before init", lambda: wandb.config.__setitem__("a", 1))
see("config attribute set before init", lambda: setattr(wandb.config, "a", 1))
see("config.update before init", lambda: wandb.config.update({"a": 1}))
see("summary item before init", lambda: wandb.summary["a"])
see("summary set before init", lambda: wandb.summary.__setitem__("a", 1))
see("finish before init", lambda: wandb.finish())
see("run before init", lambda: wandb.run)

# -- log
see("log of a number", lambda: with_run(lambda run: run.log(5)))
see("log of text", lambda: with_run(lambda run: run.log("a")))
see("log of a list", lambda: with_run(lambda run: run.log([1])))
see("log of pairs", lambda: with_run(lambda run: run.log([("a", 1)])))
see("log of None", lambda: with_run(lambda run: run.log(None)))
see("log of nothing", lambda: with_run(lambda run: run.log()))
see("log with an int key", lambda: with_run(lambda run: run.log({1: 2})))
see("log with None as key", lambda: with_run(lambda run: run.log({None: 2})))
see("log with a tuple as key", lambda: with_run(lambda run: run.log({("a", 1): 2})))
see("log with an empty key", lambda: with_run(lambda run: run.log({"": 2})))
see("log with text as step", lambda: with_run(lambda run: run.log({"a": 1}, step="x")))
see("log with a list as step", lambda: with_run(lambda run: run.log({"a": 1}, step=[1])))
see(
    "log with an argument too many",
    lambda: with_run(lambda run: run.log({"a": 1}, 1, True, True, True)),
)
see("log with an unknown argument", lambda: with_run(lambda run: run.log({"a": 1}, steps=3)))
see("log of an object", lambda: with_run(lambda run: run.log({"a": object()})))
see("log of a generator", lambda: with_run(lambda run: run.log({"a": (x for x in ())})))

# -- init
see("unknown mode", lambda: started(mode="sideways"))
see("mode of a wrong type", lambda: started(mode=5))
see("unknown resume", lambda: started(resume="sideways", id="a"))
see("resume 'None', as a document has it", lambda: started(resume="None"))
see("unknown reinit", lambda: started(reinit="sideways"))
see("unknown setting", lambda: started(settings={"no_such_setting": 1}))
see("unknown setting of Settings", lambda: wandb.Settings(no_such_setting=1))
see("setting of a wrong type", lambda: wandb.Settings(disable_git="sideways"))
see("settings of a wrong type", lambda: started(settings=5))
see("unknown argument", lambda: started(no_such_argument=1))
see("project with a slash", lambda: started(project="a/b"))
see("project that is too long", lambda: started(project="a" * 129))
see("project of a wrong type", lambda: started(project=5))
see("empty project", lambda: started(project=""))
see("id with a slash", lambda: started(id="a/b"))
see("empty id", lambda: started(id=""))
see("id with blanks", lambda: started(id=" a "))
see("id that is too long", lambda: started(id="a" * 129))
see("id of a wrong type", lambda: started(id=5))
see("name of a wrong type", lambda: started(name=5))
see("tags as text", lambda: started(tags="one"))
see("tags of a wrong type", lambda: started(tags=5))
see("tag that is too long", lambda: started(tags=["a" * 65]))
see("empty tag", lambda: started(tags=[""]))
see("the same tag twice", lambda: with_run(lambda run: run.tags, tags=["a", "a"]))
see("dir of a wrong type", lambda: started(dir=5))
see("fork_from and resume_from", lambda: started(fork_from="a?_step=1", resume_from="a?_step=1"))
see("fork_from and resume", lambda: started(fork_from="a?_step=1", resume="allow", id="b"))
see("fork_from its own id", lambda: started(fork_from="a?_step=1", id="a"))
see("fork_from without a step", lambda: started(fork_from="?"))
see("fork_from of another metric", lambda: started(fork_from="a?loss=1"))
see("config of a wrong type", lambda: started(config=5))
see("base_url of nonsense", lambda: wandb.Settings(base_url="nonsense"))
see("init_timeout below 0", lambda: wandb.Settings(init_timeout=-1))

# -- define_metric
see("define_metric without a name", lambda: with_run(lambda run: run.define_metric("")))
see("define_metric of a number", lambda: with_run(lambda run: run.define_metric(5)))
see("define_metric with a glob inside", lambda: with_run(lambda run: run.define_metric("a*b")))
see(
    "define_metric, unknown summary",
    lambda: with_run(lambda run: run.define_metric("a", summary="median")),
)
see(
    "define_metric, step_metric of a number",
    lambda: with_run(lambda run: run.define_metric("a", step_metric=5)),
)
see(
    "define_metric, step_sync as text",
    lambda: with_run(lambda run: run.define_metric("a", step_sync="yes")),
)
see(
    "define_metric, hidden as text",
    lambda: with_run(lambda run: run.define_metric("a", hidden="yes")),
)
see(
    "define_metric, overwrite as text",
    lambda: with_run(lambda run: run.define_metric("a", overwrite="yes")),
)
see(
    "define_metric, unknown argument",
    lambda: with_run(lambda run: run.define_metric("a", sums="min")),
)

# -- alert
see("alert, unknown level", lambda: with_run(lambda run: run.alert("a", "b", level="LOUD")))
see(
    "alert, text as wait_duration",
    lambda: with_run(lambda run: run.alert("a", "b", wait_duration="x")),
)
see("alert without a text", lambda: with_run(lambda run: run.alert("a")))
see(
    "alert",
    lambda: with_run(
        lambda run: [
            run.alert("a", "b"),
            run.alert(title="a", text="b", level="WARN", wait_duration=5),
            run.alert("a", "b", wandb.AlertLevel.ERROR, datetime.timedelta(seconds=3)),
        ]
    ),
)

# -- after finish
run = wandb.init(project="parity", config={"a": 1}, name="first", tags=["t"])
run.log({"a": 1})
run.finish()
see("log after finish", lambda: run.log({"a": 2}))
see("log of the module after finish", lambda: wandb.log({"a": 2}))
see("config set after finish", lambda: run.config.__setitem__("b", 1))
see("summary set after finish", lambda: run.summary.__setitem__("b", 1))
see("define_metric after finish", lambda: run.define_metric("a"))
see("alert after finish", lambda: run.alert("a", "b"))
see("mark_preempting after finish", lambda: run.mark_preempting())
see("status after finish", lambda: run.status())
see("name set after finish", lambda: setattr(run, "name", "x"))
see("notes set after finish", lambda: setattr(run, "notes", "x"))
see("tags set after finish", lambda: setattr(run, "tags", ("x",)))
see("name after finish", lambda: run.name)
see("config after finish", lambda: run.config["a"])
see("tags after finish", lambda: run.tags)
see("finish after finish", lambda: run.finish())
see("unknown attribute", lambda: run.no_such_attribute)
see("unknown attribute of the module", lambda: wandb.no_such_attribute)
see("attribute set on a run", lambda: setattr(run, "no_such_attribute", 1))

# -- require, login, attach
see("require of nonsense", lambda: wandb.require("nonsense"))
see("require core", lambda: wandb.require("core"))
see("require service", lambda: wandb.require("service"))
see("attach to nothing", lambda: wandb.attach("no"))
see("finish with a code", lambda: with_run(lambda run: run.finish(exit_code=3)))
see("finish by place", lambda: with_run(lambda run: run.finish(3)))
see("finish quietly", lambda: with_run(lambda run: run.finish(quiet=True)))

# -- from the environment
os.environ["WANDB_MODE"] = "sideways"
wandb.teardown()
see("unknown mode of the environment", lambda: started())

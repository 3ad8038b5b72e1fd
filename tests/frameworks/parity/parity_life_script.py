"""A run's life: properties, several runs, contexts, modes, names of the module."""
# ruff: noqa: SIM905

import copy
import pickle
from pathlib import Path

import wandb
from parity_report import see


def with_run(call, **settings):
    run = wandb.init(**{"project": "parity", **settings})
    try:
        return call(run)
    finally:
        wandb.finish()


# -- properties of a run that was given everything
run = wandb.init(
    project="parity",
    entity="team",
    id="abc123",
    name="a name",
    notes="some notes",
    tags=["one", "two"],
    group="a group",
    job_type="train",
    config={"a": 1},
    dir=str(Path.cwd()),
    save_code=False,
)
PROPERTIES = (
    "id name notes tags project entity group job_type sweep_id path step starting_step "
    "offline disabled resumed url project_url sweep_url"
).split()
for name in PROPERTIES:
    see(f"run.{name}", lambda name=name: getattr(run, name))
see("run.start_time is in seconds", lambda: run.start_time > 1.7e9)
see(
    "run.dir is there",
    lambda: [type(run.dir).__name__, Path(run.dir).is_dir(), Path(run.dir).name],
)
see("run.sync_dir is above it", lambda: Path(run.dir).parent == Path(run.sync_dir))
see("run.dir is absolute", lambda: Path(run.dir).is_absolute())
see("wandb.run is run", lambda: wandb.run is run)
see("wandb.config is run.config", lambda: wandb.config is run.config)
see("is a Run", lambda: isinstance(run, wandb.Run))
see("config is a Config", lambda: isinstance(run.config, wandb.Config))
see(
    "status",
    lambda: [
        hasattr(run.status(), name)
        for name in ("sync_items_total", "sync_items_pending", "sync_time")
    ],
)
see("to_html", lambda: isinstance(run.to_html(), str))
see("to_html with arguments", lambda: isinstance(run.to_html(height=300, hidden=True), str))
see("display outside a notebook", lambda: run.display())
see("mime bundle", lambda: sorted(run._repr_mimebundle_()))
see("copied", lambda: copy.deepcopy(run) is run)
see("truth", lambda: bool(run))
see("hashable", lambda: run in {run})
see("equal", lambda: run == run)

SETTINGS = (
    "project entity run_id run_name run_notes run_tags run_group run_job_type mode resume "
    "sweep_id save_code silent quiet disable_git disable_code"
).split()
for name in SETTINGS:
    see(f"settings.{name}", lambda name=name: getattr(run.settings, name))
see("settings can't be changed", lambda: setattr(run.settings, "project", "x"))
see("project after that", lambda: run.project)

# -- changes
run.name = "another name"
run.notes = "other notes"
run.tags += ("three",)
see("name set", lambda: run.name)
see("notes set", lambda: run.notes)
see("tags added", lambda: run.tags)
run.tags = ["four"]
see("tags as a list", lambda: run.tags)
run.tags += ("five", "four")
see("a tag twice", lambda: run.tags)
see("id can't be set", lambda: setattr(run, "id", "x"))
see("project can't be set", lambda: setattr(run, "project", "x"))
see("config can't be set", lambda: setattr(run, "config", {}))
run.finish()
see("wandb.run after finish", lambda: wandb.run)
PROPERTIES.remove("step")  # the official one waits 30 s for an answer, and raises
for name in PROPERTIES:
    see(f"run.{name} after finish", lambda name=name: getattr(run, name))

# -- properties of a run that was given nothing
DEFAULTS = "notes tags project group job_type sweep_id starting_step resumed offline".split()
run = wandb.init()
for name in DEFAULTS:
    see(f"default {name}", lambda name=name: getattr(run, name))
see("default id", lambda: [len(run.id), run.id == run.id.lower(), run.id.isalnum()])
see("default name is text or None", lambda: run.name is None or isinstance(run.name, str))
run.finish()


# -- contexts
def context():
    with wandb.init(project="parity") as run:
        run.log({"a": 1})
        inside = wandb.run is run
    return [inside, wandb.run]


def context_with_error():
    try:
        with wandb.init(project="parity") as run:
            run.log({"a": 1})
            raise KeyError("mine")
    except KeyError as error:
        return [str(error), wandb.run]


def finish_twice():
    run = wandb.init(project="parity")
    return [run.finish(), run.finish(), wandb.finish(), wandb.finish()]


def finish_in_context():
    with wandb.init(project="parity") as run:
        run.finish()
    return wandb.run


see("context", context)
see("context with an error", context_with_error)
see("finish twice", finish_twice)
see("finish in a context", finish_in_context)
see("join", lambda: with_run(lambda run: wandb.join()))


# -- a second init
def second(**settings):
    first = wandb.init(project="parity", config={"n": 1})
    try:
        other = wandb.init(**{"project": "parity", "config": {"n": 2}, **settings})
        try:
            first.log({"a": 1})
            first_is_active = True
        except wandb.UsageError:
            first_is_active = False
        return {
            "is the first": other is first,
            "wandb.run is the first": wandb.run is first,
            "wandb.run is the other": wandb.run is other,
            "the first goes on": first_is_active,
            "config": other.config["n"],
        }
    finally:
        for run in (first, wandb.run):
            if run is not None:
                run.finish()
        wandb.teardown()


see("second init", second)
see("reinit=True", lambda: second(reinit=True))
see("reinit=False", lambda: second(reinit=False))
see("reinit='finish_previous'", lambda: second(reinit="finish_previous"))
see("reinit='return_previous'", lambda: second(reinit="return_previous"))
see("reinit='create_new'", lambda: second(reinit="create_new"))
see("reinit in settings", lambda: second(settings={"reinit": "create_new"}))
see("reinit in Settings", lambda: second(settings=wandb.Settings(reinit="return_previous")))
see(
    "return_previous and resume='must'",
    lambda: second(reinit="return_previous", resume="must", id="a"),
)
see(
    "return_previous when there is none",
    lambda: with_run(lambda run: run is wandb.run, reinit="return_previous"),
)


def create_new_logs_to_its_own():
    first = wandb.init(project="parity")
    other = wandb.init(project="parity", reinit="create_new")
    wandb.log({"a": 1})
    other.log({"b": 2})
    seen = [
        dict(first.summary).get("a"),
        dict(first.summary).get("b"),
        dict(other.summary).get("b"),
    ]
    other.finish()
    still = wandb.run is first
    first.finish()
    return [*seen, still]


see("create_new logs to its own", create_new_logs_to_its_own, kinds=False)


def attached():
    run = wandb.init(project="parity")
    try:
        return run.id == wandb.run.id
    finally:
        run.finish()


see("attached", attached)


# -- pickles
def pickled_in_place():
    with wandb.init(project="parity", config={"a": 1}) as run:
        return pickle.loads(pickle.dumps(dict(run.config.items())))


see("items of config, pickled", pickled_in_place)
see(
    "summary, pickled",
    lambda: with_run(
        lambda run: [run.log({"a": 1}), pickle.loads(pickle.dumps(dict(run.summary)))["a"]][1]
    ),
    kinds=False,
)
see("settings, copied", lambda: copy.copy(wandb.Settings(project="x")).project)

# -- settings given
see(
    "settings as a dict",
    lambda: with_run(lambda run: run.settings.run_group, settings={"run_group": "g"}),
)
see(
    "settings as Settings",
    lambda: with_run(lambda run: run.group, settings=wandb.Settings(run_group="g")),
)
see(
    "settings below arguments",
    lambda: with_run(lambda run: run.group, group="h", settings=wandb.Settings(run_group="g")),
)
see("Settings, private names", lambda: wandb.Settings(_disable_stats=True) is not None)
see("Settings, x_ names", lambda: wandb.Settings(x_disable_stats=True).x_disable_stats)
see("Settings, start_method", lambda: wandb.Settings(start_method="thread") is not None)
see("Settings, init_timeout", lambda: wandb.Settings(init_timeout=120).init_timeout, kinds=False)
see("Settings, console", lambda: wandb.Settings(console="off").console)
see("setup", lambda: wandb.setup() is not None)
see(
    "setup with settings",
    lambda: [
        wandb.teardown(),
        wandb.setup(wandb.Settings(project="from-setup")),
        with_run(lambda run: run.project, project=None),
    ][2],
)
wandb.teardown()
see("login offline", lambda: wandb.login())

"""Names and arguments: what the module, a run and its parts have."""
# ruff: noqa: SIM905

import importlib
import inspect

import wandb
from parity_report import see

CALLS = {
    "init": (
        "entity project dir id name notes tags config config_exclude_keys config_include_keys "
        "allow_val_change group job_type mode force reinit resume resume_from fork_from save_code "
        "tensorboard sync_tensorboard monitor_gym settings anonymous"
    ),
    "finish": "exit_code",
    "setup": "settings",
    "teardown": "exit_code",
    "attach": "",
    "require": "requirement",
    "termlog": "string newline repeat",
    "termwarn": "string newline repeat",
    "termerror": "string newline repeat",
    "Run.log": "data step commit",
    "Run.define_metric": "name step_metric step_sync hidden summary overwrite",
    "Run.alert": "title text level wait_duration",
    "Run.finish": "exit_code",
    "Run.display": "height hidden",
    "Run.to_html": "height hidden",
    "Run.mark_preempting": "",
    "Run.pin_config_keys": "keys",
    "Run.status": "",
    "Config.update": "allow_val_change",
}


def called(path):
    thing = wandb
    for part in path.split("."):
        thing = getattr(thing, part)
    return thing


def parameter(path, name):
    parameter = inspect.signature(called(path)).parameters[name]
    default = None if parameter.default is inspect.Parameter.empty else parameter.default
    by_place = parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    return {"default": default if isinstance(default, (int, str)) else None, "by place": by_place}


for path, names in CALLS.items():
    see(path, lambda path=path: callable(called(path)))
    for name in names.split():
        see(f"{path}({name})", lambda path=path, name=name: parameter(path, name))
    see(
        f"{path} in this order",
        lambda path=path, names=names: [
            name for name in inspect.signature(called(path)).parameters if name in names.split()
        ],
    )

LOGIN = "key relogin host force verify"
for name in LOGIN.split():
    see(f"login({name})", lambda name=name: name in inspect.signature(wandb.login).parameters)

official = importlib.import_module("wandb")  # for its lists of names, whichever is tried

for name in (name for name in dir(official.Run) if not name.startswith("_")):
    see(f"has Run.{name}", lambda name=name: hasattr(wandb.Run, name))
for name in "__enter__ __exit__ _repr_mimebundle_".split():
    see(f"has Run.{name}", lambda name=name: hasattr(wandb.Run, name))

for name in official.Settings.model_fields:
    see(f"has Settings.{name}", lambda name=name: hasattr(wandb.Settings(), name))

for name in (name for name in official.__all__ if not name.startswith("_")):
    see(f"wandb.{name}", lambda name=name: hasattr(wandb, name))

CONFIG = "keys items as_dict get update setdefaults __contains__ __iter__ __getitem__ __setitem__"
for name in CONFIG.split():
    see(f"has Config.{name}", lambda name=name: hasattr(wandb.Config, name))

run = wandb.init(project="parity")
SUMMARY = "keys get update __getitem__ __setitem__ __delitem__"
for name in SUMMARY.split():
    see(f"summary.{name}", lambda name=name: hasattr(type(run.summary), name))
run.finish()

# -- what integrations and scripts take from the module
MODULE = (
    "__version__ run teardown attach login alert mark_preempting pin_config_keys require "
    "Settings Config Error UsageError CommError AlertLevel termlog termwarn termerror util "
    "errors ensure_configured plot Artifact Classes JoinedTable link_model restore data_types "
    "keras sklearn xgboost lightgbm tensorboard jupyter env patched"
)
for name in MODULE.split():
    see(f"scripts take wandb.{name}", lambda name=name: hasattr(wandb, name))


def value_of(statement):
    names = {}
    exec(statement, names)
    return "found" in names


IMPORTS = (
    "from {} import init, log, config, summary, finish, run",
    "from {}.errors import CommError, UsageError, Error",
    "from {}.errors import AuthenticationError",
    "import {}.data_types",
    "from {}.data_types import JoinedTable, PartitionedTable, Table, Image, WBValue",
    "import {}.plot",
    "from {}.plot import line, pr_curve, roc_curve, CustomChart",
    "from {} import AlertLevel, Settings, Run, Config",
    "from {}.util import generate_id",
    "from {}.sdk.lib.runid import generate_id",
    "from {}.sdk.wandb_run import Run",
    "from {}.sdk.lib import RunDisabled",
    "import {}.util",
    "import {}.errors",
)
for statement in IMPORTS:
    text = statement.format(wandb.__name__) + "\nfound = True"
    see(statement.format("wandb"), lambda text=text: value_of(text))

see("__version__ has three parts", lambda: len(wandb.__version__.split(".")[:3]))
see("run before init", lambda: wandb.run)
see("AlertLevel", lambda: [level.value for level in wandb.AlertLevel])
see(
    "Error is the root",
    lambda: [issubclass(wandb.UsageError, wandb.Error), issubclass(wandb.CommError, wandb.Error)],
)

metric_run = wandb.init(project="parity")
metric = metric_run.define_metric("loss", step_metric="epoch", summary="min,max", hidden=True)
for name in "name step_metric step_sync summary hidden".split():
    see(f"Metric.{name}", lambda name=name: getattr(metric, name))
plain = metric_run.define_metric("acc")
for name in "name step_metric step_sync summary hidden".split():
    see(f"plain Metric.{name}", lambda name=name: getattr(plain, name))
see(
    "step_metric as a Metric", lambda: metric_run.define_metric("a", step_metric=plain).step_metric
)
metric_run.finish()

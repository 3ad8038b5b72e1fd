"""Config: what it may be given, how it is read, changed and refused."""
# ruff: noqa: SIM118

import argparse
import dataclasses
import enum
import json
import pickle
from pathlib import Path

import numpy as np
import wandb
from absl import app, flags  # noqa: F401  app has flags of its own
from parity_report import see


class Color(enum.Enum):
    RED = "r"


@dataclasses.dataclass
class Optimizer:
    name: str = "adam"
    lr: float = 0.1


class Plain:
    kind = "class attribute"

    def __init__(self):
        self.lr = 0.5


class Text:
    def __str__(self):
        return "a text"


def config_of(values, **more):
    """The `run.config` of a run with a config."""
    with wandb.init(project="parity", config=values, **more) as run:
        return {key: run.config[key] for key in run.config.keys()}


def changed(begin, change):
    """The `run.config` after a change."""
    with wandb.init(project="parity", config=begin) as run:
        change(run.config)
        return {key: run.config[key] for key in run.config.keys()}


Path("plain.yaml").write_text("lr:\n  desc: rate\n  value: 0.1\nn:\n  value: 3\n")
Path("version.yaml").write_text("wandb_version: 1\nlr:\n  desc: null\n  value: 0.25\n")
Path("newer.yaml").write_text("wandb_version: 2\nlr:\n  value: 0.25\n")
Path("flat.yaml").write_text("lr: 0.1\nmodel:\n  depth: 2\n")
Path("broken.yaml").write_text("lr: [1, 2\n")

# -- forms
see("dict", lambda: config_of({"lr": 0.1, "n": 3, "on": True, "name": "x", "nothing": None}))
see("none", lambda: config_of(None))
see("empty", lambda: config_of({}))
see("Namespace", lambda: config_of(argparse.Namespace(lr=0.1, layers=[1, 2])))
see("dataclass", lambda: config_of(Optimizer()))
flags.DEFINE_float("rate", 0.5, "")
flags.DEFINE_list("layers", ["a", "b"], "")
flags.FLAGS(["script", "--rate=0.25"])
see("absl flags", lambda: {k: config_of(flags.FLAGS)[k] for k in ("rate", "layers")})
see("absl flags, all names", lambda: sorted(config_of(flags.FLAGS)))
see("object with attributes", lambda: config_of(Plain()))
see("YAML file", lambda: config_of("plain.yaml"))
see("YAML file with a version", lambda: config_of("version.yaml"))
see("YAML file of a newer version", lambda: config_of("newer.yaml"))
see("YAML file of plain lines", lambda: config_of("flat.yaml"))
see("YAML file that is broken", lambda: config_of("broken.yaml"))
see("YAML file that is not there", lambda: config_of("no.yaml"))
see("a number", lambda: config_of(5))
see("a list", lambda: config_of([1, 2]))
see(
    "another run's config", lambda: config_of(wandb.init(project="parity", config={"a": 1}).config)
)
see("include", lambda: config_of({"a": 1, "b": 2}, config_include_keys=["a"]))
see("exclude", lambda: config_of({"a": 1, "b": 2}, config_exclude_keys=["a"]))
see(
    "include and exclude",
    lambda: config_of({"a": 1}, config_include_keys=["a"], config_exclude_keys=["b"]),
)

# -- values
see("nested", lambda: config_of({"model": {"depth": 2, "heads": {"n": 4}}}))
see("tuple", lambda: config_of({"a": (1, 2), "b": {"c": (3,)}}))
see("list of dicts", lambda: config_of({"a": [{"b": 1}, {"c": (2,)}]}))
see("enum", lambda: config_of({"color": Color.RED}))
see("dataclass inside", lambda: config_of({"optimizer": Optimizer()}))
see("numpy scalars", lambda: config_of({"f": np.float64(0.5), "i": np.int32(3), "b": np.bool_(1)}))
see("numpy float32", lambda: config_of({"f": np.float32(0.1)}))
see("small array", lambda: config_of({"a": np.arange(3), "z": np.array(2.5)}))
see("array of one", lambda: config_of({"a": np.array([7])}))
see("set", lambda: config_of({"a": {1}}))
see("bytes", lambda: config_of({"a": b"text"}))
see("slice", lambda: config_of({"a": slice(1, 5, 2)}))
see("path", lambda: config_of({"a": Path("data/train")}))
see("function", lambda: config_of({"a": json.dumps}))
see("class", lambda: config_of({"a": argparse.Namespace}))
see("object", lambda: config_of({"a": Text()}))
see("complex", lambda: config_of({"a": 1 + 2j}))
see("large int", lambda: config_of({"a": 2**60}))
see("not a number", lambda: config_of({"a": float("nan")}))
see("infinity", lambda: config_of({"a": float("inf")}))
see("dots in keys", lambda: config_of({"a.b": 1, "a": {"c": 2}}))
see("slashes in keys", lambda: config_of({"a/b": 1}))
see("int keys inside", lambda: config_of({"a": {1: "x", 2: "y"}}))
see("int key", lambda: config_of({1: "x"}))
see("key with dashes at its ends", lambda: config_of({"--lr": 0.1}))
see("empty dict inside", lambda: config_of({"a": {}}))
see("a leading underscore", lambda: config_of({"_a": 1, "b": 2}))
see("empty dict two deep", lambda: config_of({"a": {"b": {}, "c": 1}}))


def set_tuple_below(config):
    config["model"]["betas"] = (1, 2)


see("a tuple set below", lambda: changed({"model": {"depth": 2}}, set_tuple_below))
see("empty list inside", lambda: config_of({"a": []}))

# -- reading
run = wandb.init(project="parity", config={"lr": 0.1, "model": {"depth": 2}})
config = run.config
see("item", lambda: config["lr"])
see("attribute", lambda: config.lr)
see("nested item", lambda: config["model"]["depth"])
see("attribute of the module", lambda: wandb.config.lr)
see("item of the module", lambda: wandb.config["lr"])
see("the module's config is the run's", lambda: wandb.config is run.config)
see("item that is not there", lambda: config["no"])
see("attribute that is not there", lambda: config.no)
see("hasattr", lambda: hasattr(config, "no"))
see("getattr with a default", lambda: getattr(config, "no", 7))
see("get", lambda: config.get("lr"))
see("get of nothing", lambda: config.get("no"))
see("get with a default", lambda: config.get("no", 5))
see("in", lambda: ["lr" in config, "no" in config])
see("keys", lambda: sorted(config.keys()))
see("items", lambda: sorted(config.items()))
see("as_dict", lambda: {k: v for k, v in config.as_dict().items() if k != "_wandb"})
see("dict()", lambda: {k: v for k, v in dict(config).items() if k != "_wandb"})
see("unpacked", lambda: {k: v for k, v in {**config}.items() if k != "_wandb"})
see("iteration", lambda: sorted(key for key in config if key != "_wandb"))
see("json.dumps", lambda: json.loads(json.dumps(dict(config.items()))))
see("str holds the values", lambda: "0.1" in str(config))
see("config_static", lambda: {k: run.config_static[k] for k in ("lr", "model")})
see("config_static attribute", lambda: run.config_static.lr)
see("config_static is read-only", lambda: setattr(run.config_static, "lr", 1))
see("pickled", lambda: pickle.loads(pickle.dumps(dict(config.items()))))
run.finish()
see("after finish", lambda: run.config["lr"])
see("change after finish", lambda: run.config.update({"new": 1}))


# -- changing
def set_attribute(config):
    config.epochs = 3


def set_item(config):
    config["epochs"] = 3


def change_item(config):
    config["lr"] = 0.2


def change_attribute(config):
    config.lr = 0.2


def set_same(config):
    config["lr"] = 0.1


def set_nested(config):
    config["model"]["width"] = 8


def change_nested(config):
    config.update({"model": {"depth": 3}}, allow_val_change=True)


def delete(config):
    del config["lr"]


see("new attribute", lambda: changed({"lr": 0.1}, set_attribute))
see("new item", lambda: changed({"lr": 0.1}, set_item))
see("changed item", lambda: changed({"lr": 0.1}, change_item))
see("changed attribute", lambda: changed({"lr": 0.1}, change_attribute))
see("same value", lambda: changed({"lr": 0.1}, set_same))
see("new item of a branch", lambda: changed({"model": {"depth": 2}}, set_nested))
see("branch is replaced", lambda: changed({"model": {"depth": 2, "width": 4}}, change_nested))
see("deleted", lambda: changed({"lr": 0.1, "n": 1}, delete))
see("update", lambda: changed({"lr": 0.1}, lambda c: c.update({"n": 1, "lr": 0.1})))
see("update that changes", lambda: changed({"lr": 0.1}, lambda c: c.update({"lr": 0.2})))
see(
    "update that may change",
    lambda: changed({"lr": 0.1}, lambda c: c.update({"lr": 0.2}, allow_val_change=True)),
)
see(
    "update that may change, by place",
    lambda: changed({"lr": 0.1}, lambda c: c.update({"lr": 0.2}, True)),
)
see(
    "update that may change the kind",
    lambda: changed({"lr": 0.1}, lambda c: c.update({"lr": "x"}, allow_val_change=True)),
)
see("update by a Namespace", lambda: changed({}, lambda c: c.update(argparse.Namespace(a=1))))
see("update by a dataclass", lambda: changed({}, lambda c: c.update(Optimizer())))
see("update by a file", lambda: changed({}, lambda c: c.update("plain.yaml")))
see("update by a number", lambda: changed({}, lambda c: c.update(5)))
see("setdefaults", lambda: changed({"lr": 0.1}, lambda c: c.setdefaults({"lr": 1.0, "n": 2})))
see("a tuple set again", lambda: changed({"a": (1, 2)}, lambda c: c.update({"a": (1, 2)})))
see(
    "an array set again",
    lambda: changed({"a": np.arange(3)}, lambda c: c.update({"a": np.arange(3)})),
)
see(
    "change allowed at init",
    lambda: config_of({"lr": 0.1}, allow_val_change=True),
)


def init_allows():
    with wandb.init(project="parity", config={"lr": 0.1}, allow_val_change=True) as run:
        run.config.update({"lr": 0.2})
        return run.config["lr"]


see("change where init allowed it", init_allows)


def after_error():
    with wandb.init(project="parity", config={"lr": 0.1}) as run:
        try:
            run.config.update({"n": 1, "lr": 0.2})
        except Exception:
            pass
        return {key: run.config[key] for key in run.config.keys()}


see("nothing of a refused update is kept", after_error)

# -- defaults from a file
Path("config-defaults.yaml").write_text("lr:\n  desc: null\n  value: 0.01\nseed:\n  value: 7\n")
see("config-defaults.yaml", lambda: config_of({"n": 1}))
see("config over config-defaults.yaml", lambda: config_of({"lr": 0.5}))

"""Kinds of `config=`: each gives its items, and an error says what to give."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import os
import subprocess
import sys
import types
from collections import OrderedDict, UserDict, UserList
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pydantic
import pytest
import yaml
from absl import flags
from omegaconf import OmegaConf

from weft.errors import ConfigError, UsageError, WrongType
from weft.sdk.dicts.inputs import default_inputs, inputs_of, read_inputs


@dataclasses.dataclass
class Optimizer:
    lr: float = 0.1
    betas: tuple[float, float] = (0.9, 0.99)


@dataclasses.dataclass
class Training:
    seed: int = 1
    optimizer: Optimizer = dataclasses.field(default_factory=Optimizer)


class Model(pydantic.BaseModel, extra="allow"):
    depth: int = 2


class Struct(msgspec.Struct):
    depth: int = 2


class Defaults:
    lr = 0.1
    steps = 10
    _private = 1

    def method(self) -> None: ...

    @property
    def doubled(self) -> float:
        return self.lr * 2

    @functools.cached_property
    def later(self) -> float:
        return self.lr * 2


class Chosen(Defaults):
    steps = 20

    def __init__(self) -> None:
        self.seed = 3
        self._hidden = 4


class Describing:
    """Says itself what it is, as Transformers' configurations do."""

    def __init__(self) -> None:
        self.token = "secret"

    def to_dict(self) -> dict[str, Any]:
        return {"depth": 2}


class Empty:
    """An object of no settings at all: whoever gives it means something else."""


class Likeness:
    """Resembles a mapping, and is none."""

    def keys(self) -> list[str]:
        return ["lr"]

    def __getitem__(self, key: str) -> float:
        return {"lr": 0.1}[key]


def module_of(**names: Any) -> types.ModuleType:
    module = types.ModuleType("settings")
    vars(module).update(names)
    return module


@pytest.mark.parametrize(
    ("config", "items"),
    [
        (None, {}),
        ({"lr": 0.1}, {"lr": 0.1}),
        (OrderedDict(lr=0.1), {"lr": 0.1}),
        (UserDict({"lr": 0.1}), {"lr": 0.1}),
        (types.MappingProxyType({"lr": 0.1}), {"lr": 0.1}),
        (argparse.Namespace(lr=0.1, _private=1), {"lr": 0.1}),
        (argparse.Namespace(), {}),
        (SimpleNamespace(lr=0.1), {"lr": 0.1}),
        (Training(), {"seed": 1, "optimizer": Optimizer()}),
        (Model(depth=3, width=4), {"depth": 3, "width": 4}),
        (Struct(), {"depth": 2}),
        (Defaults, {"lr": 0.1, "steps": 10}),
        (Chosen(), {"lr": 0.1, "steps": 20, "seed": 3}),
        (Describing(), {"depth": 2}),
        (Likeness(), {"lr": 0.1}),
        (module_of(lr=0.1, _x=1, os=os, Path=Path, load=json.loads), {"lr": 0.1}),
    ],
)
def test_each_kind_gives_its_items(config: Any, items: dict[str, Any]) -> None:
    assert inputs_of(config) == items


def test_a_dict_that_is_given_is_not_the_one_that_is_kept() -> None:
    original = {"lr": 0.1}
    assert inputs_of(original) is not original


@pytest.mark.parametrize(
    "config",
    [
        3, 0.5, True, [("lr", 1)], {"lr"}, b"lr", len, lambda: 0, dict, object(), np.ones(3),
        OmegaConf.create([1, 2]), UserList([1]), Empty(),
    ],
)  # fmt: skip
def test_what_has_no_items_says_what_to_give(config: Any) -> None:
    with pytest.raises(WrongType, match=r"config can't be .*give a dict or other mapping"):
        inputs_of(config)


def test_an_object_that_raises_when_read_is_named() -> None:
    class Broken(UserDict[str, int]):
        def __getitem__(self, key: str) -> int:
            raise OSError("gone")

    with pytest.raises(ConfigError, match=r"from this Broken \(OSError: gone\): give a dict"):
        inputs_of(Broken({"lr": 1}))


# -- include and exclude ---


def test_keys_are_chosen_at_the_top_level() -> None:
    config = {"lr": 0.1, "model": {"lr": 1}, "seed": 1}
    assert inputs_of(config, include=["lr", "never"]) == {"lr": 0.1}
    assert inputs_of(config, exclude=("lr", "never")) == {"model": {"lr": 1}, "seed": 1}
    assert inputs_of(config, include=[], exclude=[]) == config
    assert inputs_of(argparse.Namespace(a=1, b=2), exclude={"a"}) == {"b": 2}


def test_include_and_exclude_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="either config_include_keys or config_exclude_keys"):
        inputs_of({}, include=["a"], exclude=["b"])


@pytest.mark.parametrize("argument", ["include", "exclude"])
def test_keys_to_choose_are_a_list_of_strings(argument: str) -> None:
    with pytest.raises(ConfigError, match=f"config_{argument}_keys must be"):
        inputs_of({}, **{argument: 5})


# -- absl ---


@pytest.fixture
def absl_flags() -> flags.FlagValues:
    values = flags.FlagValues()
    flags.DEFINE_float("lr", 0.1, "rate", short_name="l", flag_values=values)
    flags.DEFINE_enum("opt", "adam", ["adam", "sgd"], "which", flag_values=values)
    flags.DEFINE_multi_integer("sizes", [1, 2], "sizes", flag_values=values)
    return values


def test_absl_flags_give_their_values(absl_flags: flags.FlagValues) -> None:
    absl_flags(["train.py", "--lr=0.5"])
    assert inputs_of(absl_flags) == {"lr": 0.5, "opt": "adam", "sizes": [1, 2]}


def test_absl_flags_that_are_not_parsed_give_their_defaults(absl_flags: flags.FlagValues) -> None:
    assert inputs_of(absl_flags)["lr"] == 0.1


def test_flags_that_absl_has_itself_are_no_inputs() -> None:
    from absl import logging

    assert logging.INFO == 0
    flags.DEFINE_integer("weft_test_seed", 7, "seed")
    try:
        inputs = inputs_of(flags.FLAGS)
        assert inputs["weft_test_seed"] == 7
        assert "verbosity" in flags.FLAGS
        assert not {"verbosity", "v", "logtostderr", "pdb"} & inputs.keys()
        assert inputs_of(flags) == inputs  # the module
    finally:
        delattr(flags.FLAGS, "weft_test_seed")


# -- files ---


def written(folder: Path, text: str, name: str = "config.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_yaml_file_gives_its_items(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "lr: 1e-4\nbig: 1E5\nplain: 0.5\nn: 10\nhex: 0x10\nname: 1e-4x\nmodel: {depth: 2}\n"
        "layers: [1, 2]\nnone:\nflag: true\ntext: 'é'\n",
    )
    expected = {
        "lr": 1e-4, "big": 1e5, "plain": 0.5, "n": 10, "hex": 16, "name": "1e-4x",
        "model": {"depth": 2}, "layers": [1, 2], "none": None, "flag": True, "text": "é",
    }  # fmt: skip
    assert inputs_of(path) == expected
    assert inputs_of(Path(path)) == expected
    assert yaml.safe_load("x: 1e-4") == {"x": "1e-4"}, "others' YAML is left as it is"


def test_a_json_file_gives_its_items(tmp_path: Path) -> None:
    text = json.dumps({"lr": 1e-4, "model": {"depth": 2}}, indent="\t")
    assert inputs_of(written(tmp_path, text, "config.json")) == {"lr": 1e-4, "model": {"depth": 2}}


def test_the_official_client_s_file_gives_its_values(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "wandb_version: 1\n\n_wandb:\n  desc: null\n  value: {cli_version: 0.28}\n"
        "lr:\n  desc: rate\n  value: 0.1\nmodel:\n  value:\n    value: 3\nbare: 5\n",
    )
    assert inputs_of(path) == {"lr": 0.1, "model": {"value": 3}, "bare": 5}
    unversioned = written(tmp_path, "lr:\n  value: 0.1\nseed:\n  desc: null\n  value: 1\n")
    assert inputs_of(unversioned) == {"lr": 0.1, "seed": 1}


def test_a_dict_of_one_s_own_with_a_value_key_is_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "lr:\n  value: 0.1\n  unit: none\nseed:\n  value: 1\n")
    assert inputs_of(path) == {"lr": {"value": 0.1, "unit": "none"}, "seed": {"value": 1}}


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}"])
def test_a_file_without_items_gives_none(tmp_path: Path, text: str) -> None:
    assert inputs_of(written(tmp_path, text)) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1\n- 2\n", "holds list, not names with values"),
        ("just text", "holds str, not names with values"),
        ("a: [1\nb: 2", "is not valid YAML"),
        ("a: !!python/object:os.system {}", "is not valid YAML"),
        ("wandb_version: 2\na: 1", "wandb_version 2; only 1 is known"),
    ],
)
def test_a_file_that_is_no_config_says_why(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as raised:
        inputs_of(path)
    assert repr(path) in str(raised.value)


def test_a_file_that_can_not_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'no\.yaml' is not there \(looked in .*\): give"):
        inputs_of("no.yaml")
    with pytest.raises(ConfigError, match="is a folder"):
        inputs_of(tmp_path)
    binary = tmp_path / "config.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="no text in UTF-8"):
        inputs_of(binary)
    with pytest.raises(ConfigError, match="can't be read"):
        inputs_of("nul\0byte.yaml")
    with pytest.raises(ConfigError, match="is not valid YAML"):
        inputs_of(written(tmp_path, "{", "config.json"))


def test_files_of_defaults_are_read_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_inputs() == {}
    written(
        tmp_path, "lr:\n  desc: rate\n  value: 0.1\nseed:\n  value: 1\n", "config-defaults.yaml"
    )
    more = [written(tmp_path, "seed: 2\na: 1", "b.yaml"), written(tmp_path, "a: 2", "c.yaml")]
    assert default_inputs() == {"lr": 0.1, "seed": 1}
    assert default_inputs(more) == {"lr": 0.1, "seed": 2, "a": 2}
    with pytest.raises(ConfigError, match="is not there"):
        default_inputs(["missing.yaml"])


def test_a_dict_costs_no_import() -> None:
    code = (
        "import sys; before = set(sys.modules); from weft.sdk.dicts.inputs import inputs_of; "
        "inputs_of({'lr': 0.1}, exclude=['a']); "
        "print({'yaml', 'dataclasses', 'argparse', 'numpy'} & (set(sys.modules) - before))"
    )
    assert subprocess.check_output([sys.executable, "-c", code]) == b"set()\n"


def test_read_inputs_is_what_a_path_means(tmp_path: Path) -> None:
    path = written(tmp_path, "lr: 0.1")
    assert read_inputs(path) == inputs_of(path) == {"lr": 0.1}

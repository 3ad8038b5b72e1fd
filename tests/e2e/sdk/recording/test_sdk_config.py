"""`config` in scripts of their own against a real server: every kind of it comes back as given."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import yaml

import weft
from at_length import at_length
from sdk_script import Script, latest_run, run_script, run_well

pytestmark = pytest.mark.timeout(300)


def config_of(api: weft.Api, run_id: str) -> dict[str, Any]:
    return api.run(f"local/tests/{run_id}").config


def warnings_in(script: Script) -> list[str]:
    return [line for line in script.stderr.splitlines() if "WARNING" in line]


# -- what `config=` may be ---


def test_a_dict_comes_back_in_kind_and_value(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_well(
        tmp_path,
        """
        import datetime, enum, math, pathlib, weft
        import dataclasses
        import numpy as np

        class Color(enum.Enum):
            RED = 3

        class Level(enum.IntEnum):
            HIGH = 3

        @dataclasses.dataclass
        class Optimizer:
            lr: float = 0.1
            betas: tuple = (0.9, 0.99)

        weft.init(id="kinds", config={
            "int": 5, "float": 5.0, "bool": True, "none": None, "text": "é", "big": 2**70,
            "tiny": 1e-300, "nan": math.nan, "inf": math.inf,
            "list": [1, "a", [2.5]], "tuple": (1, 2), "set": {3, 1, 2}, "empty": {},
            "nested": {"a": {"b": {"c": 1}}, "with.dot": 2},
            "enum": Color.RED, "int enum": Level.HIGH,
            "np": {"i": np.int64(7), "f": np.float32(0.5), "b": np.bool_(True),
                   "s": np.str_("x"), "zero-d": np.array(3), "list": np.arange(40)},
            "dataclass": Optimizer(), "dataclasses": [Optimizer()],
            "path": pathlib.Path("/data/x"), "date": datetime.date(2026, 1, 2),
            "time": datetime.datetime(2026, 1, 2, 3, tzinfo=datetime.timezone.utc),
            "function": math.sqrt, "class": dict, 7: "seven",
        })
        """,
        environment,
    )
    config = config_of(api, "kinds")
    nan = config.pop("nan")
    assert math.isnan(nan)
    optimizer = {"lr": 0.1, "betas": [0.9, 0.99]}
    expected = {
        "int": 5, "float": 5.0, "bool": True, "none": None, "text": "é", "big": 2**70,
        "tiny": 1e-300, "inf": math.inf, "list": [1, "a", [2.5]], "tuple": [1, 2],
        "set": [1, 2, 3], "empty": {}, "nested": {"a": {"b": {"c": 1}}, "with.dot": 2},
        "enum": "RED", "int enum": 3,
        "np": {"i": 7, "f": 0.5, "b": True, "s": "x", "zero-d": 3, "list": [*range(40)]},
        "dataclass": optimizer, "dataclasses": [optimizer], "path": "/data/x",
        "date": "2026-01-02", "time": "2026-01-02T03:00:00+00:00", "function": "math.sqrt",
        "class": "builtins.dict", "7": "seven",
    }  # fmt: skip
    assert config == expected
    assert {key: type(value) for key, value in config.items()} == {
        key: type(value) for key, value in expected.items()
    }
    assert warnings_in(script) == [], script.stderr
    written = yaml.safe_load((latest_run(tmp_path) / "files" / "config.yaml").read_text())
    assert math.isnan(written.pop("nan"))
    assert written == expected


def test_what_can_not_be_kept_becomes_its_repr_with_one_warning(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_well(
        tmp_path,
        """
        import weft
        import numpy as np

        class Tokenizer:
            def __repr__(self):
                return "Tokenizer(size=3)"

        run = weft.init(id="reprs", config={
            "tokenizer": Tokenizer(), "bytes": b"\\xff", "z": 1j, "weights": np.zeros(2000),
            "deep": {"tokenizer": [Tokenizer()]}, "lr": 0.1,
        })
        run.config.update({"tokenizer": Tokenizer()}, allow_val_change=True)
        assert run.config.tokenizer == "Tokenizer(size=3)"
        """,
        environment,
    )
    config = config_of(api, "reprs")
    assert config.pop("weights").startswith("array([0., 0., 0.")
    assert config == {
        "tokenizer": "Tokenizer(size=3)", "bytes": "b'\\xff'", "z": "1j",
        "deep": {"tokenizer": ["Tokenizer(size=3)"]}, "lr": 0.1,
    }  # fmt: skip
    keys = [line.split("'")[1] for line in warnings_in(script)]
    assert sorted(keys) == ["bytes", "deep.tokenizer", "tokenizer", "weights", "z"]
    assert all("kept as text" in line for line in warnings_in(script))


def test_argparse_absl_dataclass_omegaconf_and_pydantic_give_their_items(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_well(
        tmp_path,
        """
        import argparse, dataclasses
        import pydantic, weft
        from absl import flags
        from omegaconf import OmegaConf

        parser = argparse.ArgumentParser()
        parser.add_argument("--batch-size", type=int, default=8)
        parser.add_argument("--names", nargs="*")
        args = parser.parse_args(["--names", "a", "b"])
        weft.init(id="argparse", config=args).finish()

        flags.DEFINE_float("lr", 0.1, "rate")
        flags.DEFINE_list("sizes", ["1"], "sizes")
        flags.FLAGS(["train.py", "--lr=0.5", "--sizes=2,3"])
        weft.init(id="absl", config=flags.FLAGS).finish()

        @dataclasses.dataclass
        class Model:
            depth: int = 2

        @dataclasses.dataclass
        class Training:
            seed: int = 1
            model: Model = dataclasses.field(default_factory=Model)

        weft.init(id="dataclass", config=Training(seed=3)).finish()

        conf = OmegaConf.create({"lr": 0.1, "warm": "${lr}", "unset": "???",
                                 "model": {"depth": 2, "lr": "${..lr}", "layers": [1, "${lr}"]}})
        weft.init(id="omegaconf", config=conf).finish()

        class Settings(pydantic.BaseModel):
            lr: float = 0.1
            model: Model = Model()

        weft.init(id="pydantic", config=Settings()).finish()

        class Hyper:
            lr = 0.1
            layers = [1, 2]

        weft.init(id="class", config=Hyper).finish()
        """,
        environment,
    )
    assert config_of(api, "argparse") == {"batch_size": 8, "names": ["a", "b"]}
    assert config_of(api, "absl") == {"lr": 0.5, "sizes": ["2", "3"]}
    assert config_of(api, "dataclass") == {"seed": 3, "model": {"depth": 2}}
    assert config_of(api, "omegaconf") == {
        "lr": 0.1, "warm": 0.1, "unset": "???",
        "model": {"depth": 2, "lr": 0.1, "layers": [1, 0.1]},
    }  # fmt: skip
    assert config_of(api, "pydantic") == {"lr": 0.1, "model": {"depth": 2}}
    assert config_of(api, "class") == {"lr": 0.1, "layers": [1, 2]}
    (warning,) = warnings_in(script)
    assert "'unset' has no value yet" in warning


def test_a_yaml_file_gives_the_config_and_the_official_client_s_format_is_known(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    (tmp_path / "train.yaml").write_text("lr: 1e-4\nmodel:\n  depth: 2\nlayers: [1, 2]\n")
    (tmp_path / "official.yaml").write_text(
        "wandb_version: 1\n\nlr:\n  desc: the rate\n  value: 0.5\nmodel:\n  value:\n    depth: 3\n"
    )
    run_well(
        tmp_path,
        """
        import pathlib, weft
        weft.init(id="yaml", config="train.yaml").finish()
        weft.init(id="official", config=pathlib.Path("official.yaml")).finish()
        """,
        environment,
    )
    assert config_of(api, "yaml") == {"lr": 1e-4, "model": {"depth": 2}, "layers": [1, 2]}
    assert config_of(api, "official") == {"lr": 0.5, "model": {"depth": 3}}


def test_files_of_defaults_lie_under_what_init_is_given(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    (tmp_path / "config-defaults.yaml").write_text("lr:\n  value: 0.1\nseed:\n  value: 1\n")
    (tmp_path / "site.yaml").write_text("seed: 2\nhost: a\n")
    run_well(
        tmp_path,
        "import weft\nweft.init(id='defaults', config={'lr': 0.5})",
        {**environment, "WANDB_CONFIG_PATHS": "site.yaml"},
    )
    assert config_of(api, "defaults") == {"lr": 0.5, "seed": 2, "host": "a"}


def test_keys_are_included_and_excluded(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import argparse, weft
        args = argparse.Namespace(lr=0.1, seed=1, token="x")
        weft.init(id="included", config=args, config_include_keys=["lr"]).finish()
        weft.init(id="excluded", config=args, config_exclude_keys=["token"]).finish()
        """,
        environment,
    )
    assert config_of(api, "included") == {"lr": 0.1}
    assert config_of(api, "excluded") == {"lr": 0.1, "seed": 1}


# -- changes ---


def test_items_are_read_and_changed_as_items_and_attributes(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import argparse, copy, json, pickle, weft
        run = weft.init(id="changes", config={"lr": 0.1, "model": {"depth": 2}, "gone": 1})
        config = run.config
        assert dict(weft.config) == dict(config)
        assert (config.lr, config["lr"], config.model.depth) == (0.1, 0.1, 2)
        assert config.get("never") is None and "lr" in config
        assert sorted(config.keys()) == ["gone", "lr", "model"] == sorted(dict(config.items()))
        config.seed = 7
        config["model"]["width"] = 64
        config.model.heads = (1, 2)
        config.update(argparse.Namespace(steps=10))
        config.setdefaults({"lr": 5, "extra": None})
        config.update({"lr": 0.2}, allow_val_change=True)
        del config["gone"]
        weft.config.update({"late": True})
        for refused in (lambda: config.update({"lr": 0.3}), lambda: setattr(config, "lr", 0.3)):
            try:
                refused()
            except weft.errors.ConfigError as error:
                assert "allow_val_change=True" in str(error)
            else:
                raise AssertionError("a value was changed silently")
        assert json.loads(json.dumps(config)) == config.as_dict() == dict(**config)
        assert isinstance(config, dict)
        assert pickle.loads(pickle.dumps(config)).model.depth == 2
        assert copy.deepcopy(config).model.depth == 2
        """,
        environment,
    )
    assert config_of(api, "changes") == {
        "lr": 0.2, "model": {"depth": 2, "width": 64, "heads": [1, 2]}, "seed": 7, "steps": 10,
        "extra": None, "late": True,
    }  # fmt: skip


def test_init_may_allow_changes(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        run = weft.init(id="allowed", config={"lr": 0.1}, allow_val_change=True)
        run.config.lr = 0.2
        run.config.update({"lr": 0.3})
        """,
        environment,
    )
    assert config_of(api, "allowed") == {"lr": 0.3}


def test_what_a_sweep_has_set_stays(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_well(
        tmp_path,
        """
        import weft
        run = weft.init(id="locked", config={"lr": 0.1, "seed": 1})
        run.config.update_locked({"lr": 0.5, "model": {"depth": 8}})
        run.config.lr = 0.1
        run.config.update({"lr": 0.2, "seed": 2}, allow_val_change=True)
        run.config.model.depth = 1
        assert run.config.lr == 0.5
        """,
        environment,
    )
    assert config_of(api, "locked") == {"lr": 0.5, "model": {"depth": 8}, "seed": 2}
    lines = warnings_in(script)
    assert [line.split("'")[1] for line in lines] == ["lr", "model.depth"]
    assert all("was set by the sweep; the change was ignored" in line for line in lines)


# -- bad input ---


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("config=3", "config can't be int 3: give a dict or other mapping"),
        ("config=[('lr', 1)]", "config can't be list [('lr', 1)]: give a dict"),
        ("config='no.yaml'", "config file 'no.yaml' is not there"),
        ("config='.'", "config file '.' is a folder"),
        ("config='list.yaml'", "config file 'list.yaml' holds list"),
        ("config='broken.yaml'", "config file 'broken.yaml' is not valid YAML"),
        (
            "config={}, config_include_keys=['a'], config_exclude_keys=['b']",
            "either config_include_keys or config_exclude_keys, not both",
        ),
    ],
)
def test_a_config_that_is_none_raises_at_the_call(
    tmp_path: Path, arguments: str, says: str
) -> None:
    (tmp_path / "list.yaml").write_text("- 1\n")
    (tmp_path / "broken.yaml").write_text("a: [1\n")
    script = run_script(
        tmp_path,
        f"""
        import json, weft
        try:
            weft.init({arguments})
        except weft.errors.WeftError as error:
            print(json.dumps([type(error).__name__, str(error), weft.run is None]))
        """,
    )
    assert script.exit_code == 0, script.stderr
    kind, sentence, no_run = json.loads(script.stdout)
    assert kind in {"WrongType", "ConfigError", "UsageError"}
    assert says in sentence
    assert no_run
    assert not (tmp_path / "weft").exists(), "a refused init leaves nothing behind"


@at_length
def test_strict_raises_what_would_be_a_warning(tmp_path: Path) -> None:
    script = run_script(tmp_path, "import weft\nweft.init(config={'x': object()}, strict=True)")
    assert script.exit_code == 1
    assert "'x' is of type object" in script.stderr

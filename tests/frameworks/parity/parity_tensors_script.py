"""Values of PyTorch and JAX, in rows and in the config."""
# ruff: noqa: SIM118

import io

import jax.numpy as jnp
import torch
import wandb
from parity_report import rows, see


def rows_of(*written):
    run = wandb.init(project="parity")
    for row in written:
        run.log(row)
    directory = run.sync_dir
    run.finish()
    return rows(directory)


def config_of(**values):
    with wandb.init(project="parity", config=values) as run:
        return {key: run.config[key] for key in run.config.keys()}


SCALARS = {
    "float": torch.tensor(0.5),
    "double": torch.tensor(0.25, dtype=torch.float64),
    "int": torch.tensor(3),
    "bool": torch.tensor(True),
    "half": torch.tensor(0.5, dtype=torch.float16),
    "with grad": torch.tensor(0.5, requires_grad=True),
    "a loss": (torch.ones(2, requires_grad=True) * 2).sum(),
    "bfloat16": torch.tensor(0.5, dtype=torch.bfloat16),
    "jax float": jnp.float32(0.5),
    "jax array": jnp.array(0.25),
    "jax int": jnp.array(3),
    "jax bool": jnp.array(True),
}
for name, value in SCALARS.items():
    see(f"row: {name}", lambda value=value: rows_of({"a": value}), kinds=False)
    see(f"config: {name}", lambda value=value: config_of(a=value), kinds=False)

ARRAYS = {
    "one element": torch.ones(1),
    "small": torch.arange(3.0),
    "two axes": torch.arange(4).reshape(2, 2),
    "small with grad": torch.ones(3, requires_grad=True),
    "large": torch.arange(100.0),
    "jax small": jnp.arange(3),
    "jax one": jnp.ones(1),
}
for name, value in ARRAYS.items():
    see(f"row: {name}", lambda value=value: rows_of({"a": value}), kinds=False)
for name in ("small", "two axes", "jax small"):
    see(f"config: {name}", lambda name=name: config_of(a=ARRAYS[name]), kinds=False)
see(
    "row: list of tensors",
    lambda: rows_of({"a": [torch.tensor(1.5), torch.tensor(2)]}),
    kinds=False,
)
see("row: nested tensors", lambda: rows_of({"a": {"b": torch.tensor(1.5)}}), kinds=False)
see("row: NaN", lambda: rows_of({"a": torch.tensor(float("nan"))}), kinds=False)
see("row: device text", lambda: rows_of({"a": str(torch.device("cpu"))}), kinds=False)
see("config: dtype", lambda: config_of(a=torch.float32))
see("config: device", lambda: config_of(a=torch.device("cpu")))


def summary_of(value):
    with wandb.init(project="parity") as run:
        run.summary["a"] = value
        return run.summary["a"]


see("summary: tensor", lambda: summary_of(torch.tensor(0.5)), kinds=False)
see("summary: jax", lambda: summary_of(jnp.array(2)), kinds=False)


def from_checkpoint(take):
    """A config, or a part of it, that was loaded from a checkpoint; without trust."""
    with wandb.init(project="parity", config={"model": {"depth": 2, "head": {"n": 4}}}) as run:
        file = io.BytesIO()
        torch.save({"config": take(run.config)}, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


see("checkpoint: all items", lambda: from_checkpoint(lambda config: dict(config.items())))
see("checkpoint: a branch", lambda: from_checkpoint(lambda config: config["model"]))

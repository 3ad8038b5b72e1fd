"""watch() and unwatch(): which rows get which histograms, and what is refused."""

import inspect
import re
from collections import OrderedDict

import torch
import wandb
from parity_report import rows, see
from torch import nn


def model():
    torch.manual_seed(0)
    layers = {"first": nn.Linear(3, 4), "middle": nn.ReLU(), "last": nn.Linear(4, 2)}
    return nn.Sequential(OrderedDict(layers))


def train(run, *models, n_steps=3, steps=None):
    """Train without an optimizer: each backward pass is a step."""
    for step in range(n_steps):
        for model in models:
            model.zero_grad()
            model(torch.full((5, 3), 0.5)).square().sum().backward()
        run.log({"loss": step}, **({} if steps is None else {"step": steps[step]}))


def counted(row):
    """The number of values in each histogram of a row.

    The official client numbers the models of all runs of a process; here, a run's first is 0.
    """
    numbers = [int(match[1]) for name in row if (match := re.search(r"/graph_(\d+)", name))]
    is_first = not any(name.startswith(("gradients/first", "parameters/first")) for name in row)
    first = min(numbers, default=0) if is_first else 0

    def plain(name):
        return re.sub(r"/graph_(\d+)/?", lambda n: f"/{int(n[1]) - first or ''}", name)

    return {
        plain(name): sum(value["values"]) if isinstance(value, dict) else value
        for name, value in row.items()
    }


def rows_of(use, **settings):
    run = wandb.init(project="parity", **settings)
    use(run)
    directory = run.sync_dir
    run.finish()
    return [counted(row) for row in rows(directory)]


def see_rows(name, use):
    see(name, lambda: rows_of(use), kinds=False)


def watched(*models, n_steps=3, **options):
    def use(run):
        for model in models:
            run.watch(model, **options)
        train(run, *models, n_steps=n_steps)

    return use


for name in "models criterion log log_freq idx log_graph".split():  # noqa: SIM905
    see(
        f"watch({name})",
        lambda name=name: inspect.signature(wandb.Run.watch).parameters[name].default is None,
    )
see("watch in this order", lambda: [*inspect.signature(wandb.Run.watch).parameters][:6])
see("default of log", lambda: inspect.signature(wandb.Run.watch).parameters["log"].default)
see(
    "default of log_freq",
    lambda: inspect.signature(wandb.Run.watch).parameters["log_freq"].default,
)

see_rows("gradients", watched(model(), log_freq=1))
see_rows("parameters", watched(model(), log="parameters", log_freq=1))
see_rows("all", watched(model(), log="all", log_freq=1))
see_rows("nothing", watched(model(), log=None, log_freq=1))
see_rows("frequency of 0", watched(model(), log_freq=0))
see_rows("a list", lambda run: (run.watch([net := model()], log_freq=1), train(run, net)))
see_rows("with a criterion", watched(model(), criterion=nn.MSELoss(), log_freq=1))
see_rows("the default frequency", watched(model()))
see_rows("two models", watched(model(), model(), log_freq=1))


def frozen(run):
    net = model()
    net.first.weight.requires_grad = False
    run.watch(net, log="all", log_freq=1)
    train(run, net)


def unwatched(run):
    net = model()
    run.watch(net, log_freq=1)
    train(run, net)
    run.unwatch(net)
    train(run, net)


def explicit_steps(run):
    net = model()
    run.watch(net, log_freq=1)
    train(run, net, steps=[0, 5, 9])


def nonfinite(run):
    net = model()
    net.first.bias.register_hook(lambda _: torch.full((4,), float("nan")))
    run.watch(net, log_freq=1)
    train(run, net)


def twice(run):
    net = model()
    run.watch(net, log_freq=1)
    run.watch(net, log_freq=1)
    train(run, net)


see_rows("a frozen parameter", frozen)
see_rows("unwatch", unwatched)
see_rows("explicit steps", explicit_steps)
see_rows("only NaN", nonfinite)
see_rows("the same model twice", twice)
see("before init", lambda: wandb.watch(model()))
see("unwatch before init", lambda: wandb.unwatch(model()))

run = wandb.init(project="parity")
see("a number", lambda: run.watch(3))
see("a model and a number", lambda: run.watch([model(), 3]))
see("no models", lambda: run.watch([]))
see("log of another text", lambda: run.watch(model(), log="weights"))
see("log of a list", lambda: run.watch(model(), log=["gradients"]))
see("unwatch what was not watched", lambda: run.unwatch(model()))
see("unwatch all", lambda: run.unwatch())
run.finish()
see("watch after finish", lambda: run.watch(model()))
disabled = wandb.init(mode="disabled")
see("disabled", lambda: disabled.watch(model(), log="all"))
see("unwatch, disabled", lambda: disabled.unwatch())
disabled.finish()

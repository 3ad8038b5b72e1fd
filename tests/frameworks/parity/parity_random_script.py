"""Random calls: the rows, summaries and configs of runs that nobody thought of."""
# ruff: noqa: SIM118

import random

import wandb
from parity_report import described, rows, see

N_RUNS = 100
KEYS = ("a", "b", "epoch", "nested", "val/x", "val/y")
KINDS = ("min", "max", "mean", "last", "first", "none", "min,max", "last,mean")


def random_log(run, chance, in_row):
    """One call of log(), without what the two are known to do differently.

    Steps never descend, and no metric is logged twice in one row.

    Args:
        in_row: what the open row has; changed.
    """
    step = run.step
    arguments = {}
    if chance.random() < 0.4:
        arguments["step"] = step + chance.choice((0, 0, 1, 3))
    if chance.random() < 0.4:
        arguments["commit"] = chance.random() < 0.5
    if arguments.get("step", step) != step:
        in_row.clear()
    free = [key for key in KEYS if key not in in_row]
    chosen = chance.sample(free, chance.randint(0, len(free)))
    in_row.update(chosen)
    row = {key: chance.choice((chance.randint(-5, 5), chance.random())) for key in chosen}
    if "nested" in row:
        row["nested"] = {"n": row["nested"]}
    run.log(row, **arguments)
    if run.step != arguments.get("step", step):
        in_row.clear()


def random_definition(run, chance):
    name = chance.choice(("a", "b", "epoch", "val/x", "val/*"))
    arguments = {}
    if chance.random() < 0.6:
        arguments["summary"] = chance.choice(KINDS)
    if chance.random() < 0.2:
        arguments["hidden"] = True
    if chance.random() < 0.2:
        arguments["overwrite"] = chance.random() < 0.5
    if chance.random() < 0.4 and name != "epoch":
        arguments["step_metric"] = "epoch"
        if chance.random() < 0.3:
            # Without `overwrite` a False says nothing there.
            arguments.update(step_sync=chance.random() < 0.5, overwrite=True)
    run.define_metric(name, **arguments)


def plain(value):
    """A summary by joined names, so that nested ones are the same of both."""
    if not hasattr(value, "keys"):
        return value
    joined = {}
    for name in value.keys():
        inner = plain(value[name])
        if isinstance(inner, dict):
            joined.update({f"{name}.{below}": item for below, item in inner.items()})
        elif name not in {"_timestamp", "_runtime", "_step", "_wandb"}:
            joined[name] = round(inner, 9) if isinstance(inner, float) else inner
    return joined


def one_run(seed):
    chance = random.Random(seed)
    run = wandb.init(project="parity")
    in_row = set()
    run.log({"epoch": 0})  # a step metric that was never logged is a stated difference
    for _ in range(chance.choice((0, 0, 1, 3))):
        random_definition(run, chance)
    for _ in range(chance.randint(1, 12)):
        random_log(run, chance, in_row)
    run.log({"last": 1.0}, commit=True)  # what is still open shows at once in one of them only
    summary, step, directory = plain(run.summary), run.step, run.sync_dir
    run.finish()
    return {"summary": summary, "step": step, "rows": rows(directory)}


# -- the config
NAMES = ("a", "b", "c")


def random_value(chance, depth=0):
    if depth < 2 and chance.random() < 0.3:
        names = chance.sample(NAMES, chance.randint(1, 2))
        return {name: random_value(chance, depth + 1) for name in names}
    return chance.choice((1, 2, 0.5, True, None, "x", [1, 2]))


def random_edit(config, chance):
    """One change of a config; hands back what became of it."""
    name, value = chance.choice(NAMES), random_value(chance)
    values = {key: random_value(chance) for key in chance.sample(NAMES, chance.randint(0, 3))}
    edits = (
        lambda: config.__setitem__(name, value),
        lambda: setattr(config, name, value),
        lambda: config.update(values),
        lambda: config.update(values, allow_val_change=True),
        lambda: config.setdefaults(values),
        lambda: config.get(name, 7),
        lambda: config[name],
        lambda: name in config,
        lambda: config[name].__setitem__("a", value) if name in config else None,
        lambda: {key: item for key, item in config.items() if key == name},
    )
    try:
        return described(chance.choice(edits)())
    except wandb.Error:
        return "refused"
    except (TypeError, KeyError) as error:  # an item of a number, of a list, of nothing
        return type(error).__name__


def one_config(seed):
    chance = random.Random(seed)
    with wandb.init(project="parity", config={"a": random_value(chance)}) as run:
        seen = [random_edit(run.config, chance) for _ in range(15)]
        return [seen, {key: run.config[key] for key in run.config.keys()}]


# -- the summary
LOGGED, SET = ("loss", "acc", "val/loss"), ("best", "note", "parts")


def random_summary_edit(run, chance):
    """One change of a summary: a metric is either logged or set by the script, as a rule."""
    summary = run.summary
    logged, own = chance.choice(LOGGED), chance.choice(SET)
    number = chance.choice((1, 2.5, -3))
    value = chance.choice((number, "text", {"a": number, "b": {"c": "x"}}, [1, 2]))
    edits = (
        lambda: run.log({logged: number}),
        lambda: run.log(dict.fromkeys(LOGGED, number)),
        lambda: summary.__setitem__(own, value),
        lambda: setattr(summary, own, value),
        lambda: summary.update({own: value, "also": number}),
        lambda: summary.__delitem__(own),
        lambda: summary.__delitem__(logged),
        lambda: delattr(summary, own),
        lambda: plain(summary.get(own, 7)),
        lambda: plain(summary[logged]),
        lambda: sorted(name for name in summary.keys() if name[0] != "_"),
    )
    try:
        return described(chance.choice(edits)(), kinds=False)
    except KeyError:
        return "no such value"


def one_summary(seed):
    chance = random.Random(seed)
    with wandb.init(project="parity") as run:
        return [[random_summary_edit(run, chance) for _ in range(15)], plain(run.summary)]


for seed in range(N_RUNS):
    see(f"summary {seed}", lambda seed=seed: one_summary(seed), kinds=False)
for seed in range(N_RUNS):
    see(f"config {seed}", lambda seed=seed: one_config(seed))
for seed in range(N_RUNS):
    see(f"run {seed}", lambda seed=seed: one_run(seed), kinds=False)

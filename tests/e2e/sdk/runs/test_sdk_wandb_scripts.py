"""Scripts that were written for W&B, in the shapes that trainers and libraries have: unchanged.

Each is a script of its own that differs from one for W&B in its import alone; what it logged is
read back from a real server. The shapes: a plain loop, a library's callback or logger object,
reinforcement learning, cross-validation, a checkpoint's resume, ranks, annotations.
"""

from __future__ import annotations

import math
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from at_length import at_length
from live_runs import LiveServer
from sdk_script import Script, run_script

pytestmark = pytest.mark.timeout(300)


def run_well(folder: Path, live: LiveServer, code: str, **variables: str) -> Script:
    """Run a script with W&B's variables only; it has to end well and without a warning."""
    environment = {"WANDB_BASE_URL": live.url, "WEFT_MODE": "online", **variables}
    script = run_script(folder, code, environment)
    assert script.exit_code == 0, script.stderr
    warnings = [line for line in script.stderr.splitlines() if "WARNING" in line]
    assert [line for line in warnings if "save_code has no effect yet" not in line] == []
    return script


def the_runs(live: LiveServer, project: str) -> list[Any]:
    """The project's runs, the first one first."""
    return list(live.api.runs(f"local/{project}"))


def column(run: Any, key: str) -> list[Any]:
    return [row[key] for row in run.scan_history() if key in row]


def test_a_plain_training_loop(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        live,
        """
        import numpy as np
        import weft as wandb

        wandb_log, wandb_project, wandb_run_name = True, "plain-loop", "gpt2-124M"
        batch_size, learning_rate, compile, dtype = 12, 6e-4, True, "bfloat16"
        config_keys = [
            name for name, value in globals().items()
            if not name.startswith("_") and isinstance(value, (int, float, bool, str))
        ]
        config = {name: globals()[name] for name in config_keys}
        if wandb_log:
            wandb.init(project=wandb_project, name=wandb_run_name, config=config)
        running_mfu = -1.0
        for iter_num in range(0, 30, 10):
            losses = {"train": np.float32(3 - iter_num / 10), "val": np.float32(3.5)}
            if wandb_log:
                wandb.log({
                    "iter": iter_num,
                    "train/loss": losses["train"],
                    "val/loss": losses["val"],
                    "lr": learning_rate,
                    "mfu": running_mfu * 100,
                })
        """,
    )
    (run,) = the_runs(live, "plain-loop")
    assert (run.name, run.state) == ("gpt2-124M", "finished")
    assert (run.config["learning_rate"], run.config["compile"]) == (6e-4, True)
    assert column(run, "train/loss") == [3.0, 2.0, 1.0]
    assert column(run, "iter") == [0, 10, 20]
    assert column(run, "_step") == [0, 1, 2]
    assert run.summary["mfu"] == -100.0


@at_length
def test_a_trainers_callback(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        live,
        """
        import os
        import weft as wandb

        class Callback:
            def __init__(self):
                self._wandb = wandb
                self._initialized = False

            def setup(self, args, model_config):
                combined = {**model_config, **args}
                if self._wandb.run is None:
                    self._wandb.init(
                        project=os.getenv("WANDB_PROJECT", "huggingface"), name="bert-run"
                    )
                self._wandb.config.update(combined, allow_val_change=True)
                if getattr(self._wandb, "define_metric", None):
                    self._wandb.define_metric("train/global_step")
                    self._wandb.define_metric(
                        "*", step_metric="train/global_step", step_sync=True
                    )
                self._wandb.run._label(code="a_trainer")
                self._wandb.config["model/num_parameters"] = 110_000_000
                self._initialized = True

            def on_log(self, step, logs):
                single = ("train_runtime", "train_loss")
                for name in [name for name in logs if name in single]:
                    self._wandb.run.summary[name] = logs[name]
                rest = {k: v for k, v in logs.items() if k not in single}
                self._wandb.log({**rest, "train/global_step": step})

        callback = Callback()
        callback.setup(
            {"learning_rate": 5e-5, "warmup_steps": 0, "fp16": False, "logging_dir": None},
            {"architectures": ["BertModel"], "id2label": {0: "no", 1: "yes"}, "_name": "bert"},
        )
        callback.setup({"learning_rate": 3e-5}, {})
        for step in (500, 1000):
            callback.on_log(step, {"train/loss": 1000 / step, "train/epoch": step / 500})
            wandb.log({"eval/accuracy": step / 2000})
        callback.on_log(1000, {"train_runtime": 12.5, "train_loss": 1.5})
        wandb.finish()
        assert wandb.run is None
        """,
        WANDB_PROJECT="a-trainer",
        WANDB_LOG_MODEL="false",
        WANDB_WATCH="false",
    )
    (run,) = the_runs(live, "a-trainer")
    assert run.config["learning_rate"] == 3e-5
    assert run.config["id2label"] == {"0": "no", "1": "yes"}
    assert run.config["model/num_parameters"] == 110_000_000
    assert column(run, "train/loss") == [2.0, 1.0]
    synced = [row["train/global_step"] for row in run.scan_history() if "eval/accuracy" in row]
    assert synced == [500, 1000]
    assert run.summary["train_runtime"] == 12.5
    assert run.summary["train_loss"] == 1.5


@at_length
def test_a_librarys_logger_object(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        live,
        """
        import os
        from argparse import Namespace
        import weft as wandb
        from weft import Run

        class Logger:
            def __init__(self, **kwargs):
                self._init = {
                    "name": "a run", "project": "logger-object", "dir": "logs", "id": "lightn1",
                    "resume": "allow", "anonymous": None, **kwargs,
                }
                os.makedirs(self._init["dir"], exist_ok=True)
                self._experiment = None

            @property
            def experiment(self) -> Run:
                if self._experiment is None:
                    attach_id = getattr(wandb.run, "_attach_id", None)
                    if wandb.run is not None:
                        self._experiment = wandb.run
                    elif attach_id is not None and hasattr(wandb, "_attach"):
                        self._experiment = wandb._attach(attach_id)
                    else:
                        self._experiment = wandb.init(**self._init)
                    if isinstance(self._experiment, Run) and getattr(
                        self._experiment, "define_metric", None
                    ):
                        self._experiment.define_metric("trainer/global_step")
                        self._experiment.define_metric(
                            "*", step_metric="trainer/global_step", step_sync=True
                        )
                return self._experiment

            def log_metrics(self, metrics, step):
                if step is not None and not metrics.keys() & {"trainer/global_step"}:
                    metrics = dict(metrics, **{"trainer/global_step": step})
                self.experiment.log(metrics)

        logger = Logger(tags=["x"], group="folds")
        params = vars(Namespace(hidden=64, opt={"name": "sgd", "betas": (0.9, 0.99)}))
        logger.experiment.config.update(params, allow_val_change=True)
        logger.log_metrics({"train_loss": 0.5, "epoch": 0}, step=49)
        logger.log_metrics({"val_loss": 0.4, "epoch": 0}, step=49)
        logger.log_metrics({"train_loss": 0.25, "epoch": 1}, step=99)
        assert logger.experiment.name == "a run" and logger.experiment.id == "lightn1"
        assert logger.experiment.project_name() == "logger-object"
        wandb.finish(exit_code=0)
        """,
    )
    (run,) = the_runs(live, "logger-object")
    assert (run.id, run.group, list(run.tags)) == ("lightn1", "folds", ["x"])
    assert run.config["opt"] == {"name": "sgd", "betas": [0.9, 0.99]}
    assert column(run, "trainer/global_step") == [49, 49, 99]
    assert column(run, "val_loss") == [0.4]


@at_length
def test_a_callback_that_logs_a_step_in_parts(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        live,
        """
        from types import SimpleNamespace
        import weft as wb

        assert hasattr(wb, "__version__")
        args = SimpleNamespace(project="", name="train3", epochs=2, model="yolo.pt", device=None)
        wb.run or wb.init(project=args.project or "in-parts", name=args.name, config=vars(args))
        wb.run or wb.init(project="another")
        for epoch in range(args.epochs):
            wb.run.log({"train/box_loss": 1.0 - epoch / 4}, step=epoch + 1)
            wb.run.log({"lr/pg0": 0.01, "lr/pg1": 0.01}, step=epoch + 1)
            wb.run.log({"metrics/mAP50(B)": 0.5 + epoch / 4}, step=epoch + 1)
            if epoch == 0:
                wb.run.log({"model/parameters": 3_157_200, "model/GFLOPs": 8.9}, step=epoch + 1)
        wb.run.finish()
        """,
    )
    (run,) = the_runs(live, "in-parts")
    first, second = list(run.scan_history())
    assert (first["_step"], second["_step"]) == (1, 2)
    assert (first["train/box_loss"], first["metrics/mAP50(B)"]) == (1.0, 0.5)
    assert first["model/parameters"] == 3_157_200
    assert (second["lr/pg0"], second["metrics/mAP50(B)"]) == (0.01, 0.75)
    assert run.config == {
        "project": "", "name": "train3", "epochs": 2, "model": "yolo.pt", "device": None
    }  # fmt: skip


@at_length
def test_a_reinforcement_learning_script(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        live,
        """
        import argparse
        import time
        import numpy as np
        import weft as wandb

        parser = argparse.ArgumentParser()
        parser.add_argument("--learning-rate", type=float, default=2.5e-4)
        parser.add_argument("--track", type=bool, default=True)
        parser.add_argument("--wandb-entity", type=str, default=None)
        args = parser.parse_args([])
        run_name = f"CartPole-v1__ppo__1__{int(time.time())}"
        wandb.init(
            project="cartpole", entity=args.wandb_entity, config=vars(args), name=run_name,
            save_code=True, monitor_gym=False,
        )
        for global_step in range(0, 3):
            explained = np.nan if global_step == 0 else np.float64(0.5)
            wandb.log({
                "charts/episodic_return": np.array([float(global_step)]),
                "losses/explained_variance": explained,
                "charts/SPS": int(100),
            }, step=global_step * 512)
        """,
    )
    (run,) = the_runs(live, "cartpole")
    assert run.config["wandb_entity"] is None
    assert column(run, "_step") == [0, 512, 1024]
    assert math.isnan(column(run, "losses/explained_variance")[0])
    assert run.summary["losses/explained_variance"] == 0.5


@at_length
def test_cross_validation_makes_a_run_for_each_fold(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        live,
        """
        import weft as wandb

        scores = []
        for fold in range(3):
            run = wandb.init(
                project="folds", group="experiment-1", job_type=f"fold-{fold}",
                name=f"fold-{fold}", reinit=True, config={"fold": fold},
            )
            assert wandb.run is run and wandb.config.fold == fold
            best = 0.0
            for epoch in range(3):
                acc = 0.5 + fold / 10 + epoch / 100
                wandb.log({"epoch": epoch, "acc": acc})
                if acc > best:
                    best = acc
                    wandb.run.summary["best_acc"] = best
            scores.append(best)
            run.finish()
        with wandb.init(project="folds", group="experiment-1", job_type="total") as run:
            run.summary.update({"mean_acc": sum(scores) / 3})
        """,
    )
    runs = the_runs(live, "folds")
    assert sorted(run.job_type for run in runs) == ["fold-0", "fold-1", "fold-2", "total"]
    assert {run.group for run in runs} == {"experiment-1"}
    by_name = {run.job_type: run for run in runs}
    assert by_name["fold-2"].summary["best_acc"] == pytest.approx(0.72)
    assert by_name["total"].summary["mean_acc"] == pytest.approx(0.62)


def test_the_config_is_what_the_script_reads_from(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        live,
        """
        import argparse
        import copy
        import json
        import weft as wandb

        def build(width, depth, **rest):
            return width * depth

        def train(config=None):
            with wandb.init(project="config-reader", config=config):
                config = wandb.config
                assert build(**config) == 128
                for epoch in range(config.epochs):
                    wandb.log({"loss": 1 / (epoch + 1)}, commit=False)
                    wandb.log({"lr": config["lr"] * 0.5**epoch})
                wandb.config.epochs_done = epoch + 1
                wandb.config.update({"note": "x"})
                as_json = json.dumps(dict(config))
                again = argparse.Namespace(**config)
                assert again.width == 64 and copy.deepcopy(dict(config))["depth"] == 2
                assert "width" in config and config.get("missing", 3) == 3
                assert {k: v for k, v in config.items()}["lr"] == 0.1
                wandb.log({"json": as_json})

        train({"width": 64, "depth": 2, "lr": 0.1, "epochs": 2})
        """,
    )
    (run,) = the_runs(live, "config-reader")
    assert (run.config["epochs_done"], run.config["note"]) == (2, "x")
    assert (column(run, "loss"), column(run, "lr")) == ([1.0, 0.5], [0.1, 0.05])


def test_a_checkpoint_names_the_run_to_go_on_with(tmp_path: Path, live: LiveServer) -> None:
    code = """
        import json
        import os
        import weft as wandb

        if os.path.exists("checkpoint.json"):
            checkpoint = json.load(open("checkpoint.json"))
        else:
            checkpoint = {"epoch": 0, "wandb_id": wandb.util.generate_id()}
        wandb.init(
            project="checkpoints", id=checkpoint["wandb_id"], resume="allow", config={"lr": 0.1}
        )
        assert wandb.run.resumed == (checkpoint["epoch"] > 0)
        assert wandb.run.step == checkpoint["epoch"]
        for epoch in range(checkpoint["epoch"], checkpoint["epoch"] + 2):
            wandb.log({"epoch": epoch, "loss": 1 / (epoch + 1)})
        checkpoint["epoch"] = epoch + 1
        json.dump(checkpoint, open("checkpoint.json", "w"))
        """
    run_well(tmp_path, live, code)
    run_well(tmp_path, live, code)
    (run,) = the_runs(live, "checkpoints")
    assert column(run, "epoch") == [0, 1, 2, 3]
    assert column(run, "_step") == [0, 1, 2, 3]


@at_length
def test_only_the_first_rank_tracks(tmp_path: Path, live: LiveServer) -> None:
    code = """
        import datetime
        import os
        import weft as wandb

        rank = int(os.environ["RANK"])
        run = wandb.init(
            project="one-rank", mode="online" if rank == 0 else "disabled",
            settings=wandb.Settings(start_method="thread", _disable_stats=True, console="off"),
        )
        run.log({"rank": rank})
        if not rank:
            wandb.alert(
                title="Low accuracy", text=f"at rank {rank}", level=wandb.AlertLevel.WARN,
                wait_duration=datetime.timedelta(minutes=5),
            )
        wandb.finish()
        """
    for rank in ("1", "0"):
        run_well(tmp_path, live, code, RANK=rank)
    (run,) = the_runs(live, "one-rank")
    assert column(run, "rank") == [0]
    assert [(alert.title, alert.level) for alert in run.alerts] == [("Low accuracy", "WARN")]


@at_length
def test_names_that_scripts_annotate_and_catch(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        live,
        """
        from typing import Optional
        import weft as wandb

        try:
            wandb.log({"a": 1})
        except wandb.errors.Error:
            pass

        def one(run: wandb.sdk.wandb_run.Run) -> None: ...
        def two(run: Optional[wandb.wandb_sdk.wandb_run.Run] = None) -> None: ...
        def three(run: "wandb.wandb_run.Run") -> wandb.wandb_run.Run: ...

        try:
            wandb.init(project="a/b")
        except wandb.errors.UsageError:
            wandb.init(project="names")
        try:
            raise wandb.errors.CommError("mine")
        except wandb.CommError:
            pass
        assert isinstance(wandb.run, wandb.sdk.wandb_run.Run)
        wandb.run._label(repo="mine")
        wandb.run.tags = wandb.run.tags + ("new",)
        wandb.run.name = wandb.run.name + "-" + wandb.run.id
        wandb.run.notes = "noted"
        wandb.log({"a": 1})
        """,
    )
    (run,) = the_runs(live, "names")
    assert (list(run.tags), run.notes) == (["new"], "noted")
    assert run.name.endswith(f"-{run.id}")


@at_length
def test_a_logger_that_finishes_when_it_is_deleted(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        live,
        """
        import weft as wandb

        class Logger:
            def __init__(self, project, **kwargs):
                self._wandb = wandb
                if self._wandb.run is None:
                    self._wandb.init(
                        project=project, entity=None, group="g", reinit=True, resume="allow",
                        config=kwargs,
                    )
                self._wandb.define_metric("global_step")
                self._wandb.define_metric("*", step_metric="global_step", step_sync=True)

            def log_dict(self, payload, step):
                if self._wandb.run:
                    self._wandb.log({**payload, "global_step": step})

            def __del__(self):
                if self._wandb.run:
                    self._wandb.finish()

        logger = Logger("deleted", lora_rank=8)
        for step in range(1, 4):
            logger.log_dict({"loss": 4 / step, "tokens_per_second": 1000}, step=step)
        """,
    )
    (run,) = the_runs(live, "deleted")
    assert run.state == "finished"
    assert column(run, "loss") == [4.0, 2.0, 4 / 3]
    assert run.config == {"lora_rank": 8}


@at_length
def test_an_exception_in_training_fails_the_run(tmp_path: Path, live: LiveServer) -> None:
    script = run_script(
        tmp_path,
        """
        import weft as wandb

        with wandb.init(project="failing") as run:
            run.log({"loss": 1})
            raise RuntimeError("CUDA out of memory")
        """,
        {"WANDB_BASE_URL": live.url, "WEFT_MODE": "online"},
    )
    assert script.exit_code == 1
    (run,) = the_runs(live, "failing")
    assert (run.state, run.exit_code) == ("failed", 1)
    assert column(run, "loss") == [1]


def test_the_function_of_a_sweep_takes_the_config_before_there_is_one(
    tmp_path: Path, live: LiveServer
) -> None:
    run_well(
        tmp_path,
        live,
        """
        import weft as wandb
        from weft import config as config_of_the_module

        def train():
            with wandb.init(project="a-sweep", config=wandb.config):
                lr = wandb.config.setdefaults({"lr": 0.5}) or wandb.config.lr
                wandb.log({"loss": lr})

        train()
        wandb.init(project="a-sweep", config={"lr": 0.25})
        wandb.init(project="a-sweep", config=config_of_the_module, reinit="create_new").finish()
        """,
    )
    runs = the_runs(live, "a-sweep")
    assert [run.config for run in runs] == [{"lr": 0.5}, {"lr": 0.25}, {"lr": 0.25}]


@at_length
def test_a_config_that_is_set_before_init_is_the_next_runs(
    tmp_path: Path, live: LiveServer
) -> None:
    run_well(
        tmp_path,
        live,
        """
        import weft as wandb

        wandb.config = {"learning_rate": 0.001, "epochs": 2}
        assert wandb.config["epochs"] == 2
        wandb.init(project="set-before", config={"epochs": 3})
        assert (wandb.config.learning_rate, wandb.config.epochs) == (0.001, 3)
        wandb.config = {"batch_size": 128}
        wandb.finish()
        wandb.init(project="set-before")
        """,
    )
    runs = the_runs(live, "set-before")
    assert [run.config for run in runs] == [
        {"learning_rate": 0.001, "epochs": 3, "batch_size": 128},
        {},
    ]


@at_length
def test_a_page_of_any_project_has_an_address_that_can_be_clicked(
    tmp_path: Path, live: LiveServer
) -> None:
    script = run_well(
        tmp_path,
        live,
        """
        import weft as wandb

        run = wandb.init(project="new 项目")
        print(run.url, run.project_url)
        """,
    )
    (run,) = the_runs(live, "new 项目")
    page, project_page = script.stdout.split()
    assert page == run.url
    assert page.isascii()
    assert f"View project at {project_page}\n" in script.stderr
    assert script.stderr.count(f" at {page}\n") == 2
    with urllib.request.urlopen(page) as answer:
        assert answer.status == 200

"""A training by a framework, epoch by epoch as its driver allows: `framework_epochs.py`.

python framework_epochs_worker.py FRAMEWORK TRACKER EPOCHS

Prints the wall and CPU seconds of each epoch, which include what its logger does at its end, and
last the rows that were logged. The next epoch waits for a line on stdin.
"""

from __future__ import annotations

import json
import os
import sys
import time

BATCH = 64
N_STEPS = 100
N_FEATURES = 784
N_CLASSES = 10
LOG_EVERY = 10


class Gate:
    """Reports each epoch to the driver, and waits for its word before the next one."""

    def __init__(self) -> None:
        # A descriptor of its own: trackers replace stdout.
        self._out = os.fdopen(os.dup(1), "w")
        self._wall: float | None = None
        self._cpu = 0.0

    def turn(self) -> None:
        """End the epoch that runs, and begin the next one when the driver says so."""
        self.end()
        sys.stdin.readline()
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def end(self) -> None:
        if self._wall is not None:
            seconds = {
                "wall": time.perf_counter() - self._wall, "cpu": time.process_time() - self._cpu
            }  # fmt: skip
            self._wall = None
            self._out.write(json.dumps(seconds) + "\n")
        else:
            self._out.write("ready\n")
        self._out.flush()

    def report_rows(self) -> None:
        """Report the rows of the run that is active, and end it."""
        import wandb

        n_rows = wandb.run.step
        wandb.finish()
        self._out.write(json.dumps({"rows": n_rows}) + "\n")
        self._out.flush()


def train_lightning(gate: Gate, tracker: str, n_epochs: int) -> None:
    import lightning
    import torch
    from lightning.pytorch.loggers import WandbLogger

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layers = torch.nn.Sequential(
                torch.nn.Linear(N_FEATURES, 512), torch.nn.ReLU(), torch.nn.Linear(512, 512),
                torch.nn.ReLU(), torch.nn.Linear(512, N_CLASSES),
            )  # fmt: skip

        def training_step(self, batch, _):
            logits = self.layers(batch[0])
            loss = torch.nn.functional.cross_entropy(logits, batch[1])
            self.log("loss", loss)
            self.log("accuracy", (logits.argmax(1) == batch[1]).float().mean(), on_epoch=True)
            return loss

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())

    class Epochs(lightning.Callback):
        def on_train_epoch_start(self, *_: object) -> None:
            gate.turn()

        def on_train_end(self, *_: object) -> None:
            gate.end()

    torch.set_num_threads(1)
    torch.manual_seed(0)
    n_rows = BATCH * N_STEPS
    rows = torch.utils.data.TensorDataset(
        torch.randn(n_rows, N_FEATURES), torch.randint(0, N_CLASSES, (n_rows,))
    )
    lightning.Trainer(
        max_epochs=n_epochs, accelerator="cpu", callbacks=[Epochs()], enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, log_every_n_steps=LOG_EVERY,
        logger=False if tracker == "without" else WandbLogger(project="bench"),
    ).fit(Module(), torch.utils.data.DataLoader(rows, BATCH))  # fmt: skip


def train_transformers(gate: Gate, tracker: str, n_epochs: int) -> None:
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )  # fmt: skip

    class Epochs(TrainerCallback):
        def on_epoch_begin(self, *_: object, **__: object) -> None:
            gate.turn()

        def on_train_end(self, *_: object, **__: object) -> None:
            gate.end()

    torch.set_num_threads(1)
    torch.manual_seed(0)
    n_steps, n_rows, n_tokens = N_STEPS // 2, 16, 32
    rows = [
        {"input_ids": torch.randint(0, 500, (n_tokens,)), "labels": torch.tensor(i % N_CLASSES)}
        for i in range(n_steps * n_rows)
    ]
    config = BertConfig(
        vocab_size=500, hidden_size=96, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=192, num_labels=N_CLASSES,
    )  # fmt: skip
    arguments = TrainingArguments(
        output_dir="out", num_train_epochs=n_epochs, per_device_train_batch_size=n_rows,
        logging_steps=LOG_EVERY, save_strategy="no", use_cpu=True, disable_tqdm=True,
        report_to="none" if tracker == "without" else "wandb", log_level="error",
    )  # fmt: skip
    # The callbacks of the arguments come first: an epoch ends after they have logged.
    model = BertForSequenceClassification(config)
    Trainer(model, arguments, train_dataset=rows, callbacks=[Epochs()]).train()


def train_keras(gate: Gate, tracker: str, n_epochs: int) -> None:
    import keras
    import numpy as np
    import tensorflow as tf

    class Epochs(keras.callbacks.Callback):
        def on_epoch_begin(self, *_: object) -> None:
            gate.turn()

        def on_train_end(self, *_: object) -> None:
            gate.end()

    loggers = []
    if tracker != "without":
        import wandb
        from wandb.integration.keras import WandbMetricsLogger

        wandb.init(project="bench")
        loggers = [WandbMetricsLogger(log_freq=LOG_EVERY)]
    tf.config.threading.set_intra_op_parallelism_threads(1)
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    n_rows = BATCH * N_STEPS
    model = keras.Sequential(
        [keras.layers.Dense(512, "relu") for _ in range(2)] + [keras.layers.Dense(N_CLASSES)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    model.fit(
        rng.standard_normal((n_rows, N_FEATURES), dtype="float32"),
        rng.integers(0, N_CLASSES, n_rows), BATCH, n_epochs, verbose=0,
        callbacks=[*loggers, Epochs()],
    )  # fmt: skip


TRAININGS = {
    "lightning": train_lightning, "transformers": train_transformers, "keras": train_keras
}  # fmt: skip


if __name__ == "__main__":
    framework, tracker, n_epochs = sys.argv[1:]
    gate = Gate()
    TRAININGS[framework](gate, tracker, int(n_epochs))
    if tracker != "without":
        gate.report_rows()

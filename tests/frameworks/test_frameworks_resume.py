"""A training that a framework continues from its checkpoint continues its run."""

from __future__ import annotations

from pathlib import Path

import pytest

import weft
from sdk_script import log_rows, logs_in, run_well

KERAS = """
import keras, weft
from weft.integrations.keras import MetricsLogger
again = Path("model.keras").exists()
with weft.init(id="a", resume="allow"):
    if again:
        model = keras.models.load_model("model.keras")
    else:
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile("sgd", "mse")
    epochs = {"initial_epoch": 2, "epochs": 4} if again else {"epochs": 2}
    loggers = [MetricsLogger(**options)]
    model.fit(np.ones((8, 2)), np.ones(8), 4, verbose=0, callbacks=loggers, **epochs)
    model.save("model.keras")
"""

XGBOOST = """
import weft, xgboost
from weft.integrations.xgboost import WeftCallback
before = "model.ubj" if Path("model.ubj").exists() else None
data = xgboost.DMatrix(np.arange(40.0).reshape(20, 2), np.arange(20.0))
with weft.init(id="a", resume="allow"):
    logger = WeftCallback(log_feature_importance=False)
    sets = [(data, "train")]
    model = xgboost.train({}, data, 2, sets, callbacks=[logger], xgb_model=before)
    model.save_model("model.ubj")
"""

LIGHTNING = """
import weft
weft.install_as_wandb()
import lightning, torch
from lightning.pytorch.loggers import WandbLogger
class Model(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)
    def training_step(self, batch, _):
        loss = self.layer(batch[0]).square().mean()
        self.log("loss", loss)
        return loss
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)
again = Path("last.ckpt").exists()
trainer = lightning.Trainer(
    max_epochs=4 if again else 2, logger=WandbLogger(id="a", resume="allow"), accelerator="cpu",
    log_every_n_steps=1, enable_progress_bar=False, enable_checkpointing=False,
)
rows = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(4, 2)), 4)
trainer.fit(Model(), rows, ckpt_path="last.ckpt" if again else None)
trainer.save_checkpoint("last.ckpt")
weft.finish()
"""

TRANSFORMERS = """
import weft
weft.install_as_wandb()
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments
again = Path("out").exists()
config = BertConfig(
    vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
    intermediate_size=16, num_labels=2,
)
rows = [{"input_ids": torch.arange(8), "labels": torch.tensor(i % 2)} for i in range(4)]
arguments = TrainingArguments(
    "out", report_to="wandb", use_cpu=True, num_train_epochs=4 if again else 2, logging_steps=1,
    save_strategy="epoch", per_device_train_batch_size=4, disable_tqdm=True,
)
with weft.init(id="a", resume="allow"):
    trainer = Trainer(BertForSequenceClassification(config), arguments, train_dataset=rows)
    trainer.train(resume_from_checkpoint=again)
"""


@pytest.mark.parametrize(
    ("code", "counter", "counts"),
    [
        pytest.param("options = {}" + KERAS, "epoch/epoch", [0, 1, 2, 3], id="keras"),
        pytest.param(
            "options = {'log_freq': 'batch'}" + KERAS,
            "batch/batch_step",
            [*range(8)],
            id="keras-batches",
        ),
        pytest.param(XGBOOST, "epoch", [0, 1, 2, 3], id="xgboost"),
        pytest.param(LIGHTNING, "trainer/global_step", [0, 1, 2, 3], id="lightning"),
        pytest.param(TRANSFORMERS, "train/global_step", [1, 2, 3, 4], id="transformers"),
    ],
)
def test_a_continued_training_continues_its_run(
    tmp_path: Path, code: str, counter: str, counts: list[int]
) -> None:
    script = "import numpy as np\nfrom pathlib import Path\n" + code
    for _ in range(2):
        run_well(tmp_path, script, KERAS_BACKEND="torch")
    first, second = sorted(logs_in(tmp_path), key=lambda log: log.stat().st_mtime_ns)
    rows = [*log_rows(first), *log_rows(second)]
    steps = [row["_step"] for row in rows]
    assert steps == sorted(set(steps))
    assert list(dict.fromkeys(row[counter] for row in rows if counter in row)) == counts


def test_epochs_of_keras_keep_their_axis_where_batches_are_logged(tmp_path: Path) -> None:
    code = "import numpy as np\nfrom pathlib import Path\noptions = {'log_freq': 'batch'}" + KERAS
    run_well(tmp_path, code, KERAS_BACKEND="torch")
    (run,) = weft.Api(str(tmp_path / "weft")).runs()
    axes = {entry["name"]: entry["step_metric"] for entry in run.definitions}
    assert axes["epoch/*"] == "epoch/epoch"
    assert axes["batch/*"] == "batch/batch_step"

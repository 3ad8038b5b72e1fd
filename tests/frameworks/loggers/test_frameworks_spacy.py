"""spaCy's own logger for W&B, over weft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from framework_script import run_framework
from live_runs import LiveServer

TEXTS = """
import sys, spacy
from spacy.training import Example
from spacy_loggers.wandb import wandb_logger_v5
nlp = spacy.blank("en")
classes = nlp.add_pipe("textcat")
for label in ("GOOD", "BAD"):
    classes.add_label(label)
examples = [
    Example.from_dict(nlp.make_doc(text), {"cats": {"GOOD": good, "BAD": 1 - good}})
    for text, good in [("a good day", 1.0), ("a bad day", 0.0)]
]
nlp.initialize(lambda: examples)
log_step, finish = wandb_logger_v5("tests", [], run_name="texts")(nlp, sys.stdout, sys.stderr)
for step in range(3):
    losses = nlp.update(examples)
    log_step({"score": step / 2, "other_scores": {"cats_score": 0.5}, "losses": losses})
finish()
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("server")) as server:
        yield server


def test_a_pipeline_logs_its_scores_and_losses(live: LiveServer, tmp_path: Path) -> None:
    run_framework(live, tmp_path, 'os.environ["WANDB_RUN_ID"] = "texts"\n' + TEXTS, over_weft=True)
    assert live.values("texts", "score") == [0, 0.5, 1]
    assert len(live.values("texts", "loss_textcat")) == 3
    assert live.run("texts").config["nlp"]["lang"] == "en"

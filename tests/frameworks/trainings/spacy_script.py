"""spaCy's `train` with `WandbLogger.v5`: scores, losses and checkpoints as artifacts."""

from pathlib import Path
from pydoc_data.topics import topics

import spacy
import wandb
from spacy.cli.train import train
from spacy.tokens import DocBin

nlp = spacy.blank("en")
texts = DocBin()
for topic in ("class", "numbers"):
    for paragraph in topics[topic].split("\n\n")[:8]:
        text = nlp(paragraph)
        text.cats = {name: float(name == topic) for name in ("class", "numbers")}
        texts.add(text)
texts.to_disk("texts.spacy")
Path("config.cfg").write_text("""
[paths]
texts = "texts.spacy"
[nlp]
lang = "en"
pipeline = ["textcat"]
[components]
[components.textcat]
factory = "textcat"
[corpora]
[corpora.train]
@readers = "spacy.Corpus.v1"
path = ${paths.texts}
[corpora.dev]
@readers = "spacy.Corpus.v1"
path = ${paths.texts}
[training]
seed = 0
dev_corpus = "corpora.dev"
train_corpus = "corpora.train"
max_steps = 6
eval_frequency = 2
[training.logger]
@loggers = "spacy.WandbLogger.v5"
project_name = "tests"
remove_config_values = []
model_log_interval = 2
[training.score_weights]
cats_score = 1.0
""")
filled = spacy.util.load_model_from_config(spacy.util.load_config("config.cfg"), auto_fill=True)
filled.config.to_disk("config.cfg")
train("config.cfg", "out")
wandb.finish()

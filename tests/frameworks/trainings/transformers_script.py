"""The `Trainer` of Transformers: metrics, gradients, and each checkpoint as an artifact."""

import os

os.environ.update(WANDB_LOG_MODEL="checkpoint", WANDB_WATCH="gradients", WANDB_PROJECT="tests")

import torch
import wandb
from sklearn.datasets import load_digits
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

torch.manual_seed(0)
images, labels = load_digits(n_class=2, return_X_y=True)
rows = [
    {"input_ids": torch.tensor(image).long(), "labels": torch.tensor(label)}
    for image, label in zip(images[:16], labels[:16], strict=True)
]
config = BertConfig(
    vocab_size=17, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
    intermediate_size=16, num_labels=2,
)  # fmt: skip
arguments = TrainingArguments(
    "out", report_to="wandb", use_cpu=True, num_train_epochs=2, eval_strategy="epoch",
    save_strategy="epoch", logging_steps=1, per_device_train_batch_size=4, disable_tqdm=True,
)  # fmt: skip
model = BertForSequenceClassification(config)
Trainer(model, arguments, train_dataset=rows, eval_dataset=rows).train()
wandb.finish()

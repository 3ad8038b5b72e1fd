"""TRL's trainers: answers and rewards of GRPO as a table, and a fine-tuning."""

import os

os.environ["WANDB_PROJECT"] = "tests"

from pydoc_data.topics import topics

import wandb
from datasets import Dataset
from transformers import ByT5Tokenizer, GPT2Config, GPT2LMHeadModel
from trl import GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

texts = [text[:60] for text in list(topics.values())[:16]]
size = {"vocab_size": 384, "n_embd": 16, "n_layer": 1, "n_head": 2}
config = GPT2Config(**size, bos_token_id=0, eos_token_id=1)
shared = {
    "report_to": "wandb", "max_steps": 2, "logging_steps": 1, "bf16": False, "use_cpu": True,
    "disable_tqdm": True, "save_strategy": "no",
}  # fmt: skip
wandb.init(project="tests")
SFTTrainer(
    GPT2LMHeadModel(config), SFTConfig("sft", **shared), processing_class=ByT5Tokenizer(),
    train_dataset=Dataset.from_dict({"text": texts}),
).train()  # fmt: skip
GRPOTrainer(
    GPT2LMHeadModel(config), lambda completions, **_: [float(len(text)) for text in completions],
    GRPOConfig(
        "grpo", log_completions=True, num_generations=2, max_completion_length=4,
        per_device_train_batch_size=2, **shared,
    ),
    processing_class=ByT5Tokenizer(),
    train_dataset=Dataset.from_dict({"prompt": [text[:20] for text in texts[:8]]}),
).train()  # fmt: skip
wandb.finish()

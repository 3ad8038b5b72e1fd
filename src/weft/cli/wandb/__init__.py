"""The program `wandb` over weft: W&B's verbs and options, for `distributions/wandb`."""

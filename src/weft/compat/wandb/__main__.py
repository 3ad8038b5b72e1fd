"""`python -m wandb`: W&B's commands, by weft."""

from weft.cli.wandb.command import main

main()

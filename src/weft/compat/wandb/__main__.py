"""`python -m wandb`: the commands of weft."""

from weft.cli.main import main

main()

"""The settings of a run, and every source that can set them.

`precedence` reads arguments, variables and files, `settings` defines the settings and `checks`
their valid values. `moments` parses `fork_from` and `resume_from`, `wandb_names` maps W&B's names
of settings, and `labels` reads what launchers say about this process. `known_server` finds the
server that the settings name. Reads small files.
"""

"""How a run is to be set up: the settings, and every place that may say something of them.

`precedence` asks arguments, variables and files, `settings` says what there is to be said and
`checks` what it may be; `moments` reads what `fork_from` and `resume_from` name, `wandb_names`
what a setting is called in W&B, `labels` what launchers say of this process. `known_server` finds
the server that all this means. Reads small files.
"""

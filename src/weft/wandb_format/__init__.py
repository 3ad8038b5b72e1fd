"""Reads the forms in which W&B's client writes configs, metric definitions and charts. Pure.

For `weft.wandb_gateway`, which gets them in requests, and `weft.wandb_import`, which finds them in
files and on other servers.
"""

"""Callbacks and loggers for frameworks, by W&B's names."""

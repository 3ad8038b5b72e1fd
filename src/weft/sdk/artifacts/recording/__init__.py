"""Artifacts in the log of a run.

logs   `run.log_artifact()`
uses   `run.use_artifact()`
links  `run.link_artifact()`
"""

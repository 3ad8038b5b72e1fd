"""The actions that activity feeds name. Pure."""

from typing import Literal

ActivityAction = Literal[
    "run.start",
    "run.upload",
    "run.finished",
    "run.failed",
    "run.crashed",
    "run.killed",
    "run.preempted",
    "run.remove",
    "run.restore",
    "run.purge",
    "run.move",
    "run.rename",
    "run.notes",
    "run.tags",
    "project.describe",
    "view.add",
    "view.change",
    "view.remove",
    "view.restore",
    "report.publish",
    "report.remove",
    "report.restore",
    "artifact.log",
    "artifact.alias",
    "artifact.link",
    "artifact.remove",
    "sweep.start",
    "sweep.end",
    "share.add",
    "share.revoke",
    "member.add",
    "member.remove",
]
"""An action is a kind of thing and, after a dot, what happened to it; of runs that ended, their
state."""

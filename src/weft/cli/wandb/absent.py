"""W&B's verbs that weft lacks, each with the reason and the way out."""

from __future__ import annotations

from typing import Final

_JOBS: Final = (
    "weft starts no jobs on other machines: start the script with your scheduler, and "
    "`wandb agent` for a sweep"
)
_SEARCH: Final = "the server decides which parameters a sweep tries: `wandb agent` is all it needs"
_DOCKER: Final = "start the container with docker, and pass -e WEFT_BASE_URL and -e WEFT_API_KEY"
_SERVER: Final = "weft's server needs no container: pip install 'weft[server]', then `weft server`"
_TERMINAL: Final = "`weft ui` shows runs in a browser, `weft runs` and `weft logs` in a terminal"

ABSENT_VERBS: Final[dict[str, str]] = {
    "controller": _SEARCH,
    "docker": _DOCKER,
    "docker-run": _DOCKER,
    "job": _JOBS,
    "launch": _JOBS,
    "launch-agent": _JOBS,
    "launch-sweep": _JOBS,
    "leet": _TERMINAL,
    "local": _SERVER,
    "scheduler": _JOBS,
    "server": _SERVER,
    "sweep-scheduler": _SEARCH,
}
"""A verb, or a group of them -> why it is not there, and what to do instead."""

ABSENT_BETA_VERBS: Final[dict[str, str]] = {
    "core": "weft has no service that scripts share: each script has a process of its own",
    "leet": _TERMINAL,
}
"""The same below `wandb beta`."""

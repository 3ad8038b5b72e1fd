"""Files of a run that describe it: the client writes them, not the script. No I/O."""

from __future__ import annotations

from typing import Final

ARTIFACTS_FOLDER: Final = "artifacts/"
"""Files of artifacts among those of a run."""
CODE_FOLDER: Final = "code/"

CAPTURED_FILES: Final = (
    "environment.json",
    "requirements.txt",
    "diff.patch",
    "diff_upstream.patch",
)
"""Files with a script's environment, which the client writes."""

DESCRIBING_FILES: Final = (
    *CAPTURED_FILES,
    *("config.yaml", "metadata.json", "summary.json", "output.log"),
    *("wandb-metadata.json", "wandb-summary.json"),
)
DESCRIBING_FOLDERS: Final = (ARTIFACTS_FOLDER, CODE_FOLDER)


def describes_run(path: str) -> bool:
    """Whether a run's file tells of its machine, packages, code or versions.

    >>> describes_run("code/train.py"), describes_run("code.md")
    (True, False)
    """
    return path in DESCRIBING_FILES or path.startswith(DESCRIBING_FOLDERS)

"""The part of a metric's name that comes from the folder of its writer. No I/O."""

from __future__ import annotations

import os
import re
import socket
from typing import Final

SPLITS: Final = frozenset(
    {"train", "training", "val", "valid", "validation", "eval", "evaluation", "dev", "test"}
)
"""Names of folders that are parts of one run even where a writer is alone."""


class Namespaces:
    """The namespaces of one run's folders. The first event of a folder decides its namespace.

    Args:
        root: the folder above all, if the user gave one.

    >>> namespaces = Namespaces("")
    >>> namespaces.of("runs/a"), namespaces.of("runs/a/both_loss"), namespaces.of("logs/train")
    ('', 'both_loss', 'logs/train')
    >>> Namespaces("logs").of("logs/train")
    'train'
    """

    def __init__(self, root: str) -> None:
        self._root = os.path.abspath(root) if root else None  # noqa: PTH100
        self.folders: list[str] = []
        self._names: dict[str, str] = {}

    def register(self, folder: str) -> None:
        """Note a writer's folder before its first event."""
        folder = os.path.abspath(folder)  # noqa: PTH100
        if folder not in self.folders:
            self.folders.append(folder)

    def of(self, folder: str) -> str:
        """The namespace of a folder: "" or a path with `/`."""
        name = self._names.get(folder)
        if name is None:
            self.register(folder)
            name = self._names[folder] = self._decide(os.path.abspath(folder))  # noqa: PTH100
        return name

    def _decide(self, folder: str) -> str:
        root = self._root
        if root is None or not _is_below(folder, root):
            root = self._common_root(folder)
        return "" if folder == root else os.path.relpath(folder, root).replace(os.sep, "/")

    def _common_root(self, folder: str) -> str:
        # torch's own name for a folder, and TensorFlow's: `Nov27_22-37-40_host`.
        own = re.search(rf"-\d+_{re.escape(socket.gethostname())}", folder)
        if own is not None:
            return folder[: own.end()]
        related = [other for other in self.folders if _is_same_drive(folder, other)]
        if len(related) > 1:
            return os.path.commonpath(related)
        parent, name = os.path.split(folder)
        return parent if name.lower() in SPLITS else folder


def _is_below(folder: str, root: str) -> bool:
    return folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)


def _is_same_drive(folder: str, other: str) -> bool:
    return os.path.splitdrive(folder)[0] == os.path.splitdrive(other)[0]

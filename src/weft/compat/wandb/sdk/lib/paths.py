"""Types of paths."""

import os
from pathlib import PurePath
from typing import TypeAlias

StrPath: TypeAlias = str | os.PathLike[str]
FilePathStr: TypeAlias = str
URIStr: TypeAlias = str


class LogicalPath(str):
    """A path with forward slashes, on each system."""

    __slots__ = ()

    def __new__(cls, path: StrPath) -> "LogicalPath":
        return super().__new__(cls, PurePath(path).as_posix())

"""The packages that a script can import, as lines of `requirements.txt`. Does I/O."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_METADATA: Final = (".dist-info", ".egg-info")

# setuptools adds the version of Python to the names of its folders.
_FOLDER: Final = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(-py[\d.]+)?")


def installed_packages(sys_path: Iterable[str]) -> list[str]:
    """Names and versions of the packages on a path, sorted. The first of a name applies.

    Only the names of the folders are read: opening the metadata of each takes ten times as long.
    """
    packages: dict[str, str] = {}
    for folder in dict.fromkeys(sys_path):
        for name, version in _packages_in(folder):
            normal = re.sub(r"[-_.]+", "-", name).lower()
            packages.setdefault(normal, f"{name.replace('_', '-')}=={version}")
    return [packages[name] for name in sorted(packages)]


def changed_folder(sys_path: Iterable[str], since_micros: int) -> str | None:
    """The first folder of packages in which one was installed or removed since a time."""
    for folder in dict.fromkeys(sys_path):
        changed = _changed_micros(folder)
        # Python makes this folder when it first imports a module from there.
        is_written = changed >= since_micros and _changed_micros(f"{folder}/__pycache__") < changed
        if is_written and any(True for _ in _packages_in(folder)):
            return folder
    return None


def _changed_micros(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns // 1000  # noqa: PTH116
    except OSError:
        return 0


def _packages_in(folder: str) -> Iterator[tuple[str, str]]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208
    except NotADirectoryError:
        yield from _packages_by_metadata(folder)  # a zip file
        return
    except OSError:
        return
    for name in names:
        stem, suffix = os.path.splitext(name)  # noqa: PTH122
        if suffix == ".egg":
            yield from _packages_by_metadata(os.path.join(folder, name))  # noqa: PTH118
        elif suffix in _METADATA:
            parts = _FOLDER.fullmatch(stem)
            if parts is not None:
                yield parts["name"], parts["version"]
            else:
                yield from _read_metadata(Path(folder, name))


def _read_metadata(folder: Path) -> Iterator[tuple[str, str]]:
    from importlib.metadata import Distribution

    try:
        metadata = Distribution.at(folder).metadata
        if metadata["Name"] and metadata["Version"]:
            yield metadata["Name"], metadata["Version"]
    except (OSError, KeyError, ValueError, TypeError):
        return  # a damaged package


def _packages_by_metadata(path: str) -> Iterator[tuple[str, str]]:
    from importlib.metadata import distributions

    for distribution in distributions(path=[path]):
        try:
            yield distribution.metadata["Name"], distribution.version
        except (OSError, KeyError, ValueError, TypeError):
            continue  # a damaged package

"""The packages that a script can import, as lines of `requirements.txt`. Does I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path


def installed_packages(sys_path: Iterable[str]) -> list[str]:
    """Names and versions of the packages on a path, sorted. The first of a name applies.

    Only the names of the folders are read: opening the metadata of each takes ten times as long.
    """
    found: dict[str, str] = {}
    for one in distributions(path=list(sys_path)):
        try:
            folder = Path(str(getattr(one, "_path", ""))).stem
            name, _, version = folder.partition("-")
            if not name or not version:
                name, version = one.metadata["Name"], one.version
            normal = re.sub(r"[-_.]+", "-", name).lower()
            found.setdefault(normal, f"{name.replace('_', '-')}=={version}")
        except (OSError, KeyError, ValueError, TypeError):
            continue  # a damaged package
    return [found[name] for name in sorted(found)]

"""The wheels as users get them: built from a clean checkout, and installed into environments.

The web app is the one that `make setup` has built; `make test-wheel` lets the build make it, and
`make release` names a folder of wheels that are built already.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).parents[3]
UV: Final = ROOT / ".venv" / "bin" / "uv"

BUILD_SECS: Final = 800
"""npm installs and builds the whole web app, on a machine that runs other tests."""

_CHOICE: Final = os.environ.get("WEFT_TEST_WHEEL", "")
_IS_WHOLE: Final = _CHOICE == "whole"
_BUILT_APP: Final = ROOT / "src/weft/server/web"

PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())
SERVER_PROJECT: Final = tomllib.loads((ROOT / "distributions/server/pyproject.toml").read_text())


class Wheels(NamedTuple):
    client: Path
    server: Path
    wandb: Path

    @staticmethod
    def of(folder: Path) -> Wheels:
        names = ("weft-*.whl", "weft_server-*.whl", "wandb/wandb-*.whl")
        return Wheels(*(next(folder.glob(name)) for name in names))


def versions_of(project: dict[str, Any]) -> list[str]:
    """The versions of Python that a project names."""
    prefix = "Programming Language :: Python :: 3."
    names = project["project"]["classifiers"]
    return [f"3.{name.removeprefix(prefix)}" for name in names if name.startswith(prefix)]


VERSIONS: Final = versions_of(PROJECT)
SERVER_VERSIONS: Final = versions_of(SERVER_PROJECT)


def interpreters(versions: list[str]) -> list[Path]:
    """One Python of each version, as far as this machine has them."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    by_version: dict[str, Path] = {}
    for version in versions:
        installed = [*pyenv.glob(f"{version}.*/bin"), *map(Path, os.get_exec_path())]
        for python in (folder / f"python{version}" for folder in installed):
            if python.exists() and "shims" not in python.parts:
                by_version.setdefault(version, python)
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return [*({own: Path(sys.executable)} | by_version).values()]


def prepare_wheels(checkout: Path) -> Wheels:
    """Find the wheels that `WEFT_TEST_WHEEL` names, or else build them in an empty folder from the
    files that git knows.
    """
    if _CHOICE and not _IS_WHOLE:
        return Wheels.of(Path(_CHOICE))
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file() and (_IS_WHOLE or not name.startswith("web/")):
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    if not _IS_WHOLE:
        shutil.copytree(_BUILT_APP, checkout / _BUILT_APP.relative_to(ROOT))
    done = subprocess.run(
        ["scripts/build_wheel.sh"],
        cwd=checkout,
        env=os.environ
        | {"PYTHON": sys.executable}
        | ({} if _IS_WHOLE else {"WEFT_SKIP_WEB": "1"}),
        capture_output=True,
        text=True,
        timeout=BUILD_SECS,
    )
    assert done.returncode == 0, done.stderr
    assert ("wheel: building the web app" in done.stdout) == _IS_WHOLE
    built = {path.name for path in (checkout / "dist").rglob("*") if path.is_file()}
    assert len(built) == 3  # and no log of the build
    return Wheels.of(checkout / "dist")


def environment_of(python: Path, folder: Path) -> Path:
    """An empty environment, in which nothing can be compiled."""
    venv = folder / "venv"
    subprocess.run([UV, "venv", "-q", "--python", python, venv], check=True)
    return venv


def install(venv: Path, *packages: Path | str) -> None:
    links = os.environ.get("PIP_FIND_LINKS")
    command = [
        UV,
        "pip",
        "install",
        "-q",
        "--no-build",
        "--python",
        venv / "bin/python",
        *(["--find-links", links] if links else []),
        *packages,
    ]
    subprocess.run(command, check=True, timeout=BUILD_SECS)


def installed(venv: Path) -> set[str]:
    """The packages, as `name==version`."""
    command = [UV, "pip", "freeze", "-q", "--python", venv / "bin/python"]
    return set(subprocess.check_output(command, text=True).splitlines())


def files_of(venv: Path) -> set[str]:
    return {str(path.relative_to(venv)) for path in venv.rglob("*") if path.is_file()}

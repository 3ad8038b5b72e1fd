"""The wheel as a user gets it: built from a clean checkout, installed without compiler or Node.

The web app in it is the one that `make setup` has built; `make test-wheel` lets the build make it,
and `make release` names a wheel that is built already.
It is installed into each Python that weft names and this machine has, and for each one that weft
names the requirements are resolved.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from at_length import at_length, case_at_length

ROOT = Path(__file__).parents[3]
UV = ROOT / ".venv" / "bin" / "uv"

BUILD_SECS = 800
"""npm installs and builds the whole web app, on a machine that runs other tests."""

CHOICE = os.environ.get("WEFT_TEST_WHEEL", "")
IS_WHOLE = CHOICE == "whole"
BUILT_APP = ROOT / "src/weft/server/web"

PROJECT = (ROOT / "pyproject.toml").read_text()
VERSIONS = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', PROJECT)

pytestmark = pytest.mark.timeout(2 * BUILD_SECS)


def interpreters() -> list[Path]:
    """One Python of each version that weft names, as far as this machine has them."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    by_version: dict[str, Path] = {}
    for version in VERSIONS:
        installed = [*pyenv.glob(f"{version}.*/bin"), *map(Path, os.get_exec_path())]
        for python in (folder / f"python{version}" for folder in installed):
            if python.exists() and "shims" not in python.parts:
                by_version.setdefault(version, python)
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return [*({own: Path(sys.executable)} | by_version).values()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel to test; else one built from the files that git knows, in an empty folder."""
    if CHOICE.endswith(".whl"):
        return Path(CHOICE)
    checkout = tmp_path_factory.mktemp("checkout")
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file() and (IS_WHOLE or not name.startswith("web/")):
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    if not IS_WHOLE:
        shutil.copytree(BUILT_APP, checkout / BUILT_APP.relative_to(ROOT))
    done = subprocess.run(
        ["scripts/build_wheel.sh"],
        cwd=checkout,
        env=os.environ | {"PYTHON": sys.executable} | ({} if IS_WHOLE else {"WEFT_SKIP_WEB": "1"}),
        capture_output=True,
        text=True,
        timeout=BUILD_SECS,
    )
    assert done.returncode == 0, done.stderr
    assert ("wheel: building the web app" in done.stdout) == IS_WHOLE
    (built,) = (checkout / "dist").iterdir()  # and no log of the build
    return built


@pytest.mark.parametrize(
    "version", [VERSIONS[0], *map(case_at_length, VERSIONS[1:-1]), VERSIONS[-1]]
)
def test_a_plain_install_takes_wheels_only(version: str) -> None:
    assert resolve(version) == resolve(version, "--only-binary", ":all:")


def test_the_versions_are_those_that_the_package_names() -> None:
    assert f'requires-python = ">={VERSIONS[0]}"\n' in PROJECT
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in VERSIONS


def resolve(version: str, *options: str) -> set[str]:
    """The requirements that an installer resolves, with all extras, in a Python version."""
    command = [UV, "pip", "compile", "-q", "--no-header", "--no-annotate", "--all-extras"]
    command += ["--no-python-downloads", "--python-version", version, *options, "pyproject.toml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@at_length
def test_it_holds_the_web_app_and_nothing_of_the_workshop(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "weft/server/web/index.html" in names
    assert [n for n in names if n.startswith("weft/server/web/assets/") and n.endswith(".js")]
    assert "weft/server/web/docs/guide/web.md" in names
    assert "weft/server/web/licenses.json" in names
    assert "weft/py.typed" in names
    assert [n for n in names if n.endswith("0007_tables_of_0_1_0.py")]
    assert [n for n in names if n.endswith("licenses/LICENSE")]
    strange = [n for n in names if not n.startswith("weft/") and ".dist-info/" not in n]
    assert strange == []


@at_length
@pytest.mark.parametrize("python", interpreters(), ids=lambda python: python.name)
def test_it_installs_and_serves_without_compiler_or_node(
    wheel: Path, tmp_path: Path, python: Path
) -> None:
    # No compiler and no Node on the path; and uv may take wheels only, so nothing is built.
    bare = os.environ | {
        "PATH": str(tmp_path / "nothing"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_RUNTIME_DIR": str(tmp_path),
    }
    venv = tmp_path / "venv"
    script_python = venv / "bin" / "python"
    subprocess.run([UV, "venv", "-q", "--python", python, venv], check=True, env=bare)
    install = [UV, "pip", "install", "-q", "--no-build", "--python", script_python, wheel]
    subprocess.run(install, check=True, env=bare, timeout=BUILD_SECS)
    server = subprocess.Popen(
        [venv / "bin" / "weft", "server", "--port", "0", "--data", tmp_path / "data"],
        env=bare,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        lines = iter(server.stderr.readline, "")
        ready = next((line for line in lines if "serving http" in line), "the server has ended")
        url = ready.split("serving ")[1].split()[0]
        with urllib.request.urlopen(url) as answer:
            page = answer.read().decode()
        assert '<div id="root">' in page
        code = "import weft; weft.init(project='p', mode='offline').finish(); print('ok')"
        done = subprocess.run(
            [script_python, "-c", code],
            env=bare,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "ok\n"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        server.stderr.close()

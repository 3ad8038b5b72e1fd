"""The wheels as users get them: their contents, and a server of them without compiler or Node.

They are installed into each Python that they name and this machine has, and for each one that they
name the requirements are resolved.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest

from at_length import at_length, case_at_length
from weft.cli.wandb.command import WANDB_VERSION
from weft.sdk.wandb_package import COMPAT
from weft.version import VERSION
from wheels import (
    BUILD_SECS,
    PROJECT,
    ROOT,
    SERVER_PROJECT,
    SERVER_VERSIONS,
    UV,
    VERSIONS,
    Wheels,
    interpreters,
)

WANDB_PROJECT = tomllib.loads((ROOT / "distributions/wandb/pyproject.toml").read_text())

pytestmark = pytest.mark.timeout(2 * BUILD_SECS)


@at_length
@pytest.mark.parametrize("version", [VERSIONS[0], *map(case_at_length, VERSIONS[1:])])
def test_a_plain_install_takes_wheels_only(version: str) -> None:
    assert resolve(version) == resolve(version, "--only-binary", ":all:")


def test_the_versions_are_those_that_the_packages_name() -> None:
    for project, versions in ((PROJECT, VERSIONS), (SERVER_PROJECT, SERVER_VERSIONS)):
        assert project["project"]["requires-python"] == f">={versions[0]}"
        assert f"{sys.version_info[0]}.{sys.version_info[1]}" in versions
    assert PROJECT["project"]["optional-dependencies"]["server"] == [f"weft-server=={VERSION}"]
    assert WANDB_PROJECT["project"]["requires-python"] == f">={VERSIONS[0]}"
    assert WANDB_PROJECT["project"]["version"] == WANDB_VERSION
    assert (COMPAT / f"wandb-{WANDB_VERSION}.dist-info" / "METADATA").is_file()


def resolve(version: str, *options: str) -> set[str]:
    """The requirements that an installer resolves in a Python version: those of all extras, and
    of the server if it has that version.
    """
    extras = [name for name in PROJECT["project"]["optional-dependencies"] if name != "server"]
    command = [UV, "pip", "compile", "-q", "--no-header", "--no-annotate", "pyproject.toml"]
    command += [option for name in extras for option in ("--extra", name)]
    command += ["--group", "server"] if version in SERVER_VERSIONS else []
    command += ["--no-python-downloads", "--python-version", version, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@at_length
def test_they_share_the_package_and_hold_nothing_of_the_workshop(wheels: Wheels) -> None:
    of_client = zipfile.ZipFile(wheels.client).namelist()
    names = zipfile.ZipFile(wheels.server).namelist()
    assert set(names) & set(of_client) == set()
    assert [n for n in of_client if n.startswith(("weft/server", "weft/cli/server/"))] == []
    assert "weft/py.typed" in of_client
    assert f"weft/compat/wandb-{WANDB_VERSION}.dist-info/METADATA" in of_client
    assert "weft/compat/wandb/__init__.py" in of_client
    assert [n for n in of_client if n.endswith("licenses/LICENSE")]
    assert "weft/server/web/index.html" in names
    assert [n for n in names if n.startswith("weft/server/web/assets/") and n.endswith(".js")]
    assert "weft/server/web/docs/guide/web.md" in names
    assert "weft/server/web/licenses.json" in names
    assert "weft/server/LICENSE" in names
    assert [n for n in names if n.endswith("0007_tables_of_0_1_0.py")]
    every = names + of_client
    strange = [n for n in every if not n.startswith("weft/") and ".dist-info/" not in n]
    assert strange == []


@at_length
@pytest.mark.parametrize("python", interpreters(SERVER_VERSIONS), ids=lambda path: path.name)
def test_they_install_and_serve_without_compiler_or_node(
    wheels: Wheels, tmp_path: Path, python: Path
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
    install = [UV, "pip", "install", "-q", "--no-build", "--python", script_python, *wheels[:2]]
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

"""The wheel as a user gets it: built from a clean checkout, installed without compiler or Node.

The web app in it is the one that `make setup` has built; `make test-wheel` lets the build make it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from at_length import at_length

ROOT = Path(__file__).parents[2]
UV = ROOT / ".venv" / "bin" / "uv"

BUILD_SECS = 800
"""npm installs and builds the whole web app, on a machine that runs other tests."""

IS_WHOLE = os.environ.get("WEFT_TEST_WHEEL") == "whole"
BUILT_APP = ROOT / "src/weft/server/web"

pytestmark = pytest.mark.timeout(2 * BUILD_SECS)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build from the files that git knows, in an empty folder."""
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
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [UV, "build", "-q", "--wheel", "--python", sys.executable, "--out-dir", out, checkout],
        check=True,
        timeout=BUILD_SECS,
    )
    (built,) = out.glob("*.whl")
    return built


@at_length
def test_it_holds_the_web_app_and_nothing_of_the_workshop(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "weft/server/web/index.html" in names
    assert [n for n in names if n.startswith("weft/server/web/assets/") and n.endswith(".js")]
    assert "weft/server/web/docs/guide/web.md" in names
    assert "weft/py.typed" in names
    assert [n for n in names if n.endswith("0001_first_tables.py")]
    assert [n for n in names if n.endswith("licenses/LICENSE")]
    strange = [n for n in names if not n.startswith("weft/") and ".dist-info/" not in n]
    assert strange == []


@at_length
def test_it_installs_and_serves_without_compiler_or_node(wheel: Path, tmp_path: Path) -> None:
    # No compiler and no Node on the path; and uv may take wheels only, so nothing is built.
    bare = os.environ | {
        "PATH": str(tmp_path / "nothing"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_RUNTIME_DIR": str(tmp_path),
    }
    venv = tmp_path / "venv"
    python = venv / "bin" / "python"
    subprocess.run([UV, "venv", "-q", "--python", sys.executable, venv], check=True, env=bare)
    install = [UV, "pip", "install", "-q", "--no-build", "--python", python, wheel]
    subprocess.run(install, check=True, env=bare, timeout=BUILD_SECS)
    server = subprocess.Popen(
        [venv / "bin" / "weft", "server", "--port", "0", "--data", tmp_path / "data"],
        env=bare,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        ready = next(line for line in server.stderr if "serving http" in line)
        url = ready.split("serving ")[1].split()[0]
        with urllib.request.urlopen(url) as answer:
            page = answer.read().decode()
        assert '<div id="root">' in page
        code = "import weft; weft.init(project='p', mode='offline').finish(); print('ok')"
        done = subprocess.run(
            [python, "-c", code],
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

"""The client's wheel alone, its removal, and the package `wandb` that is a name for it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from at_length import at_length
from server_process import start_server, wait_until
from weft.cli.wandb.command import WANDB_VERSION
from wheels import (
    BUILD_SECS,
    UV,
    VERSIONS,
    Wheels,
    environment_of,
    files_of,
    install,
    installed,
    interpreters,
)

pytestmark = pytest.mark.timeout(2 * BUILD_SECS)

MOST_PACKAGES = 10
MOST_BYTES = 25 << 20

OF_IMAGES = {"duckdb", "numpy", "optuna", "pillow", "protobuf", "pydantic", "sqlalchemy", "torch"}
"""Packages that images of training machines pin: the client must not bring them."""

FIRST_SCRIPT = """
import sys
import weft

run = weft.init(project="slim", id="first", config={"lr": 0.1})
run.log({"loss": 0.5, "layer": [1, 2, 3], "page": weft.Html("<b>bold</b>")})
run.log({"image": weft.Image([[0, 255], [255, 0]])})
try:
    weft.Table(columns=["a"], data=[[1]])
except ImportError as error:
    print(error)
version = weft.Artifact("data", "dataset")
version.add_file(__file__)
run.log_artifact(version).wait()
run.finish()
print(weft.Api().run("slim/first").summary["loss"])
weft.agent(weft.sweep(
    {"method": "random", "parameters": {"lr": {"min": 0.0, "max": 0.1}}}, project="slim"
), lambda: weft.init().finish(), count=1)
print(sorted({"numpy", "PIL", "optuna"} & set(sys.modules)))
"""


@at_length
@pytest.mark.parametrize("python", interpreters(VERSIONS), ids=lambda path: path.name)
def test_the_client_alone_is_small_and_logs_and_leaves_nothing(
    wheels: Wheels, tmp_path: Path, python: Path
) -> None:
    home = tmp_path / "scripts"
    home.mkdir()
    (home / "train.py").write_text(FIRST_SCRIPT)
    (home / "later.py").write_text("import wandb\nwith wandb.init(id='later'):\n    pass\n")
    venv = environment_of(python, tmp_path)
    before = files_of(venv)
    install(venv, wheels.client)
    packages = {line.partition(" @ ")[0].partition("==")[0].lower() for line in installed(venv)}
    assert len(packages) <= MOST_PACKAGES
    assert packages & OF_IMAGES == set()
    subprocess.run([venv / "bin/python", "-m", "compileall", "-q", venv / "lib"], check=True)
    added = files_of(venv) - before
    assert sum((venv / name).stat().st_size for name in added) <= MOST_BYTES
    with start_server(tmp_path) as server:

        def weft(*words: str, code: int = 0, **variables: str) -> str:
            done = subprocess.run(
                [venv / "bin" / "weft", *words],
                cwd=home,
                env=server.environment | {"WEFT_PROJECT": "slim", **variables},
                capture_output=True,
                text=True,
                timeout=300,
            )
            assert done.returncode == code, done.stderr
            return done.stdout + done.stderr

        token = (server.data / "token").read_text().strip()
        assert server.url in weft("login", "--host", server.url, "--key", token)
        printed = weft("run", "train.py")
        assert "an image needs numpy, which can't be imported" in printed
        assert "a table needs numpy, which can't be imported" in printed
        assert "\n0.5\n" in printed
        assert "\n[]\n" in printed
        assert "weft: Offline" in weft("run", "later.py", WEFT_MODE="offline")
        weft("sync")
        assert "later" in weft("runs", "slim")
        for name in ("server", "ui"):
            line = f"weft: weft {name} needs the server, which is not installed here: "
            assert weft(name, "--port", "0", code=2) == line + "pip install 'weft[server]'\n"
        assert "the server, which is not installed" in weft("docs", code=2)
    uninstall = [UV, "pip", "uninstall", "-q", "--python", venv / "bin/python", *packages]
    subprocess.run(uninstall, check=True)
    assert {name for name in files_of(venv) - before if "weft" in name} == set()


@at_length
def test_removing_the_server_leaves_the_client_and_nothing_of_the_server(
    wheels: Wheels, tmp_path: Path
) -> None:
    venv = environment_of(Path(sys.executable), tmp_path)
    before = files_of(venv)
    install(venv, wheels.client, wheels.server)
    program = venv / "bin" / "python"
    with zipfile.ZipFile(wheels.server) as archive:
        of_server = {name for name in archive.namelist() if name.endswith(".py")}
    assert "weft/server/__init__.py" in of_server
    (package,) = venv.glob("lib/*/site-packages/weft")
    subprocess.run([program, "-m", "compileall", "-q", package], check=True)

    def uninstall(name: str) -> set[str]:
        """Uninstall a package; return what there is of weft afterwards."""
        subprocess.run([UV, "pip", "uninstall", "-q", "--python", program, name], check=True)
        return {file for file in files_of(venv) - before if "weft" in file}

    left = uninstall("weft-server")
    folders = {f"/{name.rpartition('/')[0]}/" for name in of_server}
    client_names = zipfile.ZipFile(wheels.client).namelist()
    folders -= {f"/{name.rpartition('/')[0]}/" for name in client_names}
    assert [file for file in left if any(folder in file for folder in folders)] == []
    assert [file for file in left if "weft_server" in file] == []
    code = "import weft; weft.init(project='p', mode='offline').finish(); print('ok')"
    variables = os.environ | {"XDG_STATE_HOME": str(tmp_path / "state"), "PYTHONPATH": ""}
    for command, exit_code in (([program, "-c", code], 0), ([venv / "bin/weft", "ui"], 2)):
        done = subprocess.run(
            command, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == exit_code, done.stderr
    assert "which is not installed here: pip install 'weft[server]'" in done.stderr
    assert uninstall("weft") == set()


NAMED_SCRIPT = """
import importlib.metadata, importlib.util, subprocess, sys
import wandb
from wandb.sdk.wandb_run import Run

assert importlib.metadata.version("wandb") == wandb.__version__ == sys.argv[1]
assert importlib.util.find_spec("wandb.sdk.lib") is not None
with wandb.init(project="named", mode="offline") as run:
    assert isinstance(run, Run)
    run.log({"loss": 1})
child = "import wandb, weft; assert wandb.init is weft.init; print(wandb.__version__)"
subprocess.run([sys.executable, "-c", child], check=True)
try:
    import wandb.sdk.launch
except ModuleNotFoundError as error:
    print(error)
"""


@at_length
@pytest.mark.parametrize("python", interpreters(VERSIONS), ids=lambda path: path.name)
def test_wandb_is_weft_in_an_empty_environment_and_its_removal_leaves_nothing(
    wheels: Wheels, tmp_path: Path, python: Path
) -> None:
    (tmp_path / "train.py").write_text(NAMED_SCRIPT)
    variables = os.environ | {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    venv = environment_of(python, tmp_path)
    install(venv, wheels.client)
    program = venv / "bin" / "python"

    def run(*command: object) -> str:
        return subprocess.run(
            [str(part) for part in command],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    as_wandb = "import runpy, sys, weft; weft.install_as_wandb(); runpy.run_path('train.py')"
    before = files_of(venv)
    ways = [(venv / "bin/weft", "run", "train.py"), (program, "-c", as_wandb)]
    for way in ways:
        assert "weft has no sdk.launch" in run(*way, WANDB_VERSION)
    install(venv, wheels.wandb)
    assert "weft has no sdk.launch" in run(program, "train.py", WANDB_VERSION)
    assert WANDB_VERSION in run(venv / "bin/wandb", "--version")
    assert "stay on this machine" in run(program, "-m", "wandb", "offline")
    subprocess.run([UV, "pip", "uninstall", "-q", "--python", program, "wandb"], check=True)
    left = files_of(venv) - before
    assert [name for name in left if "__pycache__" not in name] == []


OLD = "numpy<1.25 pydantic<2 SQLAlchemy<2 protobuf<4 Pillow<9.5 optuna<4"
NEW = "numpy pydantic SQLAlchemy protobuf Pillow optuna torch==2.13.0"
"""No older torch beside older numpy: PyPI's bring 2 GB of CUDA. The newer one is built for the CPU
alone where pip's `PIP_FIND_LINKS` has such a wheel."""

PINNED_SCRIPT = """
import importlib.util
import numpy as np
import PIL.Image
import weft

run = weft.init(project="pins")
picture = np.zeros((4, 5, 3), np.uint8)
run.log({
    "array": weft.Image(picture),
    "pillow": weft.Image(PIL.Image.fromarray(picture), file_type="jpg"),
    "gif": weft.Video(np.zeros((2, 3, 4, 4), np.uint8), format="gif"),
    "sound": weft.Audio(np.zeros(80), sample_rate=8000),
    "counts": weft.Histogram(np.arange(9.0)),
    "table": weft.Table(columns=["a", "picture"], data=[[1, weft.Image(picture)]]),
    "curve": weft.plot.roc_curve([0, 1], [[0.9, 0.1], [0.2, 0.8]]),
})
if importlib.util.find_spec("torch"):
    import torch

    model = torch.nn.Linear(2, 1)
    run.watch(model, log="all", log_freq=1)
    loss = model(torch.ones(3, 2)).square().mean()
    loss.backward()
    run.log({"loss": loss, "weights": weft.Histogram(model.weight.detach())})
    print("torch", torch.__version__)
run.finish()
sweep = weft.sweep({
    "method": "bayes",
    "metric": {"name": "loss"},
    "parameters": {"lr": {"min": 0.0, "max": 0.1}, "layers": {"values": [1, 2]}},
})

def train():
    with weft.init() as run:
        run.log({"loss": run.config.lr})

weft.agent(sweep, train, count=13)
"""


@at_length
@pytest.mark.parametrize("pins", [OLD, NEW], ids=["old", "new"])
def test_the_client_works_with_the_libraries_that_people_have(
    wheels: Wheels, tmp_path: Path, pins: str
) -> None:
    (tmp_path / "train.py").write_text(PINNED_SCRIPT)
    venv = environment_of(Path(sys.executable), tmp_path)
    install(venv, *pins.split())
    packages = installed(venv)
    install(venv, wheels.client)
    assert packages <= installed(venv)
    subprocess.run([UV, "pip", "check", "--python", venv / "bin/python"], check=True)
    variables = os.environ | {"WEFT_MODE": "offline", "XDG_STATE_HOME": str(tmp_path / "state")}
    done = subprocess.run(
        [venv / "bin/python", "train.py"],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    assert ("torch 2." in done.stdout) == ("torch" in pins)

    def suffixes() -> set[str]:
        return {path.suffix for path in (tmp_path / "weft").rglob("media/*/*") if path.is_file()}

    # A script does not wait for its media, which the sidecar makes.
    wait_until(lambda: suffixes() >= {".png", ".jpg", ".gif", ".wav"}, what="media")

"""Make the files of a release from the newest commit: `make release`; see `docs/releasing.md`.

`dist` then holds the wheels of client and server, the source distribution, a bill of materials
(CycloneDX), the wheel and source distribution named `wandb` in a folder of that name, and the
checksums of all. Nothing is published.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from weft.cli.wandb.command import WANDB_VERSION
from weft.version import VERSION

ROOT = Path(__file__).parents[1]
UV = ROOT / ".venv" / "bin" / "uv"


def main() -> None:
    refuse_unready_commit()
    with tempfile.TemporaryDirectory(prefix="weft-release-") as folder:
        # The time of all files in the archives. With the time of the build no two would be equal.
        os.environ["SOURCE_DATE_EPOCH"] = git("log", "-1", "--format=%ct")
        built = build(Path(folder))
        check(built)
        materials = list_materials(Path(folder), built)
        dist = ROOT / "dist"
        shutil.rmtree(dist, ignore_errors=True)
        shutil.copytree(built, dist)
        shutil.copy2(materials, dist)
        files = sorted(path for path in dist.rglob("*") if path.is_file())
    sums = "".join(f"{sha256(file)}  {file.relative_to(dist)}\n" for file in files)
    (dist / "SHA256SUMS").write_text(sums)
    print(f"release: weft {VERSION} is in dist\n{sums}", end="")


def refuse_unready_commit() -> None:
    """End unless all is committed, and the changelog and the tags agree with the version."""
    if git("status", "--porcelain"):
        sys.exit("release: there are uncommitted changes: commit them, or make a clean checkout")
    log = (ROOT / "CHANGELOG.md").read_text()
    unreleased, _, released = log.partition("## Unreleased")[2].partition("\n## ")
    if "\n- " in unreleased:
        sys.exit(f"release: CHANGELOG.md has unreleased entries: move them to {VERSION}")
    if not re.match(rf"{re.escape(VERSION)} - \d{{4}}-\d\d-\d\d\n", released):
        sys.exit(f"release: CHANGELOG.md has no section `## {VERSION} - DATE` below Unreleased")
    tag = git("tag", "--list", f"v{VERSION}")
    if tag and git("rev-parse", f"{tag}^{{commit}}") != git("rev-parse", "HEAD"):
        sys.exit(f"release: {tag} is another commit: raise VERSION in src/weft/version.py")


def build(folder: Path) -> Path:
    """Build the wheels and the source distributions from a clean checkout; compare them.

    Returns:
        The folder below `folder` that holds them as `dist` does.
    """
    checkout = folder / "checkout"
    run("git", "clone", "-q", "--local", ROOT, checkout, cwd=ROOT)
    run(checkout / "scripts/build_wheel.sh", cwd=checkout)
    dist = checkout / "dist"
    run(UV, "build", "-q", "--sdist", "--out-dir", "dist", cwd=checkout)
    run(
        UV,
        "build",
        "-q",
        "--sdist",
        "--out-dir",
        "dist/wandb",
        "distributions/wandb",
        cwd=checkout,
    )
    for ignored in dist.rglob(".gitignore"):  # of uv
        ignored.unlink()
    # The app is in the sdist, so the wheels are built from it without npm.
    sources = unpack(dist / f"weft-{VERSION}.tar.gz", folder)
    of_wandb = unpack(dist / f"wandb/wandb-{WANDB_VERSION}.tar.gz", folder)
    again = folder / "from-sdist"
    for name, part in (
        (f"weft-{VERSION}", sources),
        (f"weft_server-{VERSION}", sources / "distributions/server"),
        (f"wandb/wandb-{WANDB_VERSION}", of_wandb),
    ):
        wheel = f"{name}-py3-none-any.whl"
        run(UV, "build", "-q", "--wheel", "--out-dir", (again / wheel).parent, part, cwd=folder)
        if sha256(again / wheel) != sha256(dist / wheel):
            sys.exit(f"release: {wheel} differs from that of the source distribution")
    return dist


def unpack(sdist: Path, folder: Path) -> Path:
    """Unpack a source distribution below `folder`; the folder of its files."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / sdist.name.removesuffix(".tar.gz")


def check(dist: Path) -> None:
    """Install the wheels into an empty environment of each Python, and use them there."""
    os.environ["WEFT_TEST_WHEEL"] = str(dist)
    files = sorted((ROOT / "tests/e2e/journeys").glob("test_wheel*.py"))
    run(sys.executable, "-m", "pytest", "-q", "-rA", *map(str, files), cwd=ROOT)


def list_materials(folder: Path, dist: Path) -> Path:
    """Write the bill of materials: the wheels' requirements, and what the web app is made of."""
    tools, installed = folder / "tools", folder / "installed"
    client, server = (
        dist / f"{name}-{VERSION}-py3-none-any.whl" for name in ("weft", "weft_server")
    )
    (of_wandb,) = (dist / "wandb").glob("*.whl")
    lock = ROOT / "scripts/materials.lock"
    for environment in (tools, installed):
        run(UV, "venv", "-q", "--python", sys.executable, environment, cwd=folder)
    install = [UV, "pip", "install", "-q", "--no-build", "--python"]
    run(*install, tools, "--require-hashes", "-r", lock, cwd=folder)
    run(
        *install,
        installed,
        f"{client}[media,pandas,postgres,s3,sweeps]",
        server,
        of_wandb,
        cwd=folder,
    )
    target = folder / f"weft-{VERSION}.cdx.json"
    script = ROOT / "scripts/materials.py"
    run(tools / "bin" / "python", script, installed, server, target, cwd=folder)
    return target


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git(*arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def run(*command: object, cwd: Path) -> None:
    done = subprocess.run([str(part) for part in command], cwd=cwd, check=False)
    if done.returncode:
        sys.exit(f"release: {Path(str(command[0])).name} failed; dist is as it was")


if __name__ == "__main__":
    main()

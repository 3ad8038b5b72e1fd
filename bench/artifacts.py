"""Artifacts: many files, large files, a large file that changed in part; sent and fetched.

    python bench/artifacts.py [--gb 2] [--files 20000] [--peers] [--json FILE]

The measure of all is `cp` of the same files and their SHA-256, which any copy that is checked
needs once: weft hashes at both ends. The peers store into a folder of their own: the official
client offline, MLflow's artifact folder, and DVC's `add` and `push`. Bytes that were moved are
those by which the server's contents grew. The stated sizes are `--gb 10 --files 100000
--large-gb 4`.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from measure import Figure, Server, arguments, finish, running_server
from peers import WEFT, run_worker

WORKER = str(Path(__file__).with_name("artifacts_worker.py"))
PEERS = ("wandb", "mlflow-server", "dvc")
N_FILES = 1000
SMALL_BYTES = 1000
OF_A_COPY = 0.7
MOST_MB = 200
CHANGED = 0.01
MOST_MOVED = 5.0


def make_files(folder: Path, n_files: int, n_bytes: int) -> None:
    """Files of random bytes, 1,000 in a folder."""
    rng = np.random.default_rng(n_files)
    for number in range(n_files):
        path = folder / f"{number // 1000:03}" / f"{number:06}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rng.bytes(n_bytes))


def copy_and_hash(folder: Path, target: Path) -> float:
    """Seconds of `cp -r` and a SHA-256 of each copy."""
    begin = time.perf_counter()
    subprocess.run(["cp", "-r", folder, target], check=True)
    for path in target.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")
    took = time.perf_counter() - begin
    shutil.rmtree(target)
    return took


def stored_bytes(server: Server) -> int:
    """Bytes of contents. The rows of metadata, some 500 bytes a file, are not among them."""
    folder = server.data / "blobs"
    n_bytes = sum(path.stat().st_size for path in folder.glob("[0-9a-f][0-9a-f]/*"))
    with closing(sqlite3.connect(folder / "small.sqlite")) as db:
        return n_bytes + db.execute("SELECT total(length(content)) FROM blob").fetchone()[0]


def work(peer: str, action: str, folder: Path, **variables: str) -> Any:
    arguments = [WORKER, peer, action, str(folder)]
    report = run_worker(
        peer, arguments, starts_with="{", activity=f" at {action}", variables=variables
    )
    if report is None and peer == WEFT:
        raise SystemExit("weft failed")
    return report


def best_of(
    peers: tuple[str, ...], make: Callable[[Path], None]
) -> tuple[str | None, float | None]:
    """The peer that was fastest, and its seconds."""
    took: dict[str, float] = {}
    for peer in peers:
        with tempfile.TemporaryDirectory(prefix="weft-bench-data-") as folder:
            make(Path(folder, "data"))
            if report := work(peer, "put", Path(folder, "data")):
                took[peer] = report["secs"]
                print(f"{peer}: {report['secs']:.1f} s", flush=True)
    if not took:
        return None, None
    return min(took.items(), key=lambda pair: pair[1])


def moved(server: Server, folder: Path, change: Callable[[], None]) -> float:
    """Bytes by which the server grew when a changed folder was logged again, in percent."""
    whole = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    before = stored_bytes(server)
    change()
    online = {"WEFT_BASE_URL": server.url, "WEFT_MODE": "online"}
    work(WEFT, "put", folder, **online)
    return (stored_bytes(server) - before) / whole * 100


def many(name: str, n_files: int, n_bytes: int, peers: tuple[str, ...]) -> list[Figure]:
    """Files sent, sent again with one changed, and fetched."""
    size = n_files * n_bytes
    with (
        tempfile.TemporaryDirectory(prefix="weft-bench-data-") as text,
        running_server() as server,
    ):
        folder = Path(text, "data")
        make_files(folder, n_files, n_bytes)
        copied = copy_and_hash(folder, Path(text, "copy"))
        online = {"WEFT_BASE_URL": server.url, "WEFT_MODE": "online"}
        put = work(WEFT, "put", folder, **online)
        got = work(WEFT, "get", Path(text, "got"), **online)
        shutil.rmtree(Path(text, "got"))
        first = folder / "000" / "000000.bin"
        again = moved(server, folder, lambda: replace(first, b"x" * n_bytes))
        server_mb = server.memory_mb("VmHWM")
    best, theirs = best_of(peers, lambda target: make_files(target, n_files, n_bytes))
    theirs_rate = n_files / theirs if theirs else None
    memory = max(*put["memory"].values(), *got["memory"].values())
    is_small = n_bytes < 100_000
    return [
        Figure(
            f"{name}: sent", n_files / put["secs"], "files/s", 3000 if is_small else None, True,
            best, theirs_rate,
        ),
        Figure(f"{name}: sent", size / put["secs"] / 1e6, "MB/s"),
        Figure(
            f"{name}: sent, of cp + SHA-256", copied / put["secs"], "×",
            None if is_small else OF_A_COPY, True,
        ),
        Figure(
            f"{name}: fetched, of cp + SHA-256", copied / got["secs"], "×",
            None if is_small else OF_A_COPY, True,
        ),
        Figure(f"{name}: log_artifact()", put["call_secs"], "s"),
        Figure(f"{name}: one file changed, moved", again, "% of all", 100 / n_files + 1),
        Figure(f"{name}: memory of a client process, peak", memory, "MB", MOST_MB),
        Figure(f"{name}: server memory, peak", server_mb, "MB", MOST_MB),
    ]  # fmt: skip


def replace(path: Path, content: bytes) -> None:
    """Another file in its place, since the one that was logged may be linked."""
    path.unlink()
    path.write_bytes(content)


def large(n_bytes: int) -> list[Figure]:
    """One large file, and what moves when a part of it changed."""
    name = f"a file of {n_bytes / 1e9:.3g} GB"
    n_new = int(n_bytes * CHANGED)
    at = n_bytes // 3
    with (
        tempfile.TemporaryDirectory(prefix="weft-bench-data-") as text,
        running_server() as server,
    ):
        folder = Path(text, "data")
        folder.mkdir()
        path = folder / "large.bin"
        rng = np.random.default_rng(0)
        with path.open("wb") as file:
            for _ in range(0, n_bytes, 1 << 24):
                file.write(rng.bytes(min(1 << 24, n_bytes - file.tell())))
        copied = copy_and_hash(folder, Path(text, "copy"))
        online = {"WEFT_BASE_URL": server.url, "WEFT_MODE": "online"}
        put = work(WEFT, "put", folder, **online)
        got = work(WEFT, "get", Path(text, "got"), **online)
        shutil.rmtree(Path(text, "got"))
        figures = [
            Figure(f"{name}: sent, of cp + SHA-256", copied / put["secs"], "×"),
            Figure(f"{name}: fetched, of cp + SHA-256", copied / got["secs"], "×"),
        ]
        ways = {
            "1 % overwritten": ((at, n_new, n_new),),
            "1 % inserted": ((at, 0, n_new),),
            "1 % appended": ((n_bytes, 0, n_new),),
            "1 % overwritten in 40 places": tuple(
                (n_bytes // 41 * nth, n_new // 40, n_new // 40) for nth in range(1, 41)
            ),
        }
        for way, edits in ways.items():
            percent = moved(server, folder, lambda edits=edits: edit(path, edits, rng))
            # In smaller files, places of the same share are smaller than a chunk.
            budget = MOST_MOVED if n_bytes >= 4e9 or len(edits) == 1 else None
            figures.append(Figure(f"{name}, {way}: moved", percent, "% of it", budget))
        memory = max(put["memory"].values())
        figures += [
            Figure(f"{name}: memory of a client process, peak", memory, "MB", MOST_MB),
            Figure(f"{name}: server memory, peak", server.memory_mb("VmHWM"), "MB", MOST_MB),
        ]
    return figures


def edit(path: Path, edits: tuple[tuple[int, int, int], ...], rng: np.random.Generator) -> None:
    """Write a changed copy in place of a file.

    Args:
        edits: where, how many bytes are left out, and how many are new, in order.
    """
    draft = path.with_suffix(".draft")
    with path.open("rb") as reading, draft.open("wb") as writing:
        for start, n_old, n_new in edits:
            copy_bytes(reading, writing, start - reading.tell())
            reading.seek(n_old, 1)
            writing.write(rng.bytes(n_new))
        shutil.copyfileobj(reading, writing, 1 << 24)
    draft.replace(path)


def copy_bytes(reading: Any, writing: Any, n_bytes: int) -> None:
    while n_bytes > 0 and (piece := reading.read(min(n_bytes, 1 << 24))):
        writing.write(piece)
        n_bytes -= len(piece)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--gb", type=float, default=2.0, help="of 1,000 files (default 2)")
    parser.add_argument("--files", type=int, default=20_000, help="of 1 KB (default 20,000)")
    parser.add_argument("--large-gb", type=float, default=1.0, help="of one file (default 1)")
    parser.add_argument("--no-peers", action="store_true")
    args = parser.parse_args()
    peers = () if args.no_peers else PEERS
    n_bytes = int(args.gb * 1e9 / N_FILES)
    figures = many(f"{args.gb:g} GB in {N_FILES:,} files", N_FILES, n_bytes, peers)
    figures += many(f"{args.files:,} files of 1 KB", args.files, SMALL_BYTES, peers)
    figures += large(int(args.large_gb * 1e9))
    finish(figures, args.json)


if __name__ == "__main__":
    main()

"""`make demo`: a server of its own, real training runs, and the address to watch them at.

With `--once` it ends by itself after reading the curves back through the API; the exit code tells.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEFT = ROOT / ".venv" / "bin" / "weft"
EXAMPLE = ROOT / "examples" / "digits.py"
REPORT = ROOT / "examples" / "report.py"
PROJECT = "digits"
GRID = list(itertools.product((0.0003, 0.003, 0.03), (16, 64, 256)))
READY_SECS = 30.0


class Demo:
    """The demo's processes, and how they end."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.home.mkdir(parents=True, exist_ok=True)
        self.log = (home / "server.log").open("w")
        self.server = subprocess.Popen(
            [WEFT, "server", "--port", "0", "--data", str(home / "data")],
            stderr=subprocess.PIPE,
            stdout=self.log,
            text=True,
        )
        self.url = self._read_address()

    def _read_address(self) -> str:
        assert self.server.stderr is not None
        for line in self.server.stderr:
            self.log.write(line)
            if "serving http" in line:
                return line.split("serving ")[1].split()[0]
        raise SystemExit(f"the server did not start; see {self.home / 'server.log'}")

    def train(self, run_id: str, **options: float) -> subprocess.Popen[bytes]:
        """Start one training script in a process of its own, as a user would."""
        flags = [f"--{name}={value}" for name, value in options.items()]
        command = [sys.executable, EXAMPLE, f"--project={PROJECT}", f"--id={run_id}", *flags]
        return subprocess.Popen(command, env=self._env())

    def write_report(self) -> str:
        """Write a report about the runs; returns its address.

        Raises:
            SystemExit: it was not written, or the server has another one.
        """
        import weft.reports as wr

        command = [sys.executable, REPORT, f"--project={PROJECT}"]
        done = subprocess.run(command, env=self._env(), stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"the script of the report ended with code {done.returncode}")
        url = done.stdout.split("report: ")[1].strip()
        os.environ["WEFT_BASE_URL"] = self.url
        grids = [block for block in wr.Report.load(url).blocks if isinstance(block, wr.PanelGrid)]
        if len(grids) < 2:
            raise SystemExit(f"the report at {url} has {len(grids)} grids of panels")
        return url

    def _env(self) -> dict[str, str]:
        return os.environ | {
            "WEFT_BASE_URL": self.url,
            "WEFT_DIR": str(self.home),
            "WEFT_SILENT": "true",
            "OMP_NUM_THREADS": "1",
        }

    def read_back(self, run_id: str, n_epochs: int) -> int:
        """Read a run's history through the API; returns its rows.

        Raises:
            SystemExit: something that was logged is not there.
        """
        import weft

        os.environ["WEFT_BASE_URL"] = self.url
        run = weft.Api().run(f"local/{PROJECT}/{run_id}")
        rows = list(run.scan_history())
        losses = [row["train/loss"] for row in rows if "train/loss" in row]
        epochs = [row["epoch"] for row in rows if "epoch" in row]
        if run.state != "finished" or not losses or epochs != list(range(n_epochs)):
            raise SystemExit(
                f"run {run_id} is {run.state}, has {len(losses)} losses and epochs {epochs}"
            )
        if losses[-1] >= losses[0]:
            raise SystemExit(f"run {run_id} learned nothing: loss {losses[0]} to {losses[-1]}")
        return len(rows)

    def close(self) -> None:
        """Stop the server and wait for it."""
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(timeout=20)
        self.log.close()


def stamp() -> str:
    """Four characters that tell one demo's runs from the next one's."""
    return f"{int(time.time()) % 36**4:x}"[-4:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true")
    once = parser.parse_args().once
    home = Path(tempfile.mkdtemp(prefix="weft-demo-")) if once else ROOT / ".demo"
    demo = Demo(home)
    try:
        print(f"\n  weft is at   {demo.url}/local/{PROJECT}\n", flush=True)
        mark = stamp()
        waiting = [(f"d{mark}{i}", lr, hidden) for i, (lr, hidden) in enumerate(GRID)]
        names = [name for name, *_ in waiting]
        running: list[subprocess.Popen[bytes]] = []
        n_epochs = 12
        while waiting or running:
            while waiting and len(running) < 2:
                name, lr, hidden = waiting.pop(0)
                print(f"  training {name}: lr {lr}, hidden {hidden}", flush=True)
                running.append(demo.train(name, lr=lr, hidden=hidden, epochs=n_epochs))
            for process in [p for p in running if p.poll() is not None]:
                running.remove(process)
                if process.returncode:
                    raise SystemExit(f"a training script ended with code {process.returncode}")
            time.sleep(0.1)
        rows = sum(demo.read_back(name, n_epochs) for name in names)
        print(f"  read back through the API: {len(names)} runs, {rows} rows", flush=True)
        print(f"  a report about them: {demo.write_report()}", flush=True)
        if once:
            return
        print("  one slower run, so that curves grow; Ctrl-C ends the demo", flush=True)
        slow = demo.train(f"d{mark}slow", lr=0.001, hidden=128, epochs=400, pause=1.0)
        try:
            demo.server.wait()
        finally:
            if slow.poll() is None:
                slow.send_signal(signal.SIGINT)
                slow.wait(timeout=30)
    except KeyboardInterrupt:
        print("\n  bye", flush=True)
    finally:
        demo.close()
        if once:
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()

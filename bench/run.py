"""`make bench`: every benchmark, one table, and all figures as JSON in `.bench/results/`."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import time
from pathlib import Path

from measure import Figure, print_table

HERE = Path(__file__).parent
SCRIPTS = (
    "log_call",
    "import_time",
    "install",
    "session",
    "watch",
    "framework_epochs",
    "system_metrics",
    "ingest",
    "contents",
    "images",
    "tables",
    "table_preview",
    "many_writers",
    "many_runs",
    "after_an_hour",
    "busy_server",
    "people",
    "heavy_questions",
    "series_query",
    "grouped",
    "runs_table",
    "permissions",
    "export",
    "console_print",
    "console_search",
    "deletion",
    "upkeep",
    "s3",
    "sweeps",
    "gateway",
    "attacks",
    "browser",
    "browser_frames",
    "browser_size",
    "report_typing",
    "report_reading",
    "report_file",
    "run_page",
    "sweep_page",
    "log_to_pixel",
)
RESULTS = HERE.parent / ".bench" / "results"


def figures_in(path: Path) -> list[Figure]:
    """The figures that a script wrote with `--json`."""
    rows = json.loads(path.read_text())
    return [Figure(**{k: v for k, v in row.items() if k not in ("ok", "ratio")}) for row in rows]


def main() -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    chosen = sys.argv[1:] or list(SCRIPTS)
    figures: list[Figure] = []
    failed: list[str] = []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        out = RESULTS / f"{name}.json"
        done = subprocess.run([sys.executable, HERE / f"{name}.py", "--json", out], check=False)
        if done.returncode:
            failed.append(name)
            continue
        figures += figures_in(out)
    print(f"\n== all, {platform.platform()}, Python {platform.python_version()}")
    print_table(figures)
    (RESULTS / "all.json").write_text(
        json.dumps({"at": int(time.time()), "figures": [vars(f) for f in figures]}, indent=1)
    )
    missed = [f.name for f in figures if f.ok is False]
    print(f"\n{len(figures)} figures, {len(missed)} over budget, {len(failed)} scripts failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

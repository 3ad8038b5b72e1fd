"""Writes the latest figures into `docs/benchmarks.md`: what missed its budget first.

Reads what the scripts of `bench/run.py` left in `.bench/results/`, so a script that was run again
alone counts with the others.
"""

from __future__ import annotations

import sys

from measure import ROOT, Figure, number
from run import RESULTS, SCRIPTS, figures_in

DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures -->\n", "<!-- /figures -->\n"


def rows(figures: list[Figure]) -> list[str]:
    """A Markdown table row for each figure."""
    lines: list[str] = []
    for figure in figures:
        bound = "≥" if figure.at_least else "≤"
        budget = "" if figure.budget is None else f"{bound} {number(figure.budget)}"
        peer = f"{figure.peer}: {number(figure.peer_figure)}" if figure.peer_figure else ""
        ratio = f"{figure.ratio:.1f}×" if figure.ratio else ""
        name = figure.name.replace("|", "\\|")
        lines.append(
            f"| {name} | {budget} | {number(figure.figure)} {figure.unit} | {peer} | {ratio} |"
        )
    return lines


def section(title: str, figures: list[Figure]) -> str:
    """A heading and a table; says so where it would be empty."""
    head = ["| what | budget | figure | peer | better by |", "|---|---|---|---|---|"]
    body = "\n".join([*head, *rows(figures)]) if figures else "None."
    return f"### {title}\n\n{body}\n"


def main() -> None:
    missing = [name for name in SCRIPTS if not (RESULTS / f"{name}.json").exists()]
    if missing:
        sys.exit(f"no results of {', '.join(missing)}: run `make bench`")
    figures = [figure for name in SCRIPTS for figure in figures_in(RESULTS / f"{name}.json")]
    text = "\n".join(
        [
            section("Over budget", [figure for figure in figures if figure.ok is False]),
            section("Within budget", [figure for figure in figures if figure.ok]),
            section("Without a budget", [figure for figure in figures if figure.ok is None]),
        ]
    )
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}{text}{END}{after}")


if __name__ == "__main__":
    main()

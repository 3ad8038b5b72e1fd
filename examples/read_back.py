"""Reads runs back: the best of them, a table of all their rows, a file for other programs.

Run `quickstart.py` first. With a server running nothing needs to be said; without one name the
directory:

    python read_back.py
    python read_back.py ./weft
"""

import sys

import weft

api = weft.Api(*sys.argv[1:2])
for project in api.projects():
    runs = api.runs(project.name, 'state = "finished"', order="summary.loss")
    print(f"{project.name}: {len(runs)} runs")
    for run in runs[:3]:
        print(f"  {run.name}  best loss {run.summary.get('loss')}  {run.config}")
    if runs:
        # Every row of every run; .pandas(), .polars() and .arrow() give it as a table instead.
        print("  rows in", api.export("history.parquet", runs))

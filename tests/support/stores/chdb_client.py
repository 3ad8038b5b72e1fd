"""The options of `clickhouse-client` that `deploy/clickhouse` uses: chdb has no client."""

from __future__ import annotations

import argparse

from clickhouse_driver import Client

parser = argparse.ArgumentParser()
parser.add_argument("--host")
parser.add_argument("--port", type=int)
parser.add_argument("--format", choices=["TSVRaw"])
parser.add_argument("--query")
arguments = parser.parse_args()
for row in Client(arguments.host, arguments.port).execute(arguments.query):
    print(*row, sep="\t")

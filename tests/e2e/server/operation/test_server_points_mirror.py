"""`weft server --points-mirror`: the points of a script, as ClickHouse's own client reads them."""

from __future__ import annotations

import re
from pathlib import Path

import weft
from clickhouse_server import ClickHouseServer
from postgres_cluster import PostgresCluster
from sdk_script import run_well
from server_process import start_server, wait_until
from weft.server.storage.clickhouse.clients import Clients

SCALE = Path(__file__).parents[4] / "docs" / "scale.md"
(QUERY,) = re.findall(r"```sql\n(.*?)```", SCALE.read_text(), re.DOTALL)

SCRIPT = """
import weft

for name, best in (("a", 3), ("b", 1)):
    with weft.init(project="mnist", id=name) as run:
        for step in range(10):
            run.log({"val/loss": best + abs(step - 5)})
"""


def test_the_query_of_the_guide_reads_what_a_script_logged(
    tmp_path: Path,
    postgres_cluster: PostgresCluster,
    clickhouse_server: ClickHouseServer,
) -> None:
    metrics_url = clickhouse_server.new_database()
    clients = Clients(metrics_url)
    with start_server(
        tmp_path / "server",
        "--metadata-url", postgres_cluster.new_metadata(), "--metrics-url", metrics_url,
        "--points-mirror",
    ) as server:  # fmt: skip
        run_well(
            tmp_path,
            SCRIPT,
            {
                "WEFT_MODE": "online",
                "WEFT_BASE_URL": server.url,
                "WEFT_API_KEY": str(server.token),
                "WEFT_ENTITY": "local",
            },
        )
        query = QUERY.replace("lab/mnist", "local/mnist")
        wait_until(
            lambda: clients.read(query) == [(b"b", 1.0, 5), (b"a", 3.0, 5)],
            what="the points of both runs",
        )
        assert clients.read(QUERY) == []
        wait_until(
            lambda: clients.read("SELECT max(until) > now() - 20 FROM points_copied") == [(1,)],
            what="the time until which all points are there",
        )
        api = weft.Api(server.url, api_key=server.token)
        api.run("local/mnist/a").delete()
        wait_until(lambda: clients.read(query) == [(b"b", 1.0, 5)], what="the rest of the points")
    clients.close()

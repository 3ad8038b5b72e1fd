"""A real cluster of ClickHouse, two shards of two replicas, with its ZooKeeper.

All of it starts in a few seconds and takes about 500 MB.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from clickhouse_server import ClickHouseServer
from free_port import free_port
from relay import Relay

_DEADLINE_SECS = 60
_RELAYED_HOST = "127.0.0.2"
_JAR = Path("/usr/share/java/zookeeper.jar")

_ZOOKEEPER = """tickTime=500
dataDir={folder}
clientPort={port}
clientPortAddress=127.0.0.1
admin.enableServer=false
"""

_NODE_FILE: Final = Path(__file__).parents[3] / "deploy" / "clickhouse" / "node.xml"


def node_configuration(port: int, zookeeper: int) -> str:
    """The elements of `deploy/clickhouse/node.xml`, for a node on this machine."""
    root = ElementTree.parse(_NODE_FILE).getroot()
    element_at(root, "interserver_http_port").text = str(port)
    keepers = element_at(root, "zookeeper")
    for node in keepers.findall("node")[1:]:
        keepers.remove(node)
    element_at(keepers, "node/host").text = "127.0.0.1"
    element_at(keepers, "node/port").text = str(zookeeper)
    ElementTree.SubElement(keepers, "session_timeout_ms").text = "4000"
    return "".join(ElementTree.tostring(element, encoding="unicode") for element in root)


def element_at(parent: Element, path: str) -> Element:
    element = parent.find(path)
    assert element is not None, path
    return element


class ZooKeeper:
    """A running ZooKeeper."""

    def __init__(self) -> None:
        if not _JAR.exists():
            raise RuntimeError("zookeeper is needed: make system (Debian: zookeeper)")
        self._folder = Path(tempfile.mkdtemp(prefix="weft-zk-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.start()

    def start(self) -> None:
        """Start it, at first and after `kill`, with the data that it has."""
        config = self._folder / "zoo.cfg"
        config.write_text(_ZOOKEEPER.format(folder=self._folder, port=self.port))
        program = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                ["java", "-Xmx96m", "-XX:+UseSerialGC", "-cp", str(_JAR), program, str(config)],
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + _DEADLINE_SECS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"ZooKeeper did not start: {self._folder / 'output'}")
            time.sleep(0.05)

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def _answers(self) -> bool:
        """It listens before it serves, and a node that starts meanwhile would end."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"srvr")
                return b"Mode:" in connection.recv(4096)
        except OSError:
            return False

    def kill(self) -> None:
        """End it as a crash would, and keep what it has."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


Node = tuple[str, str]
"""Shard and replica."""


class ClickHouseCluster:
    """Four nodes, and their ZooKeeper.

    Attributes:
        to_zookeeper: the relay between each node and ZooKeeper; none without `has_relays`.
        to_replica: the relay between each node and those that copy parts of it; none as well.
    """

    def __init__(self, *, has_relays: bool = False) -> None:
        self.zookeeper = ZooKeeper()
        ids: list[Node] = [(shard, replica) for shard in "12" for replica in "ab"]
        url = f"http://127.0.0.1:{self.zookeeper.port}"
        self.to_zookeeper = {node_id: Relay(url) for node_id in ids} if has_relays else {}
        self.to_replica: dict[Node, Relay] = {}
        self.nodes = {node_id: self._start_node(node_id) for node_id in ids}

    def _start_node(self, node_id: Node) -> ClickHouseServer:
        shard, replica = node_id
        relay = self.to_zookeeper.get(node_id)
        zookeeper = self.zookeeper.port if relay is None else relay.port
        port, host = free_port(), "127.0.0.1"
        if relay is not None:
            # Others are told the same port: the relay has another address of this machine.
            target, host = f"http://{host}:{port}", _RELAYED_HOST
            self.to_replica[node_id] = Relay(target, address=(host, port))
        return ClickHouseServer(
            node_configuration(port, zookeeper),
            {
                "CLICKHOUSE_SHARD": shard,
                "CLICKHOUSE_REPLICA": replica,
                "CLICKHOUSE_HOST": host,
            },
        )

    def start(self) -> None:
        """Start what was killed."""
        for server in (self.zookeeper, *self.nodes.values()):
            if not server.is_running:
                server.start()

    def new_database(self) -> str:
        """URL of a database that is still to be made."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes.values())
        return f"clickhouse://{hosts}/weft_{uuid.uuid4().hex}"

    def stop(self) -> None:
        for node in self.nodes.values():
            node.stop()
        for relay in (*self.to_zookeeper.values(), *self.to_replica.values()):
            relay.refuse()
        self.zookeeper.stop()

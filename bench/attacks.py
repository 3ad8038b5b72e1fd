"""Attacks on the server's HTTP at length: memory, descriptors, and the owner's worst answer.

Each attack comes from another user of the machine (run this as root; else from the own user, to a
server that asks everybody for the token) against a fresh server with few descriptors, while its
owner asks for `/healthz` over and over, by a new connection each time.
"""

from __future__ import annotations

import sys
import time
import urllib.request
from typing import NamedTuple

from measure import ROOT, Figure, arguments, finish, running_server

sys.path.append(str(ROOT / "tests/support/scripts"))
from hostile_client import Probe, resident_bytes, run_attack

MB = 2**20
N_DESCRIPTORS = 1024

WORST_MILLIS = 250
GROWTH_MB = 100


class Attack(NamedTuple):
    """An attack by another user, or by the owner."""

    name: str
    n_connections: int
    n_bytes: int
    secs: float
    by_owner: bool = False

    def __str__(self) -> str:
        return f"{self.name} × {self.n_connections}" + (" (owner)" if self.by_owner else "")


ATTACKS = (
    Attack("unread_answers", 1, 32 * MB, 10),
    Attack("unread_refusals", 1, 39 * MB, 10),
    Attack("unread_answers", 100, 4 * MB, 15),
    Attack("read_answers", 100, 100 * MB, 10),
    Attack("endless_header", 1, 1500 * MB, 60),
    Attack("endless_header", 200, 10 * MB, 20),
    Attack("endless_target", 10, 100 * MB, 20),
    Attack("header_lines", 10, 100_000 * 6, 20),
    Attack("no_colon", 10, 10 * MB, 20),
    Attack("blank_lines", 10, 10 * MB, 20),
    Attack("half_requests", 1100, 0, 45),
    Attack("half_requests", 5000, 0, 45),
    Attack("dripped_headers", 500, 0, 45),
    Attack("silent", 1100, 0, 45),
    Attack("half_closed", 1100, 0, 20),
    Attack("slow_bodies", 500, 0, 45),
    Attack("slow_bodies", 100, 0, 90, by_owner=True),
    Attack("endless_chunks", 10, 100 * MB, 20),
    Attack("endless_chunks", 10, 100 * MB, 20, by_owner=True),
    Attack("endless_trailer", 10, 100 * MB, 20, by_owner=True),
    Attack("chunk_extension", 10, 100 * MB, 20, by_owner=True),
    Attack("behind_a_stream", 50, 10 * MB, 15, by_owner=True),
    Attack("unread_streams", 200, 0, 20, by_owner=True),
)


def measure(attack: Attack) -> list[Figure]:
    with running_server(n_descriptors=N_DESCRIPTORS) as server:
        pid = server.process.pid
        urllib.request.urlopen(f"{server.url}/healthz").close()  # the first one builds the routes
        with Probe(server.port, pid) as before:
            time.sleep(1.0)
        idle = resident_bytes(pid)
        cpu = server.cpu_secs()
        with Probe(server.port, pid) as probe:
            result = run_attack(
                attack.name,
                server.port,
                n_connections=attack.n_connections,
                n_bytes=attack.n_bytes,
                secs=attack.secs,
                own_user=attack.by_owner,
            )
        cpu = server.cpu_secs() - cpu
        with Probe(server.port, pid) as after:
            time.sleep(1.0)
    print(
        f"{attack}: sent {result.sent_bytes / MB:.1f} MB, "
        f"received {result.received_bytes / MB:.1f} MB, {result.n_connections} connections, "
        f"{result.n_refused} refused, {result.n_closed} closed, "
        f"first status {result.status}; {result.secs:.1f} s, server CPU {cpu:.2f} s; owner: "
        f"{probe.n_answered} answers, {probe.n_failed} failures, "
        f"worst {probe.worst_secs * 1e3:.0f} ms ({before.worst_secs * 1e3:.0f} before, "
        f"{after.worst_secs * 1e3:.0f} after); {idle / MB:.0f} MB before, "
        f"{probe.peak_bytes / MB:.0f} MB peak, {probe.peak_files} descriptors",
        flush=True,
    )
    return [
        Figure(
            f"{attack}: worst /healthz of the owner", probe.worst_secs * 1e3, "ms", WORST_MILLIS
        ),
        Figure(f"{attack}: owner's questions without an answer", probe.n_failed, "", 0),
        Figure(f"{attack}: memory grows by", (probe.peak_bytes - idle) / MB, "MB", GROWTH_MB),
        Figure(f"{attack}: sent", result.sent_bytes / MB, "MB"),
        Figure(f"{attack}: received", result.received_bytes / MB, "MB"),
        Figure(f"{attack}: descriptors", probe.peak_files, ""),
    ]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--only", help="attacks with this in their name")
    args = parser.parse_args()
    figures: list[Figure] = []
    for attack in ATTACKS:
        if args.only is None or args.only in attack.name:
            figures += measure(attack)
    finish(figures, args.json)


if __name__ == "__main__":
    main()

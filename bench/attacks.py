"""Attacks on the server's HTTP at length: memory, descriptors, and the owner's worst answer.

Each attack comes from another user of the machine (run this as root; else from the own user, to a
server that asks everybody for the token) against a fresh server with few descriptors, while its
owner asks for `/healthz` over and over, by a new connection each time.
"""

from __future__ import annotations

import sys
import time
import urllib.request

from measure import ROOT, Figure, arguments, finish, running_server

MB = 2**20
N_DESCRIPTORS = 1024

WORST_MILLIS = 250
GROWTH_MB = 100

ATTACKS = (
    # name, connections, bytes on each, seconds, by the owner
    ("unread_answers", 1, 32 * MB, 10, False),
    ("unread_refusals", 1, 39 * MB, 10, False),
    ("unread_answers", 100, 4 * MB, 15, False),
    ("read_answers", 100, 100 * MB, 10, False),
    ("endless_header", 1, 1500 * MB, 60, False),
    ("endless_header", 200, 10 * MB, 20, False),
    ("endless_target", 10, 100 * MB, 20, False),
    ("header_lines", 10, 100_000 * 6, 20, False),
    ("no_colon", 10, 10 * MB, 20, False),
    ("blank_lines", 10, 10 * MB, 20, False),
    ("half_requests", 1100, 0, 45, False),
    ("half_requests", 5000, 0, 45, False),
    ("dripped_headers", 500, 0, 45, False),
    ("silent", 1100, 0, 45, False),
    ("half_closed", 1100, 0, 20, False),
    ("slow_bodies", 500, 0, 45, False),
    ("slow_bodies", 100, 0, 90, True),
    ("endless_chunks", 10, 100 * MB, 20, False),
    ("endless_chunks", 10, 100 * MB, 20, True),
    ("endless_trailer", 10, 100 * MB, 20, True),
    ("chunk_extension", 10, 100 * MB, 20, True),
    ("behind_a_stream", 50, 10 * MB, 15, True),
    ("unread_streams", 200, 0, 20, True),
)


def measure(name: str, n_connections: int, n_bytes: int, secs: float, own: bool) -> list[Figure]:
    sys.path.append(str(ROOT / "tests/support/scripts"))
    from hostile_client import Probe, resident_bytes, run_attack

    with running_server(n_descriptors=N_DESCRIPTORS) as server:
        pid = server.process.pid
        urllib.request.urlopen(f"{server.url}/healthz").close()  # the first one builds the routes
        with Probe(server.port, pid) as before:
            time.sleep(1.0)
        idle = resident_bytes(pid)
        cpu = server.cpu_secs()
        with Probe(server.port, pid) as probe:
            got = run_attack(
                name,
                server.port,
                n_connections=n_connections,
                n_bytes=n_bytes,
                secs=secs,
                own_user=own,
            )
        cpu = server.cpu_secs() - cpu
        with Probe(server.port, pid) as after:
            time.sleep(1.0)
    attack = f"{name} × {n_connections}" + (" (owner)" if own else "")
    print(
        f"{attack}: sent {got.sent_bytes / MB:.1f} MB, received {got.received_bytes / MB:.1f} MB, "
        f"{got.n_connections} connections, {got.n_refused} refused, {got.n_closed} closed, "
        f"first status {got.status}; {got.secs:.1f} s, server CPU {cpu:.2f} s; owner: "
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
        Figure(f"{attack}: sent", got.sent_bytes / MB, "MB"),
        Figure(f"{attack}: received", got.received_bytes / MB, "MB"),
        Figure(f"{attack}: descriptors", probe.peak_files, ""),
    ]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--only", help="attacks with this in their name")
    args = parser.parse_args()
    figures: list[Figure] = []
    for name, n_connections, n_bytes, secs, own in ATTACKS:
        if args.only is None or args.only in name:
            figures += measure(name, n_connections, n_bytes, secs, own)
    finish(figures, args.json)


if __name__ == "__main__":
    main()

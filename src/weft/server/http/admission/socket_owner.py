"""Finds which user of this machine owns a TCP socket. Linux only; used once per connection.

It asks the kernel for the one socket (sock_diag, about 10 µs). If the kernel does not support
that, it reads `/proc/net/tcp`, which costs milliseconds if there are thousands of connections.

Source: sock_diag(7); include/uapi/linux/inet_diag.h; Documentation/networking/proc_net_tcp.rst.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from functools import cache
from pathlib import Path
from struct import Struct, error
from typing import Final

Address = tuple[str, int]

_SOCK_DIAG_BY_FAMILY: Final = 20
_NLM_F_REQUEST: Final = 1
_NETLINK_SOCK_DIAG: Final = 4
_NLMSG_ERROR: Final = 2

_NETLINK_HEAD: Final = Struct("=IHHII")
_REQUEST: Final = Struct("=BBBBI")
_PORTS: Final = Struct("!HH")
_SOCKET_TAIL: Final = Struct("=III")
_ERROR_CODE: Final = Struct("=i")
_ANSWER_HEAD: Final = Struct("=BBBB")
_ANSWER_TAIL: Final = Struct("=IIIII")
_SOCKET_BYTES: Final = 48
_ANY_INTERFACE: Final = 0
_NO_COOKIE: Final = 0xFFFFFFFF
_ALL_STATES: Final = 0xFFFFFFFF


def socket_owner(local: Address, remote: Address) -> int | None:
    """The user id that owns the TCP socket `local` → `remote`, numeric addresses, of this machine.

    None if there is no such open socket, or the system does not tell. Then the token is required.
    """
    if sys.platform != "linux":
        return None
    try:
        return _ask_kernel(local, remote)
    except (OSError, error):
        return _look_in_proc(local, remote)


def can_know_users() -> bool:
    """Whether this system tells who owns a socket; otherwise everyone needs the token."""
    return sys.platform == "linux" and Path("/proc/net/tcp").exists()


def _ask_kernel(local: Address, remote: Address) -> int | None:
    """Ask the kernel for this one socket."""
    try:
        return _query_socket(local, remote)
    except FileNotFoundError:
        if _kernel_knows_tcp():
            return None  # already closed; reading /proc for each would be costly
        raise


@cache
def _kernel_knows_tcp() -> bool:
    """Whether "no such socket" is true: a kernel without tcp_diag answers that to every query."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = listener.getsockname()
            with socket.create_connection(address) as client:
                return _query_socket(client.getsockname(), address) == os.getuid()
    except (OSError, error):
        return False


def _query_socket(local: Address, remote: Address) -> int | None:
    id_ = _packed_socket(local, remote)
    family = _family(local)
    body = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, _ALL_STATES) + id_
    body += _SOCKET_TAIL.pack(_ANY_INTERFACE, _NO_COOKIE, _NO_COOKIE)
    n_bytes = _NETLINK_HEAD.size + len(body)
    head = _NETLINK_HEAD.pack(n_bytes, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(1.0)
        kernel.sendto(head + body, (0, 0))
        answer = kernel.recv(4096)
    kind = _NETLINK_HEAD.unpack_from(answer)[1]
    if kind == _NLMSG_ERROR:
        (code,) = _ERROR_CODE.unpack_from(answer, _NETLINK_HEAD.size)
        raise OSError(-code, os.strerror(-code))  # ENOENT makes it a FileNotFoundError
    if kind != _SOCK_DIAG_BY_FAMILY:
        raise OSError(errno.EPROTO, "sock_diag gave an unknown answer")
    at = _NETLINK_HEAD.size + _ANSWER_HEAD.size
    if answer[at : at + len(id_)] != id_:
        return None  # a listener that would accept such a connection
    *_, owner, inode = _ANSWER_TAIL.unpack_from(answer, at + _SOCKET_BYTES)
    return owner if inode else None


def _look_in_proc(local: Address, remote: Address) -> int | None:
    ends = [_proc_address(local), _proc_address(remote)]
    try:
        with Path("/proc/net", "tcp6" if ":" in local[0] else "tcp").open() as lines:
            for line in lines:
                if ends[0] not in line:
                    continue
                fields = line.split()
                # A socket that its process has closed has inode 0 and shows user 0, which would
                # make everyone who hangs up early look like root.
                if fields[1:3] == ends and fields[9] != "0":
                    return int(fields[7])
    except OSError:
        return None
    return None


def _family(address: Address) -> int:
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


def _packed_socket(local: Address, remote: Address) -> bytes:
    ends = (socket.inet_pton(_family(end), end[0]).ljust(16, b"\0") for end in (local, remote))
    return _PORTS.pack(local[1], remote[1]) + b"".join(ends)


def _proc_address(address: Address) -> str:
    packed = socket.inet_pton(_family(address), address[0])
    # The kernel prints each 32-bit word as a number in the machine's own byte order.
    words = (packed[i : i + 4] for i in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(w, sys.byteorder):08X}" for w in words) + f":{address[1]:04X}"

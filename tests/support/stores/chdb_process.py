"""Today's ClickHouse behind its native protocol: `chdb_process.py CONFIG FOLDER PORT`.

`chdb` is ClickHouse as a library. This process gives it statements and blocks as they come from
`clickhouse_driver`, and its blocks back, unchanged: `FORMAT Native` is what the protocol has. The
revision of the protocol is an earlier one, from before what needs more than that.
"""

from __future__ import annotations

import io
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import chdb
from clickhouse_driver import varint, writer
from clickhouse_driver.block import BlockInfo
from clickhouse_driver.bufferedreader import BufferedReader
from clickhouse_driver.client import Client
from clickhouse_driver.connection import ServerInfo
from clickhouse_driver.context import Context
from clickhouse_driver.protocol import ClientPacketTypes, ServerPacketTypes
from clickhouse_driver.reader import read_binary_str, read_binary_uint8
from clickhouse_driver.streams.native import BlockInputStream

_REVISION: Final = 54_440
"""Settings are texts already, and columns have no serialization of their own yet."""

_BUFFER_BYTES: Final = 1 << 20

_INSERT: Final = re.compile(r"(INSERT INTO (\S+) \((.*)\)) VALUES", re.DOTALL)
_CODE: Final = re.compile(r"Code: (\d+)\.")


class RecordingReader(BufferedReader):
    """Reads through the driver's functions, and keeps the bytes that they have read."""

    def __init__(self, receive_into: Callable[[bytearray], int]) -> None:
        super().__init__(_BUFFER_BYTES)
        self._receive_into = receive_into
        self._read: list[bytes] = []
        self._first = 0

    def read_into_buffer(self) -> None:
        """Fill the buffer, of which all was read; EOFError at the end."""
        self._read.append(bytes(self.buffer[self._first : self.current_buffer_size]))
        self._first = 0
        self.current_buffer_size = self._receive_into(self.buffer)
        if not self.current_buffer_size:
            raise EOFError

    def begin(self) -> None:
        """Keep what is read from now on."""
        self._read.clear()
        self._first = self.position

    def recorded(self) -> bytes:
        """The bytes that were read since `begin`."""
        return b"".join(self._read) + self.buffer[self._first : self.position]


class Block(NamedTuple):
    """A block: its bytes, and its columns by name."""

    data: bytes
    columns: dict[str, Any]


def read_block(reader: RecordingReader) -> Block:
    """A block as `FORMAT Native` has it."""
    context = Context()
    context.settings = {}
    context.client_settings = {**Client("").client_settings, "strings_as_bytes": True}
    context.server_info = ServerInfo("", 0, 0, 0, 0, "UTC", "", used_revision=0)
    reader.begin()
    block = BlockInputStream(reader, context).read()
    names = [name for name, _ in block.columns_with_types]
    return Block(reader.recorded(), dict(zip(names, block.get_columns(), strict=False)))


def read_blocks(answer: bytes) -> Iterator[Block]:
    """The blocks of an answer of ClickHouse."""
    reader = RecordingReader(io.BytesIO(answer).readinto)
    end = len(answer)
    while end:
        try:
            block = read_block(reader)
        except EOFError as error:
            raise ValueError("a block of the answer has no end") from error
        end -= len(block.data)
        yield block


class Session:
    """A connection of a client, with settings and a database of its own."""

    def __init__(self, connection: socket.socket, address: str) -> None:
        self._connection = connection
        self._reader = RecordingReader(connection.recv_into)
        self._engine = chdb.connect(address)
        self._settings: dict[str, str] = {}

    def run(self) -> None:
        """Answer until the client goes."""
        try:
            if self._greet():
                while self._answer():
                    pass
        except (EOFError, OSError):
            pass
        finally:
            self._engine.close()
            self._connection.close()

    def _query(self, statement: str) -> list[Block]:
        return list(read_blocks(self._engine.query(statement, "Native").bytes()))

    def _greet(self) -> bool:
        varint.read_varint(self._reader)
        read_binary_str(self._reader)
        for _ in range(3):
            varint.read_varint(self._reader)
        database = read_binary_str(self._reader)
        read_binary_str(self._reader)
        read_binary_str(self._reader)
        try:
            if database:
                self._query(f"USE `{database}`")
        except RuntimeError as error:
            self._send_error(error)
            return False
        major, minor, patch, *_ = map(int, chdb.engine_version.split("."))
        packet = _packet(ServerPacketTypes.HELLO)
        writer.write_binary_str("ClickHouse", packet)
        for number in (major, minor, _REVISION):
            varint.write_varint(number, packet)
        for text in ("UTC", "chdb"):
            writer.write_binary_str(text, packet)
        varint.write_varint(patch, packet)
        self._send(packet)
        return True

    def _answer(self) -> bool:
        """Answer a packet; False if nothing more is answered."""
        kind = varint.read_varint(self._reader)
        if kind == ClientPacketTypes.PING:
            self._send(_packet(ServerPacketTypes.PONG))
            return True
        if kind == ClientPacketTypes.CANCEL:
            return True
        assert kind == ClientPacketTypes.QUERY, kind
        statement, settings = self._read_query()
        assert not self._read_data().columns, "tables of the client"
        insert = _INSERT.fullmatch(statement)
        try:
            self._set(settings)
            if insert is not None:
                self._insert(*insert.groups())
            else:
                for block in self._query(statement):
                    self._send_block(block.data)
        except RuntimeError as error:
            self._send_error(error)
            # As the client may send blocks of an insert meanwhile, it has to begin anew.
            return insert is None
        self._send(_packet(ServerPacketTypes.END_OF_STREAM))
        return True

    def _read_query(self) -> tuple[str, dict[str, str]]:
        """A statement and its settings."""
        reader = self._reader
        read_binary_str(reader)
        read_binary_uint8(reader)
        for _ in range(3):
            read_binary_str(reader)
        read_binary_uint8(reader)
        for _ in range(3):
            read_binary_str(reader)
        for _ in range(3):
            varint.read_varint(reader)
        read_binary_str(reader)
        varint.read_varint(reader)
        settings: dict[str, str] = {}
        while name := read_binary_str(reader):
            read_binary_uint8(reader)
            settings[name] = read_binary_str(reader)
        varint.read_varint(reader)
        is_compressed = varint.read_varint(reader)
        assert not is_compressed
        return read_binary_str(reader), settings

    def _set(self, settings: dict[str, str]) -> None:
        for name, value in settings.items():
            if self._settings.get(name) != value:
                self._query(f"SET {name} = '{value}'")
                self._settings[name] = value

    def _read_data(self) -> Block:
        kind = varint.read_varint(self._reader)
        assert kind == ClientPacketTypes.DATA, kind
        read_binary_str(self._reader)
        BlockInfo().read(self._reader)
        return read_block(self._reader)

    def _insert(self, statement: str, table: str, columns: str) -> None:
        names: list[bytes] = []
        types: list[bytes] = []
        for block in self._query(f"DESCRIBE TABLE (SELECT {columns} FROM {table})"):
            names += block.columns["name"]
            types += block.columns["type"]
        head = io.BytesIO()
        varint.write_varint(len(names), head)
        varint.write_varint(0, head)
        for name, type_ in zip(names, types, strict=True):
            writer.write_binary_bytes(name, head)
            writer.write_binary_bytes(type_, head)
        self._send_block(head.getvalue())
        inserter = self._engine.send_insert(statement, "Native")
        while (block := self._read_data()).columns:
            inserter.append(block.data)
        inserter.finish()

    def _send_block(self, data: bytes) -> None:
        packet = _packet(ServerPacketTypes.DATA)
        writer.write_binary_str("", packet)
        BlockInfo().write(packet)
        packet.write(data)
        self._send(packet)

    def _send_error(self, error: RuntimeError) -> None:
        code = _CODE.search(str(error))
        packet = _packet(ServerPacketTypes.EXCEPTION)
        writer.write_binary_int32(0 if code is None else int(code[1]), packet)
        for text in ("DB::Exception", str(error), ""):
            writer.write_binary_str(text, packet)
        writer.write_binary_uint8(0, packet)
        self._send(packet)

    def _send(self, packet: io.BytesIO) -> None:
        self._connection.sendall(packet.getbuffer())


def _packet(kind: int) -> io.BytesIO:
    packet = io.BytesIO()
    varint.write_varint(kind, packet)
    return packet


def serve(config: str, folder: str, port: int) -> None:
    """Answer clients until this process is killed."""
    address = f"{folder}?config-file={config}"
    # The engine ends with its last connection.
    with chdb.connect(address), socket.create_server(("127.0.0.1", port), backlog=128) as server:
        while True:
            connection, _ = server.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            session = Session(connection, address)
            threading.Thread(target=session.run, daemon=True).start()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))

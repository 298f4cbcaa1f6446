"""The part of MariaDB's protocol that one query needs: log in with a password, send the query, read the first row."""

import hashlib
import socket
import struct

LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH = 0x1, 0x200, 0x8000, 0x80000
ERROR, END = 0xFF, 0xFE


class MysqlError(Exception):
    """An error of the database, or an answer without a row."""


def read_packet(connection: socket.socket) -> tuple[int, bytes]:
    """Read one packet: its sequence number and its payload."""
    head = read(connection, 4)
    return head[3], read(connection, int.from_bytes(head[:3], "little"))


def read(connection: socket.socket, count: int) -> bytes:
    """Read exactly ``count`` bytes."""
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise MysqlError("the database closed the connection")
        data += more
    return data


def send(connection: socket.socket, number: int, payload: bytes) -> None:
    """Send one packet."""
    connection.sendall(len(payload).to_bytes(3, "little") + bytes([number]) + payload)


def checked(payload: bytes) -> bytes:
    """Return the payload; raise MysqlError with the message of an error packet."""
    if payload[0] == ERROR:
        raise MysqlError(payload[9:].decode(errors="replace"))
    return payload


def scramble(password: str, salt: bytes) -> bytes:
    """Return the answer to the server's challenge (mysql_native_password)."""
    first = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    second = hashlib.sha1(salt + hashlib.sha1(first, usedforsecurity=False).digest(), usedforsecurity=False).digest()
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def login(connection: socket.socket, user: str, password: str) -> None:
    """Read the server's greeting and log in."""
    _, greeting = read_packet(connection)
    checked(greeting)
    rest = greeting[greeting.index(0, 1) + 5 :]
    salt = rest[:8] + rest[27:39]
    flags = LONG_PASSWORD | PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH
    answer = scramble(password, salt)
    hello = struct.pack("<IIB23x", flags, 1 << 24, 45) + user.encode() + b"\0" + bytes([len(answer)]) + answer
    send(connection, 1, hello + b"mysql_native_password\0")
    checked(read_packet(connection)[1])


def first_value(host: str, user: str, password: str, query: str) -> str:
    """Return the first column of the first row."""
    with socket.create_connection((host, 3306), timeout=5) as connection:
        login(connection, user, password)
        send(connection, 0, b"\x03" + query.encode())
        checked(read_packet(connection)[1])
        while read_packet(connection)[1][0] != END:
            pass
        row = checked(read_packet(connection)[1])
        if row[0] == END:
            raise MysqlError("the answer has no row")
        return row[1 : 1 + row[0]].decode()

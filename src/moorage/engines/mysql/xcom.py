"""The words of XCom, the group's own consensus, for one request: to take a member out of the configuration. Pure.

They are those of XCom's own clients, in its protocol 1.9 (MySQL 8.0.27 to 9.7 at least), written as XDR. A member that leaves
asks its peers in the same way. The request is a proposal like any other: nothing comes of it without a majority of the
configuration that it is made in, so it never makes a second majority, whoever sends it, and however often.
"""

import struct

PROTOCOL = 10
"""How 1.9 is counted."""
HEADER_BYTES = 12
HELLO_ANSWER, ANSWER = 2, 0
"""Kinds of messages."""
_HELLO, _REQUEST = 1, 0
_CLIENT_MESSAGE, _REMOVE_NODE = 0, 15
_NOBODY = 2**32 - 1
_ALL_SERVICES = 7
_EXPIRY_SECONDS = 600.0
_RESULT_AT = 88
"""Where an answer says whether the request was taken."""


def group_id(name: str) -> int:
    """By which the members' XCom tell their group from others."""
    return 0x811C9DC5 * sum(name.encode()) & 0xFFFFFFFF


def hello() -> bytes:
    """Begins a conversation."""
    return _header(_HELLO, 0)


def removal(address: str, group_name: str) -> bytes:
    """`address`: HOST:PORT, as the group knows the member."""
    body = _message(group_id(group_name), _removal(address, group_id(group_name)))
    return _header(_REQUEST, len(body)) + body


def read_header(header: bytes) -> tuple[int, int, int]:
    """Protocol, kind and length of what follows."""
    protocol, length, kind = struct.unpack(">IIB", header[:9])
    return protocol, kind, length


def is_taken(answer: bytes) -> bool:
    """Whether the member that was asked proposes it to the group; what the group decides is seen in its view."""
    return len(answer) >= _RESULT_AT + 4 and struct.unpack_from(">I", answer, _RESULT_AT) == (0,)


def _header(kind: int, length: int) -> bytes:
    return struct.pack(">IIBHx", PROTOCOL, length, kind, 0)


def _numbers(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


def _opaque(content: bytes) -> bytes:
    return _numbers(len(content)) + content + bytes(-len(content) % 4)


NO_SYNODE = bytes(16)
"""Group, number of the message, node: not known to a client."""


def _removal(address: str, group: int) -> bytes:
    """One piece of application data, with a list of one node that has no identifier."""
    node = _opaque(address.encode()) + _opaque(b"") + _numbers(1, PROTOCOL, _ALL_SERVICES)
    flags = _numbers(0, 0, 0, 0)  # not used, logged, chosen, recovered
    head = NO_SYNODE + _numbers(group) + bytes(8) + NO_SYNODE + _numbers(0) + struct.pack(">d", _EXPIRY_SECONDS) + flags
    return head + _numbers(_REMOVE_NODE, 1) + node + _numbers(0)


def _message(group: int, data: bytes) -> bytes:
    begin = _numbers(_NOBODY, _NOBODY, group) + NO_SYNODE
    ballots = _numbers(0, 0, 0, 0, 0)  # how it starts, and the two ballots
    what = _numbers(_CLIENT_MESSAGE) + NO_SYNODE + _numbers(0, 0)  # no receivers
    rest = _numbers(0, 0, 0, 0, 0) + NO_SYNODE + _numbers(0, 0, 0)  # no snapshots; no error, not forced; nothing asked for
    return begin + ballots + what + _numbers(1) + data + rest

"""The one request that agents make in XCom's words. That XCom reads it so is shown by `tests/mysql/test_mysql_expulsion.py`."""

import struct

import pytest

from moorage.engines.mysql import xcom

GROUP = "3f1b6e0a-0000-4000-8000-000000000001"


@pytest.mark.parametrize("address", ["a:1", "10.0.0.1:3306", "orders-g1-0.orders-members.shop.svc.cluster.local:3306"])
def test_a_request_says_its_own_length_and_whom_it_is_about(address: str) -> None:
    message = xcom.removal(address, GROUP)
    assert xcom.read_header(message) == (xcom.PROTOCOL, 0, len(message) - xcom.HEADER_BYTES)
    assert len(message) % 4 == 0
    assert struct.pack(">I", len(address)) + address.encode() in message


def test_groups_are_told_apart() -> None:
    assert xcom.group_id(GROUP) != xcom.group_id(GROUP.replace("1", "2"))
    assert 0 < xcom.group_id(GROUP) < 2**32


def test_only_an_answer_that_says_so_is_a_yes() -> None:
    answer = bytes(128)
    assert xcom.is_taken(answer)
    assert not xcom.is_taken(answer[:88] + struct.pack(">I", 1) + answer[92:])
    assert not xcom.is_taken(answer[:90])
    assert not xcom.is_taken(b"")

"""What a person is shown of the Secret."""

import base64

import pytest

from moorage.cli.credentials import _in_one_line
from moorage.views.binding import choose_uri, decode, entry
from moorage.views.errors import UnreadableError

AUTHORITY = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
FOUND = {"uri": "u", "direct-uri": "d", "tls-uri": "tu", "ca.crt": AUTHORITY}


def test_entries_come_in_the_order_in_which_people_look_for_them() -> None:
    encoded = {key: base64.b64encode(b"x").decode() for key in ("ca.crt", "new", "tls-uri", "uri", "type")}
    assert list(decode(encoded)) == ["type", "uri", "tls-uri", "ca.crt", "new"]


@pytest.mark.parametrize(("inside", "uri"), [(False, "d"), (True, "u")])
def test_the_uri_is_the_one_for_the_place(inside: bool, uri: str) -> None:
    assert choose_uri(FOUND, inside=inside) == uri


def test_one_entry_is_printed_as_a_file_wants_it() -> None:
    assert entry(FOUND, "ca.crt") == AUTHORITY.rstrip("\n")


def test_an_entry_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UnreadableError, match=r"no entry 'tls-direct-uri'; there are: uri, direct-uri, tls-uri, ca\.crt"):
        entry(FOUND, "tls-direct-uri")


def test_a_certificate_fills_no_screen() -> None:
    assert _in_one_line("ca.crt", AUTHORITY) == "(a certificate: --entry ca.crt prints it)"
    assert _in_one_line("uri", "u") == "u"

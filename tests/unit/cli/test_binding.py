"""What a person is shown of the Secret."""

import base64

import pytest

from moorage.cli.credentials import _in_one_line
from moorage.views.binding import MASK, choose_uri, covered, decode, entry
from moorage.views.errors import UnreadableError

AUTHORITY = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
FOUND = {"uri": "u", "direct-uri": "d", "tls-uri": "tu", "ca.crt": AUTHORITY}


def test_entries_come_in_the_order_in_which_people_look_for_them() -> None:
    encoded = {key: base64.b64encode(b"x").decode() for key in ("ca.crt", "new", "tls-uri", "uri", "type")}
    assert list(decode(encoded)) == ["type", "uri", "tls-uri", "ca.crt", "new"]


@pytest.mark.parametrize(("inside", "uri"), [(False, "d"), (True, "u")])
def test_the_uri_is_the_one_for_the_place(inside: bool, uri: str) -> None:
    assert choose_uri(FOUND, inside=inside) == uri


def test_a_password_is_covered_however_it_is_written_and_what_nobody_knows_is_covered_whole() -> None:
    found = {
        "username": "app",
        "password": "p@ss/1",
        "uri": "mongodb://app:p%40ss%2F1@h/app",
        "go-uri": "app:p@ss/1@tcp(h)/app",
        "jdbc-uri": "jdbc:mysql://h/app?user=app&password=p%40ss%2F1",
        "later": "another secret",
        "ca.crt": AUTHORITY,
    }
    assert covered(found) == {
        "username": "app",
        "password": MASK,
        "uri": f"mongodb://app:{MASK}@h/app",
        "go-uri": f"app:{MASK}@tcp(h)/app",
        "jdbc-uri": f"jdbc:mysql://h/app?user=app&password={MASK}",
        "later": MASK,
        "ca.crt": AUTHORITY,
    }
    assert covered({"uri": "mongodb://app:secret@h"}) == {"uri": MASK}, "without an entry that tells the password"


def test_one_entry_is_printed_as_a_file_wants_it() -> None:
    assert entry(FOUND, "ca.crt") == AUTHORITY.rstrip("\n")


def test_an_entry_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UnreadableError, match=r"no entry 'tls-direct-uri'; there are: uri, direct-uri, tls-uri, ca\.crt"):
        entry(FOUND, "tls-direct-uri")


def test_a_certificate_fills_no_screen() -> None:
    assert _in_one_line("ca.crt", AUTHORITY) == "(a certificate: --entry ca.crt prints it)"
    assert _in_one_line("uri", "u") == "u"

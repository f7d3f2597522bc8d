"""What becomes of an error of MySQL: `fail` only when the write surely did not take place."""

import pytest

from tests.chaos.mysqluri import where
from tests.chaos.workloads.mysql.outcome import outcome


@pytest.mark.parametrize(
    ("was_sent", "code", "expected"),
    [
        pytest.param(False, 2003, "fail", id="nobody to send it to"),
        pytest.param(False, 2013, "fail", id="it broke before what decides was sent"),
        pytest.param(True, 1290, "fail", id="read-only, said before it began"),
        pytest.param(True, 3032, "fail", id="offline"),
        pytest.param(True, 1213, "fail", id="a deadlock: rolled back before the group was asked"),
        pytest.param(True, None, "info", id="no answer, or none of mysqld's"),
        pytest.param(True, 2013, "info", id="the connection broke after it was sent"),
        pytest.param(True, 3100, "info", id="it ended while the group was asked"),
        pytest.param(True, 3101, "info", id="rolled back here; the others may have it"),
        pytest.param(True, 1317, "info", id="interrupted"),
        pytest.param(True, 1053, "info", id="shut down meanwhile"),
        pytest.param(True, 1062, "info", id="is there already: by a first try, perhaps"),
    ],
)
def test_a_write_that_ended_in_an_error(was_sent: bool, code: int | None, expected: str) -> None:
    assert outcome(was_sent=was_sent, code=code) == expected


def test_a_uri_leads_to_one_host_or_to_whoever_takes_writes() -> None:
    one = where("mysql://app:a%2Fb%3Ac@ledger.moorage-chaos.svc:3306/app")
    assert (one.user, one.password, one.hosts) == ("app", "a/b:c", (("ledger.moorage-chaos.svc", 3306),))
    assert where("mysql://app:x@a:1,b:2,c/app").hosts == (("a", 1), ("b", 2), ("c", 3306))

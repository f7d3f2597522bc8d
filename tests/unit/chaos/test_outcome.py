"""What becomes of an error: `fail` only when the write surely did not take place."""

from typing import Any

import pytest

from tests.chaos.workloads.outcome import Try, outcome

REFUSED = {"ok": 0.0, "code": 10107, "codeName": "NotWritablePrimary", "errmsg": "not primary"}
BROKEN = {"errmsg": "connection reset", "errtype": "AutoReconnect"}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param([], "fail", id="no server to send it to, or none that takes connections"),
        pytest.param([REFUSED], "fail", id="not the primary, said before it began"),
        pytest.param([REFUSED, REFUSED], "fail", id="and again"),
        pytest.param([{"ok": 0.0, "code": 18}], "fail", id="not logged in"),
        pytest.param([{"ok": 0.0, "code": 211}], "fail", id="a cluster time that cannot be verified yet"),
        pytest.param([None], "info", id="no answer"),
        pytest.param([BROKEN], "info", id="the connection broke after it was sent"),
        pytest.param([{"errmsg": "timed out", "errtype": "NetworkTimeout"}], "info", id="no answer in time"),
        pytest.param([BROKEN, REFUSED], "info", id="the second try was refused, the first is unknown"),
        pytest.param([REFUSED, BROKEN], "info", id="the first try was refused, the second is unknown"),
        pytest.param(
            [{"ok": 1.0, "n": 1, "writeConcernError": {"code": 64}}], "info", id="written, and not by a majority in time"
        ),
        pytest.param(
            [{"ok": 1.0, "n": 1, "writeConcernError": {"code": 10107}}], "info", id="written, then not primary any more"
        ),
        pytest.param([{"code": 189, "errmsg": "stepped down"}], "info", id="a write concern's error, as the driver hands it on"),
        pytest.param([{**REFUSED, "writeConcernError": {"code": 64}}], "info", id="refused, and a write concern that failed"),
        pytest.param([{"ok": 0.0, "code": 11602}], "info", id="interrupted by a change of role"),
        pytest.param([{"ok": 0.0, "code": 189}], "info", id="stepped down meanwhile"),
        pytest.param([{"ok": 0.0, "code": 91}], "info", id="shut down meanwhile"),
        pytest.param([{"ok": 0.0, "code": 50}], "info", id="took too long"),
        pytest.param(
            [{"ok": 1.0, "n": 0, "writeErrors": [{"code": 11000}]}], "info", id="is there already: by a first try, perhaps"
        ),
    ],
)
def test_a_write_that_ended_in_an_error(answers: list[dict[str, Any] | None], expected: str) -> None:
    assert outcome([Try("insert", answer) for answer in answers], "insert") == expected


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        pytest.param([Try("update", BROKEN)], "fail", id="it broke before the commit"),
        pytest.param([Try("update", {"ok": 1.0}), Try("commitTransaction", {"ok": 0.0, "code": 112})], "fail", id="a conflict"),
        pytest.param([Try("commitTransaction", {"ok": 0.0, "code": 251})], "fail", id="given up already"),
        pytest.param([Try("commitTransaction", BROKEN)], "info", id="the commit broke"),
        pytest.param(
            [Try("commitTransaction", BROKEN), Try("commitTransaction", {"ok": 0.0, "code": 251})],
            "info",
            id="the second commit finds no transaction: the first is unknown",
        ),
    ],
)
def test_a_transaction_takes_place_by_its_commit_alone(tries: list[Try], expected: str) -> None:
    assert outcome(tries, "commitTransaction") == expected


def test_only_a_commit_can_be_too_late_for_its_transaction() -> None:
    assert outcome([Try("insert", {"ok": 0.0, "code": 251})], "insert") == "info"


def test_a_read_that_ended_in_an_error_changed_nothing() -> None:
    assert outcome([Try("find", BROKEN)], None) == "fail"

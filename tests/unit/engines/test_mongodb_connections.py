"""What the agent's log does not say."""

import pytest
from pymongo.logger import _log_client_error

from moorage.engines.mongodb import connections


def test_a_peer_that_is_away_writes_no_traceback_into_the_log(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert connections.PEER_MS
    _log_client_error()  # as the driver's own task does
    assert not caplog.records
    assert "Traceback" not in capsys.readouterr().err

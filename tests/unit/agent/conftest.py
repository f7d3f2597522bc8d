"""What an agent keeps beside its data, each test keeps for itself."""

from pathlib import Path

import pytest

from moorage.agent import holding, orders


@pytest.fixture(autouse=True)
def _mark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(holding, "GIVEN_UP_MARK", tmp_path / "given-up")
    monkeypatch.setattr(orders, "DONE_MARK", tmp_path / "order-done")

"""The service that is there is used again, when it is the one that is wanted."""

import json
from typing import Any

import pytest

from tests.chaos import bench


def there(monkeypatch: pytest.MonkeyPatch, spec: Any, **meta: Any) -> bool:
    applied = {bench.APPLIED: json.dumps({"spec": spec})}
    monkeypatch.setattr(bench, "service", lambda: {"metadata": {"annotations": applied, **meta}} if spec else {})
    return bench.is_as_wanted()


def test_a_service_of_this_spec_is_not_applied_again_and_any_other_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert there(monkeypatch, bench.spec())
    assert not there(monkeypatch, {**bench.spec(), "onDelete": "Retain"})
    assert not there(monkeypatch, bench.spec(), deletionTimestamp="2026-01-01T00:00:00Z")
    assert not there(monkeypatch, None)


def test_a_host_leads_to_its_members_name() -> None:
    assert bench.name_of_host("ledger-g1-2.ledger-members.moorage-chaos.svc.cluster.local:27017") == "datanode2"
    assert bench.name_of_host("") == ""

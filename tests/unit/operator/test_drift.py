"""What counts as edited by hand."""

from typing import Any

import pytest

from moorage.core import names
from moorage.core.step import EDITED
from moorage.kube.reflector import Store
from moorage.operator.drift import Versions, is_as_applied
from moorage.operator.manifests import Objects
from moorage.operator.observe import OBJECT_KINDS
from tests.unit.operator.test_manifests import objects

ROLE: dict[str, Any] = {"kind": "Role", "metadata": {"name": "a", "labels": {"x": "1"}}, "rules": [{"verbs": ["get"]}]}
AT = ("shop", "orders")


@pytest.mark.parametrize(
    ("found", "as_applied"),
    [
        (ROLE, True),
        ({**ROLE, "metadata": {**ROLE["metadata"], "uid": "u", "labels": {"x": "1", "theirs": "2"}}}, True),
        ({**ROLE, "metadata": {"name": "a", "labels": {"x": "2"}}}, False),
        ({**ROLE, "rules": []}, False),
        ({**ROLE, "rules": [{"verbs": ["get"]}, {"verbs": ["*"]}]}, False),
        ({**ROLE, "rules": [{"verbs": ["get"], "apiGroups": [""]}]}, True),
    ],
    ids=["as it is", "more labels", "another label", "no rules", "one more rule", "a default of the server"],
)
def test_what_we_apply_has_to_stand_there_and_what_others_add_is_theirs(found: dict[str, Any], as_applied: bool) -> None:
    assert is_as_applied(ROLE, found) is as_applied


def test_a_quantity_may_be_written_in_another_way() -> None:
    wanted = {"kind": "StatefulSet", "spec": {"cpu": "0.5", "memory": "1024Mi", "volumeClaimTemplates": []}}
    assert is_as_applied(wanted, {"kind": "StatefulSet", "spec": {"cpu": "500m", "memory": "1Gi"}})
    assert not is_as_applied(wanted, {"kind": "StatefulSet", "spec": {"cpu": "600m", "memory": "1Gi"}})


def test_a_secret_is_compared_as_it_is_stored() -> None:
    wanted = {"kind": "Secret", "stringData": {"password": "right"}}
    assert is_as_applied(wanted, {"kind": "Secret", "data": {"password": "cmlnaHQ="}})
    assert not is_as_applied(wanted, {"kind": "Secret", "data": {"password": "d3Jvbmc="}})


def _objects() -> Objects:
    found: Objects = objects()
    return found


def _held(version: str, **changed: Any) -> dict[str, Store]:
    (role,) = [m for m in _objects().manifests if m["kind"] == "Role"]
    stores = {kind: Store() for kind in OBJECT_KINDS}
    stores["Role"].listed([{**role, "metadata": {**role["metadata"], "resourceVersion": version}, **changed}], "9")
    return stores


def test_an_edited_object_is_found_and_one_that_is_as_applied_is_not() -> None:
    name = f"Role/{names.service_account('orders')}"
    assert Versions().edited(_objects(), _held("7")) == {}
    assert Versions().edited(_objects(), _held("7", rules=[])) == {name: EDITED}


def test_what_nobody_touched_since_we_applied_it_is_not_applied_again_however_it_reads() -> None:
    versions, held = Versions(), _held("7", rules=[])
    (item,) = held["Role"].all()
    versions.note(item)
    assert versions.edited(_objects(), held) == {}
    assert versions.edited(_objects(), _held("8", rules=[])) != {}
    versions.forget(AT)
    assert versions.edited(_objects(), held) != {}

"""Whose fault an answer of the API server is."""

import pytest

from moorage.kube.client import KubeError
from moorage.kube.reflector import Store


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (403, 'pods "x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2'),
        (403, 'User "u" cannot patch resource "services" in API group "" in the namespace "shop"'),
        (422, 'Service "x" is invalid: spec.type: Invalid value'),
        (400, 'admission webhook "v" denied the request: no'),
    ],
)
def test_what_stays_the_same_until_somebody_acts_is_a_refusal(code: int, message: str) -> None:
    assert KubeError(message, code).refused


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (0, "the API server cannot be reached"),
        (401, "Unauthorized"),
        (404, 'pods "x" not found'),
        (409, "the object has been modified"),
        (429, "too many requests"),
        (500, 'Internal error occurred: failed calling webhook "v": connection refused'),
        (503, "etcd is not there"),
        (403, 'configmaps "x" is forbidden: unable to create new content in namespace shop because it is being terminated'),
        (403, 'pods "x" is forbidden: not yet ready to handle request'),
        (403, 'pods "x" is forbidden: status unknown for quota: small, resources: pods'),
    ],
)
def test_what_the_next_try_may_find_otherwise_is_nobodys_fault(code: int, message: str) -> None:
    assert not KubeError(message, code).refused


def test_a_copy_that_may_not_be_renewed_says_why_until_it_is() -> None:
    store = Store()
    store.listed([], "1")
    store.lost("pods is forbidden")
    assert store.refused == "pods is forbidden"
    store.listed([], "2")
    assert store.refused == ""

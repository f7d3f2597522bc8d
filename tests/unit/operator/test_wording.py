"""Kubernetes' refusals, word for word as the API server gives them, for people."""

import pytest

from moorage.operator.wording import LENGTH_MAX, in_words
from tests.unit.operator.kubernetes import quota


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            quota('pods "orders-g1-2"', "limits.memory=512Mi,pods=1", "limits.memory=1Gi,pods=2", "limits.memory=1200Mi,pods=2"),
            (
                "ResourceQuota 'small' does not allow it: limits.memory is limited to 1200Mi, and 512Mi more is wanted; "
                "pods is limited to 2, and 1 more is wanted; raise the quota or ask for less"
            ),
        ),
        (
            'pods "s-0" is forbidden: failed quota: cpus: must specify limits.cpu for: c; requests.cpu for: c',
            (
                "ResourceQuota 'cpus' wants every container to say limits.cpu for: c; requests.cpu for: c; "
                "a LimitRange can fill it in"
            ),
        ),
        (
            'pods "s-0" is forbidden: maximum memory usage per Container is 256Mi, but limit is 512Mi',
            "a LimitRange does not allow it: maximum memory usage per Container is 256Mi, but limit is 512Mi",
        ),
        (
            (
                'pods "s-0" is forbidden: [minimum cpu usage per Container is 1, but request is 10m, '
                "maximum memory usage per Pod is 1Gi, "
                "but limit is 2Gi]"
            ),
            (
                "a LimitRange does not allow it: minimum cpu usage per Container is 1, but request is 10m, "
                "maximum memory usage per Pod is 1Gi, but limit is 2Gi"
            ),
        ),
        (
            (
                'pods "s-0" is forbidden: violates PodSecurity "restricted:latest": unrestricted capabilities '
                '(container "c" must set '
                'securityContext.capabilities.drop=["ALL"])'
            ),
            (
                "the namespace's Pod Security 'restricted:latest' does not allow it: unrestricted capabilities "
                "(container 'c' must set "
                "securityContext.capabilities.drop=('ALL'))"
            ),
        ),
        (
            "ValidatingAdmissionPolicy 'no-maps' with binding 'b' denied request: not allowed here",
            "policy 'no-maps' does not allow it: not allowed here",
        ),
        ('admission webhook "v.example.com" denied the request: no', "admission webhook 'v.example.com' does not allow it: no"),
        (
            'admission webhook "v.example.com" denied the request without explanation',
            "admission webhook 'v.example.com' does not allow it",
        ),
        (
            (
                'services "x" is forbidden: User "system:serviceaccount:moorage-system:moorage" cannot patch resource "services" '
                'in API group "" in the namespace "shop"'
            ),
            "'system:serviceaccount:moorage-system:moorage' may not patch services (RBAC): bring its ClusterRole up to date",
        ),
        (
            (
                'persistentvolumeclaims "c1" is forbidden: only dynamically provisioned pvc can be resized '
                "and the storageclass that provisions the pvc must support resize"
            ),
            "its StorageClass does not let volumes grow",
        ),
        (
            'StatefulSet.apps "orders-g1" is invalid: spec: Forbidden: updates to statefulset spec are forbidden',
            "spec: Forbidden: updates to statefulset spec are forbidden",
        ),
        (
            "rpc error: code = ResourceExhausted desc = no room, RequestID: 1f2e (call 478928df-bf3b-4b33-b5b8-aed6db8fc081)",
            "no room (call …)",
        ),
    ],
    ids=[
        "quota",
        "quota wants",
        "limit",
        "limits",
        "pod security",
        "policy",
        "webhook",
        "webhook mute",
        "rbac",
        "grow",
        "invalid",
        "rpc",
    ],
)
def test_a_refusal_is_said_in_words_that_stay_the_same(said: str, words: str) -> None:
    assert in_words(said) == words


def test_the_name_of_a_volume_is_kept() -> None:
    assert "pvc-478928df-bf3b-4b33-b5b8-aed6db8fc081" in in_words('volume "pvc-478928df-bf3b-4b33-b5b8-aed6db8fc081" is lost')


def test_what_never_ends_is_cut() -> None:
    assert len(in_words("x" * 5000)) == LENGTH_MAX

"""The doctor as a person calls it."""

import json
from typing import Any

from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import NOW, Object, service, store


def deployment(ready: int = 2) -> Object:
    metadata = {"name": "moorage", "namespace": "moorage-system", "labels": {}}
    template = {"spec": {"serviceAccountName": "moorage"}}
    spec = {"replicas": 2, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    return {"kind": "Deployment", "metadata": metadata, "spec": spec, "status": {"readyReplicas": ready, "updatedReplicas": 2}}


def lease(name: str, namespace: str) -> Object:
    spec = {"holderIdentity": "moorage-0", "renewTime": NOW}
    return {"kind": "Lease", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


GREEN = service(status={"healthCluster": "green"})
WELL = [deployment(), lease("moorage-operator", "moorage-system"), GREEN, store(status={"phase": "Ready"}, default=True)]


def told(out: str) -> dict[str, dict[str, Any]]:
    return {finding["what"]: finding for finding in json.loads(out)}


def test_a_problem_makes_the_command_fail_and_the_hint_is_what_to_do_first(moorage: Moorage) -> None:
    ran = moorage("doctor", having=[*WELL[1:], deployment(ready=0)])
    assert ran.code == 1
    assert "no replica is ready" in ran.out
    assert "operator" in ran.err.splitlines()[0]
    assert ran.err.splitlines()[-1].startswith("next: ")


def test_json_holds_the_same_findings_for_a_program(moorage: Moorage) -> None:
    found = told(moorage("doctor", "-o", "json", having=WELL).out)
    assert found["leader"] == {"what": "leader", "grade": "ok", "says": "moorage-0 leads", "do": ""}
    assert found["services"]["grade"] == "ok"
    assert found["storage"]["grade"] == "problem"


def test_what_a_person_may_not_look_at_is_said_in_one_line_and_is_no_problem(moorage: Moorage) -> None:
    kinds = [
        "Node",
        "StorageClass",
        "Lease",
        "Deployment",
        "CustomResourceDefinition",
        "ValidatingAdmissionPolicyBinding",
        "Service",
    ]
    ran = moorage("doctor", "-o", "json", having=WELL, forbidden=[*kinds, "PersistentVolumeClaim"])
    found = told(ran.out)
    assert ran.code == 0
    assert found["your rights"]["grade"] == "warning"
    for what in ("nodes", "storage", "operator", "policies", "addresses"):
        assert what in found["your rights"]["says"]
    assert found["services"]["says"] == "all 1 are green"


def test_a_right_that_the_operator_lacks_is_named(moorage: Moorage) -> None:
    found = told(moorage("doctor", "-o", "json", having=WELL, forbidden=["patch statefulsets", "create leases"]).out)
    assert found["rights"]["grade"] == "problem"
    assert found["rights"]["says"] == (
        "the operator may not patch statefulsets.apps, create leases.coordination.k8s.io in moorage-system"
    )


def test_who_may_look_into_one_namespace_only_is_told_of_that_one(moorage: Moorage) -> None:
    found = told(moorage("doctor", "-o", "json", having=WELL, forbidden=["DataService everywhere"]).out)
    assert found["services"]["says"] == "all 1 are green"
    assert "DataService of other namespaces" in found["your rights"]["says"]

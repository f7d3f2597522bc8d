"""Who may do what: an agent is confined to its own Pod and its address, the operator to what it needs."""

import json
from pathlib import Path
from typing import Any

import pytest

from moorage.core import names
from moorage.engines.registry import load
from moorage.operator.manifests import Context, build
from tests.api.server import Answer, Server
from tests.unit.build import TLS, service

INTERNAL = {"keyfile": "k", "app-password": "a", "admin-password": "b"}
OPERATOR = "system:serviceaccount:moorage-system:moorage"
OWN, NEIGHBOUR = "orders-g1-0", "orders-g1-1"
GRANTED = ("ServiceAccount", "Role", "RoleBinding", "EndpointSlice")


@pytest.fixture(scope="module")
def agents(server: Server) -> Server:
    """The members' rights exactly as the operator grants them, and two Pods that no scheduler ever sees."""
    found = service()
    of_here = found.model_copy(update={"metadata": found.metadata.model_copy(update={"namespace": server.namespace})})
    for manifest in build(Context(of_here, load()["mongodb"], "moorage:dev"), INTERNAL, TLS).manifests:
        if manifest["kind"] in GRANTED:
            manifest["metadata"].pop("ownerReferences", None)
            server.create(manifest)
    for name in (OWN, NEIGHBOUR):
        server.create(pod(name))
    return server


def pod(name: str) -> dict[str, Any]:
    spec = {
        "serviceAccountName": names.service_account("orders"),
        "schedulerName": "nobody",
        "containers": [{"name": "member", "image": "none"}],
    }
    meta = {"name": name, "labels": names.labels("orders", "mongodb")}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


@pytest.fixture(scope="module")
def agent(agents: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The server as the agent of the first Pod sees it: its token is bound to that Pod."""
    bound = ("--bound-object-kind=Pod", f"--bound-object-name={OWN}")
    token = agents.must("create", "token", names.service_account("orders"), *bound).strip()
    return agents.with_token(token, tmp_path_factory.mktemp("agent"))


def change(by: Server, name: str, **metadata: Any) -> Answer:
    return by.ask("patch", "pod", name, "--type=merge", f"--patch={json.dumps({'metadata': metadata})}")


REPORT = {"labels": {names.LABEL_ROLE: "primary"}, "annotations": {names.ANNOTATION_REPORT: "{}"}}


def test_an_agent_reports_on_its_own_pod(agent: Server) -> None:
    answer = change(agent, OWN, **REPORT)
    assert answer.accepted, answer.text


def test_an_agent_changes_no_pod_but_its_own(agent: Server) -> None:
    answer = change(agent, NEIGHBOUR, **REPORT)
    assert not answer.accepted
    assert f"an agent changes no Pod but its own: this one is '{OWN}', not '{NEIGHBOUR}'" in answer.text


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"labels": {names.LABEL_INSTANCE: "other"}}, "an agent changes no label but moorage.dev/role"),
        ({"labels": {names.LABEL_PART_OF: None}}, "an agent changes no label but moorage.dev/role"),
        ({"annotations": {names.ANNOTATION_ORDER: "{}"}}, "an agent changes no annotation but moorage.dev/report"),
        ({"finalizers": ["moorage.dev/stay"]}, "an agent does not change its Pod's owners and finalizers"),
    ],
    ids=["joins another service", "leaves the policy", "gives itself an order", "cannot be deleted"],
)
def test_of_its_own_pod_an_agent_changes_nothing_but_its_report(agent: Server, metadata: dict[str, Any], sentence: str) -> None:
    answer = change(agent, OWN, **metadata)
    assert not answer.accepted
    assert sentence in answer.text


def test_a_token_that_is_bound_to_no_pod_changes_none(agents: Server, tmp_path: Path) -> None:
    token = agents.must("create", "token", names.service_account("orders")).strip()
    answer = change(agents.with_token(token, tmp_path), OWN, **REPORT)
    assert not answer.accepted
    assert "an agent changes no Pod but its own" in answer.text


def test_an_agent_moves_its_own_address_by_compare_and_swap(agent: Server) -> None:
    found = json.loads(agent.must("get", "endpointslice", "orders", "-o", "json"))
    found["metadata"]["annotations"][names.ANNOTATION_TERM] = "7"
    assert agent.ask("replace", "-f", "-", stdin=found).accepted
    second = agent.ask("replace", "-f", "-", stdin=found)
    assert not second.accepted
    assert "the object has been modified" in second.text


@pytest.mark.parametrize(
    ("verb", "resource", "name", "allowed"),
    [
        ("get", "discovery.k8s.io/endpointslices", "orders", True),
        ("update", "discovery.k8s.io/endpointslices", "orders", True),
        ("update", "discovery.k8s.io/endpointslices", "billing", False),
        ("create", "discovery.k8s.io/endpointslices", "", False),
        ("delete", "discovery.k8s.io/endpointslices", "orders", False),
        ("list", "discovery.k8s.io/endpointslices", "", False),
        ("patch", "/pods", OWN, True),
        ("patch", "/pods", "billing-g1-0", False),
        ("delete", "/pods", OWN, False),
        ("create", "/pods", "", False),
        ("create", "/pods/exec", OWN, False),
        ("patch", "/pods/status", OWN, False),
        ("get", "/secrets", "orders-admin", False),
        ("get", "/secrets", "orders-ca", False),
        ("get", "/secrets", "orders-tls", False),
        ("list", "/secrets", "", False),
        ("get", "moorage.dev/dataservices", "orders", False),
    ],
)
def test_an_agents_rights_end_at_its_pods_and_its_address(
    agents: Server, verb: str, resource: str, name: str, allowed: bool
) -> None:
    agent_user = f"system:serviceaccount:{agents.namespace}:{names.service_account('orders')}"
    assert agents.may(agent_user, verb, resource, name=name) is allowed


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("list", "moorage.dev/dataservices"),
        ("patch", "moorage.dev/dataservices/status"),
        ("patch", "apps/statefulsets"),
        ("delete", "apps/statefulsets"),
        ("delete", "/pods"),
        ("create", "/secrets"),
        ("create", "discovery.k8s.io/endpointslices"),
        ("patch", "/persistentvolumeclaims"),
        ("create", "/events"),
        ("list", "/events"),
        ("list", "/nodes"),
    ],
)
def test_the_operator_may_do_its_work_in_every_namespace(server: Server, verb: str, resource: str) -> None:
    assert server.may(OPERATOR, verb, resource)


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("create", "moorage.dev/dataservices"),
        ("delete", "moorage.dev/dataservices"),
        ("create", "/pods"),
        ("create", "/pods/exec"),
        ("create", "/pods/portforward"),
        ("get", "/pods/log"),
        ("create", "/persistentvolumeclaims"),
        ("delete", "/persistentvolumes"),
        ("patch", "/nodes"),
        ("delete", "/nodes"),
        ("watch", "/events"),
        ("delete", "/events"),
        ("list", "/resourcequotas"),
        ("create", "/namespaces"),
        ("delete", "/namespaces"),
        ("create", "/serviceaccounts/token"),
        ("create", "apps/deployments"),
        ("create", "apps/daemonsets"),
        ("patch", "storage.k8s.io/storageclasses"),
        ("escalate", "rbac.authorization.k8s.io/roles"),
        ("bind", "rbac.authorization.k8s.io/roles"),
        ("create", "rbac.authorization.k8s.io/clusterroles"),
        ("create", "rbac.authorization.k8s.io/clusterrolebindings"),
        ("patch", "admissionregistration.k8s.io/validatingadmissionpolicies"),
        ("patch", "apiextensions.k8s.io/customresourcedefinitions"),
        ("impersonate", "/users"),
        ("update", "coordination.k8s.io/leases"),
    ],
)
def test_the_operator_is_denied_what_it_does_not_need(server: Server, verb: str, resource: str) -> None:
    assert not server.may(OPERATOR, verb, resource)


def test_the_operator_holds_its_own_lease_and_no_other(server: Server) -> None:
    home = "moorage-system"
    assert server.may(OPERATOR, "update", "coordination.k8s.io/leases", name="moorage-operator", namespace=home)
    assert not server.may(OPERATOR, "update", "coordination.k8s.io/leases", name="other", namespace=home)


def test_the_operator_cannot_grant_what_it_does_not_hold(server: Server) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "more"},
        "rules": [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}],
    }
    answer = server.ask("create", "--dry-run=server", f"--as={OPERATOR}", "-f", "-", stdin=role)
    assert not answer.accepted
    assert "is attempting to grant RBAC permissions not currently held" in answer.text

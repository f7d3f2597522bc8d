"""Who may do what: an agent is confined to its own Pod and its address, the operator to what it needs."""

import json
from pathlib import Path
from typing import Any

import pytest

from moorage.api.backupstore import BackupStoreSpec
from moorage.core import names
from moorage.core.task import Task, TaskKind
from moorage.engines.registry import load
from moorage.operator.manifests import Context, build
from moorage.operator.manifests.worker import Owner, Worker, access
from moorage.operator.manifests.worker import pod as worker_pod
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


OWN_TASK, OTHER_TASK, OF_A_PERSON = "moorage-backup-1", "moorage-backup-2", "of-a-person"


@pytest.fixture(scope="module")
def workers(agents: Server) -> Server:
    """The rights of workers exactly as the operator grants them, two workers and somebody else's Pod."""
    for manifest in access(agents.namespace):
        agents.create(manifest)
    for name, component in ((OWN_TASK, names.COMPONENT_WORKER), (OTHER_TASK, names.COMPONENT_WORKER), (OF_A_PERSON, "")):
        found = pod(name)
        found["spec"]["serviceAccountName"] = names.WORKER if component else "default"
        found["metadata"] |= {
            "labels": names.labels("orders", "mongodb", component) if component else {},
            "annotations": {names.ANNOTATION_TASK: "{}", names.ANNOTATION_FOR: "DataBackup/b1"},
        }
        agents.create(found)
    return agents


@pytest.fixture(scope="module")
def worker(workers: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    bound = ("--bound-object-kind=Pod", f"--bound-object-name={OWN_TASK}")
    token = workers.must("create", "token", names.WORKER, *bound).strip()
    return workers.with_token(token, tmp_path_factory.mktemp("worker"))


TOLD = {"annotations": {names.ANNOTATION_REPORT: "{}"}}


def test_a_worker_reports_on_its_own_pod(worker: Server) -> None:
    answer = change(worker, OWN_TASK, **TOLD)
    assert answer.accepted, answer.text


@pytest.mark.parametrize("name", [OTHER_TASK, OWN, OF_A_PERSON], ids=["another worker", "a member", "somebody else's Pod"])
def test_a_worker_changes_no_pod_but_its_own(worker: Server, name: str) -> None:
    answer = change(worker, name, **TOLD)
    assert not answer.accepted
    assert f"a worker changes no Pod but its own: this one is '{OWN_TASK}', not '{name}'" in answer.text


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"annotations": {names.ANNOTATION_TASK: '{"kind": "delete"}'}}, "a worker changes no annotation but moorage.dev/report"),
        ({"annotations": {names.ANNOTATION_FOR: "DataBackup/b2"}}, "a worker changes no annotation but moorage.dev/report"),
        ({"annotations": {names.ANNOTATION_TASK: None}}, "a worker changes no annotation but moorage.dev/report"),
        ({"labels": {names.LABEL_COMPONENT: names.COMPONENT_MEMBER}}, "a worker changes no label"),
        ({"finalizers": ["moorage.dev/stay"]}, "a worker does not change its Pod's owners and finalizers"),
    ],
    ids=["gives itself a task", "works for another", "has no task", "becomes a member", "cannot be deleted"],
)
def test_of_its_own_pod_a_worker_changes_nothing_but_its_report(worker: Server, metadata: dict[str, Any], sentence: str) -> None:
    answer = change(worker, OWN_TASK, **metadata)
    assert not answer.accepted
    assert sentence in answer.text


def test_a_workers_token_that_is_bound_to_no_pod_changes_none(workers: Server, tmp_path: Path) -> None:
    token = workers.must("create", "token", names.WORKER).strip()
    answer = change(workers.with_token(token, tmp_path), OWN_TASK, **TOLD)
    assert not answer.accepted
    assert "a worker changes no Pod but its own" in answer.text


@pytest.mark.parametrize(
    ("verb", "resource", "allowed"),
    [
        ("get", "/pods", True),
        ("patch", "/pods", True),
        ("list", "/pods", False),
        ("create", "/pods", False),
        ("delete", "/pods", False),
        ("patch", "/pods/status", False),
        ("create", "/pods/exec", False),
        ("get", "/secrets", False),
        ("get", "moorage.dev/databackups", False),
        ("get", "moorage.dev/backupstores", False),
        ("update", "discovery.k8s.io/endpointslices", False),
    ],
)
def test_a_workers_rights_end_at_pods(workers: Server, verb: str, resource: str, allowed: bool) -> None:
    user = f"system:serviceaccount:{workers.namespace}:{names.WORKER}"
    assert workers.may(user, verb, resource, name=OWN_TASK) is allowed


@pytest.mark.parametrize("kind", list(TaskKind))
def test_a_worker_may_run_in_a_restricted_namespace(workers: Server, kind: TaskKind) -> None:
    """The API server warns of what its Pod Security 'restricted' would refuse."""
    store = BackupStoreSpec.model_validate({"s3": {"endpoint": "https://s3", "bucket": "b00", "credentialsSecret": "keys"}})
    task = Task("3f2a9c01b7de-9", kind, {}, workers.namespace, "orders", "mongodb")
    owner = Owner("DataBackup", "b1", "0b8f5a5e-0000-4000-8000-000000000000")
    image = "mongo:6.0" if kind in (TaskKind.BACKUP, TaskKind.SEED) else ""
    made = worker_pod(
        Worker(task, store, ("DataBackup", "b1"), owner, "orders", 999, "moorage:dev", image, member_memory="2Gi", node="n1")
    )
    restricted = "pod-security.kubernetes.io/enforce=restricted"
    workers.must("label", "namespace", workers.namespace, restricted, "--overwrite")
    try:
        answer = workers.ask("create", "--dry-run=server", "-f", "-", stdin=made)
    finally:
        workers.must("label", "namespace", workers.namespace, "pod-security.kubernetes.io/enforce-")
    assert answer.accepted, answer.text


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
        ("create", "/pods"),
        ("create", "moorage.dev/databackups"),
        ("patch", "moorage.dev/backupstores/status"),
    ],
)
def test_the_operator_may_do_its_work_in_every_namespace(server: Server, verb: str, resource: str) -> None:
    assert server.may(OPERATOR, verb, resource)


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("create", "/pods/exec"),
        ("create", "/pods/portforward"),
        ("get", "/pods/log"),
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


def test_the_operator_deletes_no_service_but_one_that_a_restore_made_and_that_never_served(server: Server) -> None:
    made = {"moorage.dev/restore": "back"}
    for name, annotations in (("precious", {}), ("beside", made)):
        service = {
            "apiVersion": "moorage.dev/v1",
            "kind": "DataService",
            "metadata": {"name": name, "annotations": annotations},
            "spec": {"engine": "mongodb", "storage": {"size": "1Gi"}},
        }
        assert server.ask("create", "-f", "-", stdin=service).accepted
    refused = server.ask("delete", "mds", "precious", "--dry-run=server", f"--as={OPERATOR}")
    assert not refused.accepted
    assert "Moorage itself deletes no DataService but one that a restore made and that never served" in refused.text
    assert server.ask("delete", "mds", "beside", "--dry-run=server", f"--as={OPERATOR}").accepted
    for name in ("precious", "beside"):
        assert server.ask("delete", "mds", name, "--wait=false").accepted

"""Whether Moorage itself is well: its resources, operator, image, rights and policies, backups, services. Pure.

Each function takes what was read (None: it could not be) and gives its findings, none of what it cannot judge.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from moorage.api.conditions import ConditionType
from moorage.api.crd import dataservice_crd
from moorage.api.crd_backup import backupstore_crd, databackup_crd, datarestore_crd
from moorage.cli.finding import Finding, ok, problem, warning
from moorage.cli.rights import LEASE, Right, in_words
from moorage.cli.version import is_release

Object = dict[str, Any]
Objects = Sequence[Object]

LEADERLESS_SECONDS_MAX = 60.0
"""A standby takes over in a quarter of that."""
POLICIES = {
    "deletion-protection": "`protected: true` protects nothing",
    "agent-confinement": "an agent may change every Pod of its service",
    "worker-confinement": "a worker may change every Pod of its namespace",
}
"""End of a policy's name → what is so without it."""
_UPGRADE = "helm upgrade --install moorage charts/moorage -n moorage-system --create-namespace"
_PULLS = ("ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull")
_SHOWN_MAX = 3


def resources(definitions: Objects | None, services: Objects | None) -> list[Finding]:
    """The CustomResourceDefinitions, field by field: the API server drops what an old one does not know."""
    if definitions is None:
        return [ok("resources", "services can be listed")] if services is not None else []
    installed = {d["metadata"]["name"]: d for d in definitions}
    wanted = (dataservice_crd((), ()), backupstore_crd(), databackup_crd(), datarestore_crd())
    absent = [w["metadata"]["name"] for w in wanted if w["metadata"]["name"] not in installed]
    if absent:
        return [problem("resources", f"not installed: {', '.join(absent)}", _UPGRADE)]
    older = [f"{w['spec']['names']['kind']}.{path}" for w in wanted for path in _unknown(w, installed[w["metadata"]["name"]])]
    if older:
        shown = ", ".join(older[:_SHOWN_MAX]) + (f" and {len(older) - _SHOWN_MAX} more" if len(older) > _SHOWN_MAX else "")
        says = f"installed by an older Moorage than this CLI: the API server drops {shown}"
        return [warning("resources", says, _UPGRADE)]
    return [ok("resources", f"all {len(wanted)} are installed and know every field of this CLI")]


def _unknown(wanted: Object, installed: Object) -> list[str]:
    """Fields of ours that the installed definition does not have; of a part that is absent only its name."""
    found = set(_paths(_schema(installed)))
    lacking = [path for path in _paths(_schema(wanted)) if path not in found]
    return [path for path in lacking if not any(path.startswith(f"{other}.") for other in lacking)]


def _schema(definition: Object) -> Mapping[str, Any]:
    version: Object = next((v for v in definition["spec"]["versions"] if v["name"] == "v1" and v.get("served")), {})
    schema: Mapping[str, Any] = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    return schema


def _paths(schema: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, below in (schema.get("properties") or {}).items():
        yield above + name
        yield from _paths(below, f"{above}{name}.")
    if isinstance(schema.get("items"), dict):
        yield from _paths(schema["items"], above)


def operator(found: Objects | None, cli_version: str) -> list[Finding]:
    """The operator's Deployment."""
    if found is None:
        return []
    if not found:
        return [problem("operator", "Moorage is not installed", _UPGRADE)]
    if len(found) > 1:
        where = ", ".join(sorted(_at(o) for o in found))
        return [problem("operator", f"there are several and they work against each other: {where}", "helm uninstall all but one")]
    return _one_operator(found[0], cli_version)


def _one_operator(found: Object, cli_version: str) -> list[Finding]:
    name, namespace = found["metadata"]["name"], found["metadata"]["namespace"]
    wanted, status = int((found.get("spec") or {}).get("replicas") or 0), found.get("status") or {}
    ready, updated = int(status.get("readyReplicas") or 0), int(status.get("updatedReplicas") or 0)
    told = []
    if ready == 0:
        says = "no replica is ready: services run and fail over, and nothing is repaired or backed up"
        do = f"kubectl get pods -n {namespace}; without any: kubectl scale deploy {name} -n {namespace} --replicas=2"
        return [problem("operator", says, do)]
    if ready < max(wanted, 2):
        do = f"kubectl get pods -n {namespace}" if ready < wanted else f"kubectl scale deploy {name} -n {namespace} --replicas=2"
        told.append(warning("operator", f"{ready} replica is ready: nobody stands by should its node be lost", do))
    if updated < wanted:
        says = f"{updated} of {wanted} replicas are of the newest version"
        told.append(warning("operator", says, f"kubectl rollout status deploy/{name} -n {namespace}"))
    version = str((found["metadata"].get("labels") or {}).get("app.kubernetes.io/version") or "")
    if is_release(version) and cli_version and version != cli_version:
        says = f"it is {version}, and this CLI is {cli_version}"
        told.append(warning("operator", says, "bring both to the same version"))
    return told or [ok("operator", f"{ready} replicas are ready" + (f", version {version}" if version else ""))]


def image(pods: Objects | None) -> list[Finding]:
    """Whether the operator's image can be had: members start from the same one."""
    if not pods:
        return []
    statuses = [c for p in pods for c in (p.get("status") or {}).get("containerStatuses") or []]
    waiting = [(c, w) for c in statuses if (w := (c.get("state") or {}).get("waiting") or {}).get("reason") in _PULLS]
    if waiting:
        container, why = waiting[0]
        says = f"{container['image']} cannot be had: {why.get('message') or why['reason']}"
        do = "helm upgrade … --set image.repository=YOURS (or imagePullSecrets)"
        return [problem("image", says, do)]
    running = sorted({str(c["image"]) for c in statuses if "running" in (c.get("state") or {})})
    if len(running) > 1:
        return [warning("image", f"the operator runs {' and '.join(running)}", "wait for the rollout to end")]
    return [ok("image", running[0])] if running else []


def leader(leases: Objects | None, operators: Objects | None, now: datetime) -> list[Finding]:
    """One replica leads, and renews its Lease every few seconds."""
    if leases is None or not operators:
        return []
    where = operators[0]["metadata"]
    lease = next((x for x in leases if x["metadata"]["name"] == LEASE), {})
    spec = lease.get("spec") or {}
    holder, renewed = spec.get("holderIdentity"), spec.get("renewTime")
    age_seconds = (now - datetime.fromisoformat(renewed)).total_seconds() if renewed else None
    do = f"kubectl logs -n {where['namespace']} deploy/{where['name']}"
    if not holder or age_seconds is None:
        return [problem("leader", "no replica of the operator leads, so nothing is repaired or backed up", do)]
    if age_seconds > LEADERLESS_SECONDS_MAX:
        says = f"no replica leads: {holder} was the last one, {age_seconds:.0f} s ago; nothing is repaired or backed up"
        return [problem("leader", says, do)]
    return [ok("leader", f"{holder} leads")]


def rights(missing: Sequence[Right] | None) -> list[Finding]:
    """What the operator may not do."""
    if missing is None:
        return []
    if missing:
        return [problem("rights", f"the operator may not {in_words(missing)}", _UPGRADE)]
    return [ok("rights", "the operator may do everything that it needs to")]


def policies(bindings: Objects | None) -> list[Finding]:
    """What the API server itself refuses."""
    if bindings is None:
        return []
    bound = [str((b.get("spec") or {}).get("policyName") or "") for b in bindings]
    absent = [f"{name}, so {so}" for name, so in POLICIES.items() if not any(b.endswith(name) for b in bound)]
    if absent:
        return [warning("policies", f"not installed: {'; '.join(absent)}", "helm upgrade … with the values policies.* on")]
    return [ok("policies", f"all {len(POLICIES)} are installed")]


def backups(stores: Objects | None, services: Objects | None) -> list[Finding]:
    """By namespace, where there are services or stores."""
    if stores is None or services is None:
        return []
    namespaces = sorted({o["metadata"]["namespace"] for o in [*stores, *services]})
    return [f for n in namespaces for f in _backups_in(n, _within(n, stores), _within(n, services))]


def _within(namespace: str, found: Objects) -> Objects:
    return [o for o in found if o["metadata"]["namespace"] == namespace]


def _backups_in(namespace: str, stores: Objects, services: Objects) -> list[Finding]:
    what, told = f"backups in {namespace}", []
    for store in stores:
        if (store.get("status") or {}).get("phase") == "NotReady":
            says = f"the store {store['metadata']['name']} cannot be used: {store['status'].get('message')}"
            told.append(problem(what, says, f"moorage stores -n {namespace}"))
    if told:
        return told
    policies = [(s["metadata"]["name"], (s.get("spec") or {}).get("backup") or {}) for s in services]
    storeless = [name for name, policy in policies if policy.get("enabled", True) and not policy.get("store")]
    if storeless and not any((s.get("spec") or {}).get("default") for s in stores):
        says = f"there is no default store, so nothing backs up {', '.join(storeless)}"
        return [warning(what, says, f"moorage store add s3 --help, then -n {namespace} --default")]
    for service in services:
        name, condition = service["metadata"]["name"], _condition(service, ConditionType.BACKUP_HEALTHY)
        if condition.get("status") == "False":
            says = f"{name}: {condition.get('message') or condition.get('reason')}"
            told.append(warning(what, says, f"moorage backups -n {namespace}"))
    return told or [ok(what, f"{', '.join(s['metadata']['name'] for s in stores) or 'switched off'}; nothing is overdue")]


def services(found: Objects | None) -> list[Finding]:
    """Their colours; `moorage why` says the rest."""
    if found is None:
        return []
    told = []
    for service in sorted((s for s in found if not _is_at_rest(s)), key=_at):
        meta, status = service["metadata"], service.get("status") or {}
        grade = problem if _colour(service) in ("red", "unknown") else warning
        says = f"{_at(service)} is {_colour(service)}: {status.get('healthMsg') or 'nobody has looked at it yet'}"
        told.append(grade("services", says, f"moorage why {meta['name']} -n {meta['namespace']}"))
    return told or [ok("services", f"all {len(found)} are green" if found else "there are none")]


def _colour(service: Object) -> str:
    return str((service.get("status") or {}).get("healthCluster") or "unknown")


def _is_at_rest(service: Object) -> bool:
    return _colour(service) == "green" or "deletionTimestamp" in service["metadata"]


def _condition(service: Object, kind: str) -> Object:
    conditions = (service.get("status") or {}).get("conditions") or []
    return next((c for c in conditions if c.get("type") == kind), {})


def _at(found: Object) -> str:
    return f"{found['metadata']['namespace']}/{found['metadata']['name']}"

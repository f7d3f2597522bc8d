"""The one home of every name, label and annotation that Moorage gives; people rely on them: they never change."""

import re
from collections.abc import Mapping

PART_OF = "moorage"
MANAGED_BY = "moorage"
FINALIZER = "moorage.dev/cleanup"

LABEL_INSTANCE = "app.kubernetes.io/instance"
LABEL_COMPONENT = "app.kubernetes.io/component"
LABEL_PART_OF = "app.kubernetes.io/part-of"
LABEL_ROLE = "moorage.dev/role"
AGENT_PORT = 8090
"""Of every member: probes and metrics."""
LABEL_HEALTH = "moorage.dev/health"

ANNOTATION_REPORT = "moorage.dev/report"
"""On a member's Pod, written by its agent: `MemberReport` as JSON, only when it changes."""
ANNOTATION_ORDER = "moorage.dev/order"
"""On a member's Pod, written by the operator: the one order that the agent is to carry out, as JSON."""
ANNOTATION_SETTINGS = "moorage.dev/settings"
"""On a member's Pod, written by the operator: the settings that its running engine is told, as JSON; none: there are none."""
ANNOTATION_QUERIES = "moorage.dev/queries"
"""On a member's Pod, written by the operator: the queries that become metrics, as JSON; none: there are none."""
ANNOTATION_TEMPLATE = "moorage.dev/template"
"""On a member's Pod and its StatefulSet: digest of the template; a Pod with another one is to be replaced."""
ANNOTATION_DIGEST = "moorage.dev/digest"
"""On every object that we apply: digest of what we applied, so that drift and change are seen without a diff."""
ANNOTATION_TERM = "moorage.dev/term"
"""On the address's EndpointSlice: the engine's term under which its holder claimed it; it only rises."""
ANNOTATION_HOLDER = "moorage.dev/holder"
ANNOTATION_HOLDS_DATA = "moorage.dev/holds-data"
"""On the address's EndpointSlice, written with it: the service was green before, so its members hold data, whoever leads."""
ANNOTATION_PROMOTE = "moorage.dev/promote"
"""On a DataService: MEMBER@TIME; the member is to be the primary."""
ANNOTATION_RESTART = "moorage.dev/restart"
ANNOTATION_REBUILD = "moorage.dev/rebuild"
"""On a DataService: MEMBER@TIME; the member is to be emptied and to copy everything from the others."""
ANNOTATION_RECOVER = "moorage.dev/recover"
"""On a DataService: MEMBER@CONFIGURATION@TIME; the majority is lost for good, and this member is to be kept alone."""
ANNOTATION_EXCLUDED = "moorage.dev/excluded"
"""On the address's EndpointSlice, written by the operator: Pods of members that are given up, and whose engines stay stopped."""
ANNOTATION_MAINTENANCE = "moorage.dev/maintenance"
"""On a DataService: until when nothing is to be repaired or rolled out, and why, as JSON."""
ANNOTATION_DRILL = "moorage.dev/drill"
"""On a DataService: KIND@TIME; the service is to be drilled, when it says that it may be."""
ANNOTATION_CHECK = "moorage.dev/check"
"""On a BackupStore: the time at which a person asked for a check; another one asks again."""
ANNOTATION_FINISH = "moorage.dev/finish"
"""On a worker's Pod, written by the operator: the worker is to come to its end."""
ANNOTATION_GROWN_AT = "moorage.dev/grown-at"
ANNOTATION_TRIED_AGAIN = "moorage.dev/tried-again"
"""On a StatefulSet whose Pods Kubernetes was not allowed to make: when it was last made to try again."""
ANNOTATION_SERVICE = "moorage.dev/service"
"""On a retained volume claim: the DataService that it belonged to, as JSON, so that it can be brought back."""

ANNOTATION_TASK = "moorage.dev/task"
"""On a worker's Pod: what it does, as `core.task.Task` in JSON; never a secret."""
ANNOTATION_FOR = "moorage.dev/for"
"""On a worker's Pod: the resource that it works for, as KIND/NAME. Its owner is another one when it must outlive that one."""
ANNOTATION_START_BY = "moorage.dev/start-by"
"""On a DataBackup of a schedule: when it is too late to start it."""
ANNOTATION_SCHEDULE = "moorage.dev/schedule"
"""On a DataService: since when its schedule of backups is as it is and which run of it was the last, as JSON."""
ANNOTATION_RESTORE = "moorage.dev/restore"
"""On a DataService that a restore made: the DataRestore that fills its first volume, and until then it starts no member.

On the first volume claim of a generation that never served: the DataRestore that made it. Only what has it may be thrown away.
"""
ANNOTATION_ADOPTED = "moorage.dev/adopted-from"
"""On a DataService that was adopted from a store: the clusters whose backups of it are kept and deleted from here since then."""
ANNOTATION_SEEDED = "moorage.dev/seeded"
"""On the first volume claim of a generation: uid of the DataRestore that filled it, and found everything in it."""
ANNOTATION_GENERATION = "moorage.dev/generation"
"""On a DataService: the generation that serves, 1 when absent. On its EndpointSlice: the one whose members may claim it."""
ANNOTATION_KEPT_UNTIL = "moorage.dev/kept-until"
"""On the volume claims of a generation that serves no more: when they may be deleted."""
ANNOTATION_RETIRED = "moorage.dev/retired"
"""On the volume claims of a generation that serves no more: since when. The one that retired last is what `undo` brings back."""

LABEL_GENERATION = "moorage.dev/generation"
LABEL_TASK = "moorage.dev/task-id"

COMPONENT_MEMBER = "member"
COMPONENT_WORKER = "worker"
WORKER = "moorage-worker"
"""ServiceAccount, Role and RoleBinding of a namespace's workers."""
CONTAINER_MEMBER = "member"
PORT_NAME = "engine"


def member_name(ordinal: int, *, data_members: int) -> str:
    """The name people know a member by: `datanode0` …, and `arbiter` for the one after the data members."""
    return f"datanode{ordinal}" if ordinal < data_members else "arbiter"


def ordinal_of(member: str, *, data_members: int) -> int | None:
    """The inverse of `member_name`; None when the service has no such member."""
    if member == "arbiter":
        return data_members
    digits = member.removeprefix("datanode")
    if member.startswith("datanode") and digits.isdigit() and int(digits) < data_members:
        return int(digits)
    return None


def generation_in(annotations: Mapping[str, str]) -> int | None:
    """The generation that annotations name; None when they name none, or nothing that is one."""
    text = annotations.get(ANNOTATION_GENERATION, "")
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,8}", text) else None


def excluded_in(annotations: Mapping[str, str]) -> frozenset[str]:
    """Pod names of the members that are given up, by the annotations of the EndpointSlice."""
    return frozenset(filter(None, annotations.get(ANNOTATION_EXCLUDED, "").split(",")))


def term_of(annotations: Mapping[str, str]) -> int:
    """The engine's term in which the address was claimed, by the annotations of the EndpointSlice; 0: nobody did, or somebody
    wrote what is no term, which the next claim puts right."""
    text = annotations.get(ANNOTATION_TERM, "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def generation_of(annotations: Mapping[str, str]) -> int:
    """The generation that serves, by the annotations of a DataService or of its EndpointSlice."""
    return generation_in(annotations) or 1


def generation_named(service: str, name: str) -> int | None:
    """The generation that a StatefulSet, a Pod or a claim of this service belongs to, by its name; None: it is none of these."""
    if not name.startswith((f"{service}-g", f"data-{service}-g")):
        return None  # most names: a pass looks at all of them
    found = re.fullmatch(rf"(?:data-)?{re.escape(service)}-g([1-9][0-9]{{0,8}})(?:-[0-9]+)?", name)
    return int(found[1]) if found is not None else None


def statefulset(service: str, generation: int) -> str:
    return f"{service}-g{generation}"


def pod(service: str, generation: int, ordinal: int) -> str:
    return f"{statefulset(service, generation)}-{ordinal}"


def claim(service: str, generation: int, ordinal: int) -> str:
    """The volume claim of a member, as the StatefulSet names it."""
    return f"data-{pod(service, generation, ordinal)}"


def members_service(service: str) -> str:
    return f"{service}-members"


def replicas_service(service: str) -> str:
    return f"{service}-replicas"


def app_secret(service: str) -> str:
    return f"{service}-app"


def admin_secret(service: str) -> str:
    return f"{service}-admin"


def internal_secret(service: str) -> str:
    return f"{service}-internal"


def authority_secret(service: str) -> str:
    return f"{service}-ca"


def certificate_secret(service: str) -> str:
    return f"{service}-tls"


def service_account(service: str) -> str:
    return f"{service}-member"


def member_host(service: str, namespace: str, generation: int, ordinal: int) -> str:
    """The DNS name under which the other members and in-cluster clients reach a member."""
    return f"{pod(service, generation, ordinal)}.{members_service(service)}.{namespace}.svc.cluster.local"


def address_host(service: str, namespace: str) -> str:
    return f"{service}.{namespace}.svc.cluster.local"


def labels(service: str, engine: str, component: str = COMPONENT_MEMBER) -> dict[str, str]:
    """The recommended labels that every object of a service carries."""
    return {
        "app.kubernetes.io/name": engine,
        LABEL_INSTANCE: service,
        LABEL_COMPONENT: component,
        LABEL_PART_OF: PART_OF,
        "app.kubernetes.io/managed-by": MANAGED_BY,
    }

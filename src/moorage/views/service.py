"""What people see of a service: one object, from which text, JSON, YAML and the console's pages all come. Pure."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from pydantic import Field, ValidationError

from moorage.api.conditions import Condition, Resource
from moorage.api.dataservice import (
    MEMBERS_MAX,
    BackupPolicy,
    BackupState,
    DataService,
    ExposeType,
    Health,
    MaintenanceState,
    OnDelete,
    Repair,
    RestoreState,
    Step,
    VolumeStatus,
    Window,
    parse_dataservice,
)
from moorage.api.quantity import to_bytes
from moorage.core import names
from moorage.views.errors import UnreadableError
from moorage.views.shown import Shown

Object = dict[str, Any]
_T = TypeVar("_T")


class MemberView(Resource):
    """One member."""

    name: str
    role: str = ""
    """Its role in the engine; empty when it was not heard."""
    health: Health = Health.UNKNOWN
    pod: str = ""
    node: str = ""
    started: str | None = None
    restarts: int = 0
    message: str = ""
    """What Kubernetes says when its Pod cannot run."""


class StorageView(Resource):
    size: str
    class_name: str | None = None
    type: str | None = None
    largest: str | None = None
    """Size of the largest volume, when that is more than was asked for."""
    auto_grow: str = ""


class RequestsView(Resource):
    """What a person asked for and the operator has not finished."""

    promote: str | None = None
    restart: str | None = None
    rebuild: str | None = None
    recover: str | None = None


class ServiceView(Shown):
    """One service."""

    engine: str
    version: str | None = None
    health: Health = Health.UNKNOWN
    message: str = ""
    is_current: bool = False
    """Whether the operator has seen the newest spec."""
    is_deleting: bool = False
    members_asked: int | None = None
    """Data members that the spec asks for; the engine's default when it says none."""
    has_arbiter: bool = False
    members_ready: str = ""
    primary: str | None = None
    members: list[MemberView] = Field(default=[])
    address: str | None = None
    expose: ExposeType = ExposeType.LOAD_BALANCER
    replicas: str | None = None
    secret: str | None = None
    storage: StorageView
    volumes: dict[str, VolumeStatus] = Field(default={})
    """Member → its volume, as it was measured."""
    are_writes_stopped: bool = False
    cpu: str
    memory: str
    parameters: dict[str, str] = Field(default={})
    doing: Step | None = None
    repairs: list[Repair] = Field(default=[])
    """The last ones, newest last."""
    maintenance: MaintenanceState | None = None
    requests: RequestsView = RequestsView()
    backup_policy: BackupPolicy = BackupPolicy()
    backup: BackupState = BackupState()
    restore: RestoreState = RestoreState()
    window: Window | None = None
    """The moments that can be restored."""
    on_delete: OnDelete = OnDelete.RETAIN
    protected: bool = False
    time_zone: str | None = None
    """Of its schedules; the platform's when absent."""
    created: str | None = None
    conditions: list[Condition] = Field(default=[])


_WORST_FIRST = (Health.RED, Health.UNKNOWN, Health.YELLOW, Health.GREEN)


class Judged(Protocol):
    """What can be worse than another."""

    @property
    def name(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def health(self) -> Health: ...


_J = TypeVar("_J", bound=Judged)


def worst_first(views: Iterable[_J]) -> list[_J]:
    """As every list of services stands; a service that was not heard from is worse than one that serves."""
    return sorted(views, key=lambda v: (_WORST_FIRST.index(v.health), v.namespace, v.name))


def parse(obj: Object) -> DataService:
    """The model of a service."""
    return parsed(parse_dataservice, obj)


def parsed(model: Callable[[Object], _T], obj: Object) -> _T:
    """The model, or UnreadableError that says what cannot be read (a newer Moorage wrote it)."""
    try:
        return model(obj)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        who = f"{obj.get('kind') or 'object'} '{obj.get('metadata', {}).get('name')}'"
        message = f"{who} cannot be read by this version of Moorage: {where}: {first['msg']}"
        raise UnreadableError(message, "moorage version") from error


def member_pods(service: DataService) -> dict[str, str]:
    """Member → Pod, in the members' order. Empty while the operator has not named the members yet."""
    known = list(service.status.health_instances)
    data = [i for m in known if m != "arbiter" and (i := names.ordinal_of(m, data_members=MEMBERS_MAX)) is not None]
    data_members = max(data, default=-1) + 1  # there are gaps while members leave
    ordinals = {m: i for m in known if (i := names.ordinal_of(m, data_members=data_members)) is not None}
    name, generation = service.metadata.name, service.status.generation
    return {m: names.pod(name, generation, i) for m, i in sorted(ordinals.items(), key=lambda item: item[1])}


def service_view(obj: Object, pods: Iterable[Object] = ()) -> ServiceView:
    """`pods`: the service's Pods; without them (or when a person may not see them) the members show what the status says."""
    service = parse(obj)
    meta, spec, status = service.metadata, service.spec, service.status
    found = {pod["metadata"]["name"]: pod for pod in pods}
    seen = status.observed_generation is not None
    return ServiceView(
        name=meta.name,
        namespace=meta.namespace,
        engine=spec.engine,
        version=status.version or spec.version,
        health=status.health_cluster,
        message=status.health_msg or ("" if seen else "the operator has not looked at it yet"),
        is_current=(status.observed_generation or 0) >= meta.generation,
        is_deleting=meta.deletion_timestamp is not None,
        members_asked=spec.members,
        has_arbiter=spec.arbiter,
        members_ready=status.members_ready,
        primary=status.primary,
        members=[
            _member(m, status.health_instances[m], pod, found.get(pod), is_primary=m == status.primary)
            for m, pod in member_pods(service).items()
        ],
        address=_address(service),
        expose=spec.expose.type,
        replicas=status.endpoints.replicas,
        secret=status.endpoints.secret_name,
        storage=_storage(service),
        volumes=status.volumes,
        are_writes_stopped=status.are_writes_stopped,
        cpu=spec.resources.cpu,
        memory=spec.resources.memory,
        parameters=spec.parameters,
        doing=status.repair,
        repairs=status.repairs,
        maintenance=status.maintenance,
        requests=RequestsView(
            promote=meta.annotations.get(names.ANNOTATION_PROMOTE),
            restart=meta.annotations.get(names.ANNOTATION_RESTART),
            rebuild=meta.annotations.get(names.ANNOTATION_REBUILD),
            recover=meta.annotations.get(names.ANNOTATION_RECOVER),
        ),
        backup_policy=spec.backup,
        backup=status.backup,
        restore=status.restore,
        window=status.window,
        on_delete=spec.on_delete,
        protected=spec.protected,
        time_zone=spec.time_zone,
        created=meta.creation_timestamp,
        conditions=status.conditions,
    )


def _storage(service: DataService) -> StorageView:
    storage, has, grow = service.spec.storage, service.status.volume_size, service.spec.storage.auto_grow
    return StorageView(
        size=storage.size,
        class_name=storage.class_name,
        type=service.status.volume_type,
        largest=has if has is not None and to_bytes(has) > to_bytes(storage.size) else None,
        auto_grow=f"{grow.step} at a time, up to {grow.max}" if grow is not None else "",
    )


def _address(service: DataService) -> str | None:
    endpoints = service.status.endpoints
    return f"{endpoints.host}:{endpoints.port}" if endpoints.host and endpoints.port else endpoints.host


def _member(name: str, health: Health, pod_name: str, pod: Object | None, *, is_primary: bool) -> MemberView:
    if pod is None:
        return MemberView(name=name, health=health, pod=pod_name, role="primary" if is_primary else "")
    meta, status = pod["metadata"], pod.get("status") or {}
    role = (meta.get("labels") or {}).get(names.LABEL_ROLE, "")
    return MemberView(
        name=name,
        role="primary" if is_primary else role,
        health=health,
        pod=pod_name,
        node=(pod.get("spec") or {}).get("nodeName") or "",
        started=status.get("startTime"),
        restarts=sum(int(c.get("restartCount") or 0) for c in status.get("containerStatuses") or []),
        message=_why_pod_waits(status),
    )


def _why_pod_waits(status: Object) -> str:
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return str(condition.get("message") or condition.get("reason") or "")
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
            return ": ".join(filter(None, (waiting["reason"], waiting.get("message"))))
    return ""

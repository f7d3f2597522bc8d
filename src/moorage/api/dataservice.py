"""`DataService`: what a person declares, and what they see of it."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from moorage.api.conditions import Condition, Resource
from moorage.api.drill import DRILLS_MAX, Drill, Drills
from moorage.api.metadata import Metadata
from moorage.api.metricquery import Metrics
from moorage.api.quantity import PATTERN
from moorage.api.schema import API_VERSION

KIND = "DataService"
PLURAL = "dataservices"

NAME_LENGTH_MAX = 40
"""Room for the longest suffix that we add (`-gN-NN`, `-replicas`, `-internal`) within the 63 characters of a DNS label."""

MEMBERS_MAX = 7
"""Most members of any service: no engine lets more than seven of them vote, or gains from it."""
REPAIRS_MAX, SETTINGS_CHANGES_MAX = 50, 50
"""So many of the last ones are kept."""

Quantity = Annotated[str, Field(pattern=PATTERN, max_length=20)]


class Health(StrEnum):
    """Colour of a member or a service."""

    GREEN = "green"
    """Nothing is abnormal."""
    YELLOW = "yellow"
    """Serves, but some member is abnormal."""
    RED = "red"
    """Cannot serve: no primary, no quorum or no address."""
    UNKNOWN = "unknown"
    """Not heard from yet."""


class OnDelete(StrEnum):
    """What happens to the volumes when the service is deleted."""

    RETAIN = "Retain"
    DELETE = "Delete"


class ExposeType(StrEnum):
    """How the address is reached."""

    CLUSTER_IP = "ClusterIP"
    LOAD_BALANCER = "LoadBalancer"


class AutoGrow(Resource):
    """How far, and in which steps, Moorage lets the volumes grow by itself when they are nearly full."""

    step: str = Field(
        default="20%",
        max_length=20,
        description="By how much the volumes grow at once: a size such as 5Gi, or a share such as 20%.",
    )
    max: Quantity = Field(description="The volumes never grow beyond this size by themselves.")


class Storage(Resource):
    """The volume of each member."""

    size: Quantity = Field(default="10Gi", description="Size of each member's volume. It can grow, never shrink.")
    class_name: str | None = Field(
        default=None, max_length=253, description="StorageClass; the cluster's default class when absent."
    )
    auto_grow: AutoGrow | None = Field(
        default=None, description="Volumes that are nearly full grow by themselves, where their class lets them; not when absent."
    )


class Resources(Resource):
    """CPU and memory of each member; requests and limits are equal, so that a member is never the first to be evicted."""

    cpu: Quantity = Field(default="1", description="Cores of each member, such as 500m or 2.")
    memory: Quantity = Field(default="2Gi", description="Memory of each member; caches are sized from it.")


class Expose(Resource):
    """The address."""

    type: ExposeType = Field(
        default=ExposeType.LOAD_BALANCER,
        description="LoadBalancer: an address that is reachable from outside; ClusterIP: inside the cluster only.",
    )


class Rehearsal(StrEnum):
    """Which scheduled backups are restored into a throw-away member and compared; those by hand always are."""

    FIRST_OF_WEEK = "FirstOfWeek"
    ALWAYS = "Always"
    NEVER = "Never"


class BackupPolicy(Resource):
    """When the service is backed up, where to, and for how long backups are kept."""

    enabled: bool = Field(default=True, description="False: no backup is taken by schedule. One can still be taken by hand.")
    store: str | None = Field(
        default=None, max_length=253, description="BackupStore of this namespace; its default store when absent."
    )
    schedule: str = Field(
        default="30 2 * * *", max_length=100, description="Cron expression of five fields, in the service's time zone."
    )
    spread_minutes: int = Field(
        default=10,
        ge=0,
        le=240,
        description="Services with the same schedule start spread over this time, each always at the same point of it.",
    )
    start_within_minutes: int = Field(
        default=240, ge=10, le=1440, description="A run that could not start in time starts late, once, within this time."
    )
    keep_days: int = Field(default=7, ge=1, le=3650, description="Backups are deleted after so many days.")
    keep_last: int = Field(default=1, ge=1, le=1000, description="So many good backups are kept however old they are.")
    point_in_time: bool = Field(
        default=True, description="The engine's log is archived all the time, so that any moment can be restored."
    )
    rehearsal: Rehearsal = Field(
        default=Rehearsal.FIRST_OF_WEEK,
        description="Which scheduled backups are restored into a throw-away member and compared; those by hand always are.",
    )


class DataServiceSpec(Resource):
    """What is asked for. Validation stands here once and becomes the CRD's own (CEL), so `kubectl apply` refuses bad values."""

    engine: str = Field(max_length=30, description="Engine of the catalogue. Immutable.")
    version: str | None = Field(
        default=None,
        max_length=20,
        description="Version of the engine; the catalogue's default when absent. It goes up one at a time.",
    )
    members: int | None = Field(
        default=None, ge=1, le=MEMBERS_MAX, description="Number of data members; the engine's default when absent. It can change."
    )
    arbiter: bool = Field(
        default=False,
        description="2 data members and an arbiter that votes but holds no data, where there is one. Immutable.",
    )
    image: str | None = Field(
        default=None, max_length=512, description="Image override; the catalogue's image for the version when absent."
    )
    storage: Storage = Storage()
    resources: Resources = Resources()
    parameters: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=256)]] = Field(
        default={}, max_length=64, description="Engine settings, checked against the engine's own list."
    )
    expose: Expose = Expose()
    on_delete: OnDelete = Field(
        default=OnDelete.RETAIN,
        description="Retain keeps the volumes and passwords, so that deploying the same name brings the data back; "
        "Delete removes everything.",
    )
    backup: BackupPolicy = BackupPolicy()
    protected: bool = Field(default=False, description="True: the API server refuses to delete the service.")
    drills: Drills = Drills()
    metrics: Metrics = Metrics()
    time_zone: str | None = Field(
        default=None,
        max_length=64,
        description="IANA time zone of the service's schedules; the platform's when absent.",
    )


class Init(Resource):
    """The first deployment."""

    phase: Literal["Pending", "Running", "Succeeded"] = "Pending"
    msg: str = ""
    start_time: str | None = None
    end_time: str | None = None


class Endpoints(Resource):
    """How to connect."""

    host: str | None = None
    """Address that follows the primary (L4 address when exposed, else the Service's DNS name)."""
    port: int | None = None
    replicas: str | None = None
    """DNS name of the healthy secondaries."""
    secret_name: str | None = None
    """Secret in Service Binding layout with user, password and URIs."""


class Rejected(Resource):
    """A step that was not taken, and why."""

    action: str = Field(max_length=64)
    why: str = Field(max_length=1024)


class Step(Resource):
    """What Moorage is doing or waiting for, in one sentence."""

    action: str
    reason: str
    since: str | None = None
    facts: list[str] = Field(default=[], max_length=50)
    """What is seen of the members that are abnormal."""
    rejected: list[Rejected] = Field(default=[], max_length=20)
    """What else could be done, and why it is not."""


class Repair(Resource):
    """One repair, from its first step until the member or the object was normal again."""

    kind: str = Field(max_length=64)
    """Such as resync, replace-volume, replace-member, recover, restore-object, correct-object."""
    member: str = Field(default="", max_length=128)
    """The member, or the object that was put right, as Kind/name."""
    why: str = Field(default="", max_length=1024)
    start_time: str
    end_time: str | None = None
    outcome: Literal["Running", "Succeeded", "Failed", "GivenUp"] = "Running"


class SettingsChange(Resource):
    """Settings that the running engine was told, without a restart."""

    time: str
    """RFC 3339, when the first member was."""
    what: str = Field(max_length=1024)
    """NAME: BEFORE → AFTER of each one that changed; "default" for one that nobody sets."""


class VolumeStatus(Resource):
    """A member's volume as its file system tells, rounded."""

    size_mib: int
    """What may be used in all."""
    used_percent: int
    level: str = Field(max_length=20)
    """ok, nearly-full or full."""
    full_in_hours: int | None = None
    """At the present rate; nothing when that is more than three days ahead or cannot be told yet."""


class MaintenanceState(Resource):
    """A time in which nothing is repaired and nothing is rolled out, because a person asked for it."""

    until: str
    reason: str = Field(default="", max_length=1024)


class Binding(Resource):
    """Service Binding (servicebinding.io): where applications find the credentials."""

    name: str


class BackupState(Resource):
    """The backup that runs or ran last, and what the service can be restored from."""

    phase: str = Field(default="None", max_length=20)
    """None (there never was one), Pending, Running, Verifying, Succeeded or Failed."""
    msg: str = Field(default="", max_length=1024)
    name: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    reserved_days: int | None = None
    """How long it is kept."""
    task_id: str | None = None
    store: str | None = None
    last_success: str | None = None
    """When the newest good backup ended."""
    last_verified: str | None = None
    """When the newest good backup was verified by a rehearsal."""
    next_run: str | None = None


class RestoreState(Resource):
    """The restore that runs or ran last."""

    phase: str = Field(default="None", max_length=20)
    msg: str = Field(default="", max_length=1024)
    name: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    undo_until: str | None = None
    """Until then the data as it was before the last restore in place can be had back."""


class Gap(Resource):
    """A time that cannot be restored."""

    start: str
    end: str


class Window(Resource):
    """The moments that can be restored: from `start` to `end`, without the gaps."""

    start: str | None = None
    end: str | None = None
    gaps: list[Gap] = Field(default=[], max_length=50)


class DataServiceStatus(Resource):
    """What is seen. Every field is derived; deleting the status loses nothing."""

    observed_generation: int | None = None
    health_cluster: Health = Health.UNKNOWN
    health_msg: str = ""
    health_instances: dict[str, Health] = Field(default={})
    expected_nodes: int = 0
    cluster_nodes: int = 0
    members_ready: str = ""
    """Ready of wanted members for the printer column, such as 3/3."""
    primary: str | None = None
    version: str | None = None
    compatibility: str | None = Field(default=None, max_length=20)
    """Version that the engine keeps its data usable for: it follows `spec.version` once every member runs that."""
    generation: int = 1
    """Generation of the volumes and Pods (`NAME-gN`)."""
    volume_type: str | None = None
    volume_size: str | None = Field(default=None, max_length=40)
    """Size of the largest volume: a size that was asked for and could not be had may be taken back to this."""
    volumes: dict[str, VolumeStatus] = Field(default={})
    """Member → its volume."""
    are_writes_stopped: bool = False
    """Applications may read and not write: too few members have room for more."""
    is_repairing: str = "no-op"
    repair: Step | None = None
    repairs: list[Repair] = Field(default=[], max_length=REPAIRS_MAX)
    """The last ones, newest last."""
    settings_changes: list[SettingsChange] = Field(default=[], max_length=SETTINGS_CHANGES_MAX)
    """The last ones, newest last."""
    maintenance: MaintenanceState | None = None
    drills: list[Drill] = Field(default=[], max_length=DRILLS_MAX)
    """The last ones, newest last."""
    init: Init = Init()
    backup: BackupState = BackupState()
    restore: RestoreState = RestoreState()
    window: Window | None = None
    endpoints: Endpoints = Endpoints()
    binding: Binding | None = None
    selector: str | None = None
    conditions: list[Condition] = Field(default=[])


class DataService(Resource):
    """One deployed database service."""

    api_version: str = API_VERSION
    kind: str = KIND
    metadata: Metadata
    spec: DataServiceSpec
    status: DataServiceStatus = DataServiceStatus()

    @property
    def key(self) -> str:
        """`namespace/name`, as logs and messages name it."""
        return f"{self.metadata.namespace}/{self.metadata.name}"


def parse_dataservice(obj: dict[str, Any]) -> DataService:
    """The model of an object of the API server. Raises pydantic.ValidationError when it is none."""
    return DataService.model_validate(obj)

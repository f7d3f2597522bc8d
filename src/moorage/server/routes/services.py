"""Services: the list, one in detail, deploying, changing and deleting it."""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query

from moorage.api.backupstore import KIND as STORE
from moorage.api.databackup import KIND as BACKUP
from moorage.api.dataservice import KIND, DataService
from moorage.core import names
from moorage.core.schedule import why_unusable
from moorage.engines.registry import load
from moorage.kube.client import KubeError
from moorage.server import looks
from moorage.server.caller import Caller, SignedIn
from moorage.server.caller import PlatformOf as Platform_
from moorage.server.deploy import DeployWish, Preview, Room, SettingsWish, same_as, wished
from moorage.server.model import Given, ObjectName, ServiceName, SpaceName
from moorage.server.platform import Platform
from moorage.server.problem import Cause, Code, ProblemError
from moorage.server.rights import NEEDED, Deed, allowed, right, why_not
from moorage.server.trail import Makes
from moorage.views import zone
from moorage.views.backup import BackupView, backup_view, newest_good, readable
from moorage.views.capacity import why_no_room
from moorage.views.concern import concerns
from moorage.views.errors import UnreadableError
from moorage.views.host import host_views
from moorage.views.progress import Progress, progress
from moorage.views.row import ServiceRow
from moorage.views.service import ServiceView, parse, service_view, worst_first
from moorage.views.store import StoreView, store_view
from moorage.wishes import asked

Object = dict[str, Any]
router = APIRouter(tags=["services"])
FinalBackup = Annotated[bool, Query(alias="finalBackup", description="Take a backup first, and delete only once it is good.")]
After = Annotated[ObjectName | None, Query(description="`finalBackup` of the answer before.")]
DryRun = Annotated[bool, Query(alias="dryRun", description="Check it all, and keep nothing.")]


class ServiceList(Given):
    """Every service that the person may see, the worst first."""

    items: list[ServiceRow]
    position: str
    """Where the event stream goes on from, so that nothing between this list and the stream is missed."""
    why_stale: str = ""
    """Why what is shown may be old; empty when it is current."""


class Lacks(Given):
    """What somebody would need, so that a page can say it in the person's language."""

    deed: Deed
    right: str
    """As Kubernetes calls it, such as `patch dataservices.moorage.dev`."""
    space: str
    """Empty: every one."""


class DeedView(Given):
    """Whether a button may be pressed."""

    allowed: bool
    why_not: str = ""
    lacks: Lacks | None = None
    """Null also where Kubernetes could not be asked; `whyNot` says so."""


class ServiceDetail(Given):
    """One service."""

    service: ServiceView
    may: dict[Deed, DeedView]


class LastBackup(Given):
    """What could be restored when nothing else is left."""

    last_backup: str | None = None
    """When the newest good backup ended; null: there is none."""
    last_backup_name: str | None = None
    is_last_backup_verified: bool = False
    """Whether a rehearsal restored it and found everything."""


class Deletion(LastBackup):
    """What a deletion means, for the dialog before it, or what was done."""

    name: str
    space: str
    keeps_data: bool
    """Whether volumes and passwords stay, so that it can be undeleted."""
    volumes: list[str]
    backups: int
    """Good ones, which stay in any case."""
    is_protected: bool
    is_begun: bool = False
    """Whether the service is being deleted now; false in a look before it, and while a final backup is awaited."""
    final_backup: str | None = None
    """The backup that is taken first: send the same request again with `after` set to it, until `isBegun`."""


def rows_of(platform: Platform, services: list[Object]) -> list[ServiceRow]:
    return [_row_of(platform, obj) for obj in services]


def _row_of(platform: Platform, obj: Object) -> ServiceRow:
    """One that a newer Moorage wrote must not take the whole list away."""
    try:
        return platform.rows.of(obj)
    except UnreadableError as error:
        meta = obj["metadata"]
        engine = str((obj.get("spec") or {}).get("engine") or "")
        return ServiceRow(name=meta["name"], namespace=meta["namespace"], engine=engine, message=str(error))


@router.get("/services")
async def list_services(caller: SignedIn, platform: Platform_, space: Annotated[SpaceName | None, Query()] = None) -> ServiceList:
    """From the watch cache; one look costs the API server nothing."""
    position = platform.cache.feed.position
    found = await looks.visible(platform, caller, KIND, space)
    return ServiceList(items=worst_first(rows_of(platform, found)), position=position, why_stale=platform.cache.why_stale)


@router.post("/services", status_code=201)
async def deploy_service(
    body: DeployWish, caller: SignedIn, platform: Platform_, makes: Makes, dry_run: DryRun = False
) -> Preview:
    """The API server judges it first. `dryRun`: it alone does, and `room` says whether the hosts have room now."""
    makes("service", body.name, body.space)
    _require_parameters(body.engine, body.parameters)
    require_schedule(body.backup.schedule)
    wanted = wished(body, engine=body.engine, name=body.name, space=body.space)
    checked = await caller.kube.check(wanted)
    service, hosts = parse(checked), host_views(platform.cache.all("Node"), platform.cache.all("Pod"), {})
    why = why_no_room(hosts, _members(service), service.spec.resources.cpu, service.spec.resources.memory)
    warnings = concerns(service, _members(service), hosts, await _stores(platform, caller, body.space))
    made = checked
    if not dry_run:
        made = await caller.kube.create(wanted)
        platform.cache.wrote(made)
    room = Room(fits=why is None, message=why or "")
    return Preview(service=made, same_as=same_as(wanted), room=room, warnings=warnings)


@router.get("/services/{space}/{name}")
async def get_service(space: SpaceName, name: ServiceName, caller: SignedIn, platform: Platform_) -> ServiceDetail:
    """Everything that its page shows, and which buttons the person may press."""
    obj = await looks.find(platform, caller, KIND, space, name)
    pods = await looks.pods_of(platform, caller, space, name)
    return ServiceDetail(service=service_view(obj, pods), may=await deeds(caller, space))


@router.patch("/services/{space}/{name}")
async def change_service(
    space: SpaceName,
    name: ServiceName,
    body: SettingsWish,
    caller: SignedIn,
    platform: Platform_,
    dry_run: DryRun = False,
) -> Preview:
    """Only what is said changes. The operator rolls it out, one member after the other."""
    obj = await looks.find(platform, caller, KIND, space, name)
    engine = obj["spec"]["engine"]
    _require_parameters(engine, body.parameters)
    require_schedule(body.backup.schedule)
    wanted = wished(body, engine=engine, name=name, space=space)
    patch: Object = {"spec": {key: value for key, value in wanted["spec"].items() if key != "engine"}}
    if body.parameters is not None:  # a setting that is left out goes back to the engine's default
        before = obj["spec"].get("parameters") or {}
        patch["spec"]["parameters"] = {**dict.fromkeys(before), **body.parameters}
    if dry_run:
        changed = await caller.kube.check_merge(KIND, name, space, patch)
    else:
        changed = await caller.kube.merge(KIND, name, space, patch)
        platform.cache.wrote(changed)
    return Preview(service=changed, same_as=same_as(wanted), room=Room(fits=True))


@router.get("/services/{space}/{name}/deletion")
async def preview_deletion(space: SpaceName, name: ServiceName, caller: SignedIn, platform: Platform_) -> Deletion:
    """What goes and what stays."""
    return _deletion(platform, await looks.find(platform, caller, KIND, space, name))


@router.delete("/services/{space}/{name}", status_code=202)
async def delete_service(
    space: SpaceName,
    name: ServiceName,
    caller: SignedIn,
    platform: Platform_,
    confirm: Annotated[str, Query(max_length=63, description="The service's name, typed by the person.")],
    final_backup: FinalBackup = False,
    after: After = None,
) -> Deletion:
    """A protected service is refused by the API server. Backups stay; volumes stay unless the service says otherwise.

    With `finalBackup` the first request begins a backup and deletes nothing; the same request with `after` deletes once that
    backup is good. So a backup that fails, or a browser that is closed, leaves the service as it is.
    """
    obj = await looks.find(platform, caller, KIND, space, name)
    require_typed(name, confirm)
    told = _deletion(platform, obj)
    if final_backup or after is not None:
        await caller.kube.remove(KIND, name, space, dry_run=True)  # nobody waits for a backup to be refused then
        taken = await _final_backup(caller, platform, parse(obj), after)
        if not taken.is_good:
            return told.model_copy(update={"final_backup": taken.name})
        told = _deletion(platform, obj)
    await caller.kube.remove(KIND, name, space)
    return told.model_copy(update={"is_begun": True})


@router.get("/services/{space}/{name}/progress")
async def get_progress(space: SpaceName, name: ServiceName, caller: SignedIn, platform: Platform_) -> Progress:
    """The first deployment as named steps."""
    obj = await looks.find(platform, caller, KIND, space, name)
    return progress(obj, await looks.pods_of(platform, caller, space, name))


async def deeds(caller: Caller, space: str) -> dict[Deed, DeedView]:
    """When Kubernetes cannot be asked no button may be pressed: nothing would come of it."""
    try:
        found = allowed(await caller.kube.rules(space))
    except KubeError as error:
        return {deed: DeedView(allowed=False, why_not=str(error)) for deed in Deed}
    return {deed: _deed_view(deed, space, may=may) for deed, may in found.items()}


async def deed_in(caller: Caller, deed: Deed, spaces: set[str]) -> dict[str, DeedView]:
    """One deed in each of these spaces; the empty one stands for every space."""
    group, resource, verb = NEEDED[deed]
    found = {}
    for space in spaces:
        try:
            may = await caller.kube.may(verb, resource, group=group, namespace=space)
            found[space] = _deed_view(deed, space, may=may)
        except KubeError as error:
            found[space] = DeedView(allowed=False, why_not=str(error))
    return found


def _deed_view(deed: Deed, space: str, *, may: bool) -> DeedView:
    if may:
        return DeedView(allowed=True)
    return DeedView(allowed=False, why_not=why_not(deed, space), lacks=Lacks(deed=deed, right=right(deed), space=space))


def require_typed(name: str, confirm: str) -> None:
    if confirm != name:
        detail = f"'{confirm}' was typed, not the name '{name}'; nothing was done"
        raise ProblemError(422, Code.NAME_NOT_TYPED, detail, {"name": name})


def _members(service: DataService) -> int:
    return load()[service.spec.engine].card.data_members(service)


async def _stores(platform: Platform, caller: Caller, space: str) -> list[StoreView] | None:
    """Those of the space that stay; None when the person may not see them."""
    if not (await looks.sight(platform, caller, STORE)).sees(space):
        return None
    found = []
    for obj in platform.cache.all(STORE, space):
        with suppress(UnreadableError):  # one that a newer Moorage wrote is for its own page to tell of
            found += [] if "deletionTimestamp" in obj["metadata"] else [store_view(obj)]
    return found


def _require_parameters(engine: str, parameters: dict[str, str] | None) -> None:
    """An engine that this server does not know is the API server's to judge."""
    found = load().get(engine)
    refused = found.card.unsettable(parameters or {}) if found is not None else {}
    if refused:
        causes = [Cause(field=f"spec.parameters.{name}", message=why) for name, why in refused.items()]
        raise ProblemError(422, Code.REFUSED, "; ".join(refused.values()), causes=causes)


def require_schedule(schedule: str | None) -> None:
    """Before the API server is asked, which cannot know each day that never comes."""
    refused = why_unusable(schedule) if schedule is not None else None
    if refused is not None:
        raise ProblemError(422, Code.REFUSED, refused, causes=[Cause(field="spec.backup.schedule", message=refused)])


async def _final_backup(caller: Caller, platform: Platform, service: DataService, after: str | None) -> BackupView:
    """The one that an earlier request began, or one that begins now. Raises when it failed: then nothing is deleted."""
    space, name = service.metadata.namespace, service.metadata.name
    if after is None:
        when = asked.stamp(platform.clock(), zone.of(service))
        made = await caller.kube.create(asked.backup(space, name, service.spec.engine, when, rehearse=False))
        platform.cache.wrote(made)
        return backup_view(made)
    view = backup_view(await looks.find(platform, caller, BACKUP, space, after))
    if view.service != name:
        detail = f"{after} is a backup of {view.service}, not of {name}; nothing was deleted"
        raise ProblemError(409, Code.CONFLICT, detail, {"name": name, "backup": after})
    if view.is_over and not view.is_good:
        detail = f"the final backup {after} cannot be restored from, so {name} stays: {view.message or view.verdict}"
        raise ProblemError(409, Code.FINAL_BACKUP_FAILED, detail, {"name": name, "backup": after})
    return view


def last_backup(platform: Platform, space: str, service: str) -> LastBackup:
    found = newest_good(looks.about(platform.cache.all(BACKUP, space), service))
    if found is None:
        return LastBackup()
    return LastBackup(last_backup=found.end_time, last_backup_name=found.name, is_last_backup_verified=found.verified is True)


def _deletion(platform: Platform, obj: Object) -> Deletion:
    service = parse(obj)
    space, name = service.metadata.namespace, service.metadata.name
    claims = [
        c["metadata"]["name"]
        for c in platform.cache.all("PersistentVolumeClaim", space)
        if (c["metadata"].get("labels") or {}).get(names.LABEL_INSTANCE) == name
    ]
    good = [b for b in looks.about(platform.cache.all(BACKUP, space), name) if (view := readable(b)) and view.is_good]
    return Deletion(
        **last_backup(platform, space, name).model_dump(),
        name=name,
        space=space,
        keeps_data=service.spec.on_delete == "Retain",
        volumes=sorted(claims),
        backups=len(good),
        is_protected=service.spec.protected,
    )

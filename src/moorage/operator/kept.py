"""What the watches hold of a service's other generations, and of the restore that it may wait for. Pure."""

import contextlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from moorage.api.datarestore import DataRestore, RestorePhase, parse_datarestore
from moorage.api.dataservice import DataService
from moorage.core import generations, names
from moorage.core.generations import UNDO_DAYS, Generation
from moorage.kube.reflector import Store
from moorage.operator.look import Look, moment

Object = dict[str, Any]
TARGETS = ("toNew", "inPlace", "undo")
KINDS = ("StatefulSet", "PersistentVolumeClaim", "Pod")


def restores_of(service: DataService, stores: Mapping[str, Store]) -> tuple[DataRestore, ...]:
    """Every restore that is about this service, the oldest first. One that cannot be read says so itself."""
    meta, found = service.metadata, []
    for item in stores["DataRestore"].all() if "DataRestore" in stores else ():
        spec = item.get("spec") or {}
        if item["metadata"].get("namespace") != meta.namespace or meta.name not in [spec.get(field) for field in TARGETS]:
            continue
        with contextlib.suppress(ValidationError):
            found.append(parse_datarestore(item))
    return tuple(sorted(found, key=lambda r: (r.metadata.creation_timestamp or "", r.metadata.name)))


def is_at_work(restore: DataRestore) -> bool:
    return not restore.is_over and restore.metadata.deletion_timestamp is None


def numbers(service: DataService, stores: Mapping[str, Store]) -> tuple[int, ...]:
    """Every generation that has something left, also what is on its way out: none of these numbers is given again."""
    meta, found = service.metadata, set()
    for kind in KINDS:
        for item in stores[kind].all():
            if item["metadata"].get("namespace") == meta.namespace:
                found.add(names.generation_named(meta.name, item["metadata"]["name"]))
    return tuple(sorted(number for number in found if number is not None))


def others(service: DataService, stores: Mapping[str, Store], look: Look) -> tuple[Generation, ...]:
    """The generations that do not serve. What somebody else made under such a name is not the service's to put away."""
    serves, restores = generations.serving(service), restores_of(service, stores)
    ours = (n for n in numbers(service, stores) if any(_of(n, service, stores[kind]) for kind in KINDS))
    return tuple(_generation(number, service, restores, stores, look) for number in ours if number != serves)


def _generation(
    number: int, service: DataService, restores: tuple[DataRestore, ...], stores: Mapping[str, Store], look: Look
) -> Generation:
    namespace, name = service.metadata.namespace, service.metadata.name
    members = stores["StatefulSet"].get(namespace, names.statefulset(name, number))
    claims = [c for c in _of(number, service, stores["PersistentVolumeClaim"]) if not _is_leaving(c)]
    first = _marks(stores["PersistentVolumeClaim"].get(namespace, names.claim(name, number, 0)))
    users = [r for r in restores if is_at_work(r)]
    in_use = any(r.status.generation == number or r.metadata.name == first.get(names.ANNOTATION_RESTORE) for r in users)
    kept = [_marks(claim).get(names.ANNOTATION_KEPT_UNTIL) for claim in claims]
    until = max(filter(None, kept), default=None) if all(kept) else None
    is_there = members is not None and not _is_leaving(members)
    return Generation(
        number=number,
        replicas=int(members["spec"].get("replicas", 1)) if members is not None and is_there else None,
        pods=tuple(pod["metadata"]["name"] for pod in _of(number, service, stores["Pod"])),
        claims=tuple(claim["metadata"]["name"] for claim in claims),
        is_unfinished=names.ANNOTATION_RESTORE in first,
        is_in_use=in_use,
        retired=max((_marks(claim).get(names.ANNOTATION_RETIRED) or "" for claim in claims), default="") or None,
        kept_until=until,
        is_expired=until is not None and look.lasted(moment(until), 0.0),
    )


def witnessed(service: DataService, stores: Mapping[str, Store]) -> int | None:
    """The generation that serves where the service itself does not say it (any more), by its address, or by what was kept of it.

    None: it says so itself, or there is nothing to be said, for it is the first.
    """
    meta = service.metadata
    if names.generation_in(meta.annotations) is not None:
        return None
    address = stores["EndpointSlice"].get(meta.namespace, meta.name)
    owners = (address["metadata"].get("ownerReferences") or []) if address is not None else []
    if any(owner.get("uid") == meta.uid for owner in owners):
        found = names.generation_of(_marks(address))
    elif names.FINALIZER in meta.finalizers:
        return None
    else:
        found = max(_kept_generations(service, stores["PersistentVolumeClaim"]), default=1)
    return found if found > 1 else None


def holds_deleted(service: DataService, claims: Store) -> bool:
    """Whether there are volumes that a deleted service of this name left behind, with its data."""
    return any(names.ANNOTATION_SERVICE in _marks(claim) for claim in _claims_of(service, claims))


def _claims_of(service: DataService, claims: Store) -> list[Object]:
    """Of every generation, with labels or without."""
    meta = service.metadata
    found = ((claim, claim["metadata"]) for claim in claims.all())
    return [
        claim
        for claim, of in found
        if of.get("namespace") == meta.namespace and names.generation_named(meta.name, of["name"]) is not None
    ]


def _kept_generations(service: DataService, claims: Store) -> list[int]:
    """What the claims of a deleted service of this name say."""
    found = []
    for claim in _claims_of(service, claims):
        try:
            kept = json.loads(_marks(claim).get(names.ANNOTATION_SERVICE, "{}"))
            found.append(int(kept.get("generation", 1)))
        except (ValueError, AttributeError, TypeError):
            continue
    return found


def _of(number: int, service: DataService, store: Store) -> list[Object]:
    meta = service.metadata
    found = [
        item
        for item in store.all()
        if item["metadata"].get("namespace") == meta.namespace
        and names.generation_named(meta.name, item["metadata"]["name"]) == number
        and (item["metadata"].get("labels") or {}).get(names.LABEL_INSTANCE) == meta.name
    ]
    return sorted(found, key=lambda item: str(item["metadata"]["name"]))


def _marks(item: Object | None) -> Mapping[str, str]:
    return (item["metadata"].get("annotations") or {}) if item is not None else {}


def _is_leaving(item: Object) -> bool:
    return item["metadata"].get("deletionTimestamp") is not None


def first_claim(service: DataService, generation: int, stores: Mapping[str, Store]) -> Object | None:
    """The claim of a generation's first member, which a restore fills."""
    meta = service.metadata
    return stores["PersistentVolumeClaim"].get(meta.namespace, names.claim(meta.name, generation, 0))


def marked_claims(service: DataService, stores: Mapping[str, Store]) -> tuple[str, ...]:
    """Of the generation that serves: those that still carry the marks of another state."""
    states = {names.ANNOTATION_RESTORE, names.ANNOTATION_KEPT_UNTIL, names.ANNOTATION_RETIRED}
    claims = _of(generations.serving(service), service, stores["PersistentVolumeClaim"])
    return tuple(claim["metadata"]["name"] for claim in claims if states & _marks(claim).keys())


def is_seeded(service: DataService, stores: Mapping[str, Store]) -> bool:
    """Whether a restore filled the first volume."""
    return names.ANNOTATION_SEEDED in _marks(first_claim(service, generations.serving(service), stores))


def awaits_restore(service: DataService, stores: Mapping[str, Store]) -> tuple[str, bool]:
    """What a service that a restore made waits for, and whether it waits in vain; empty when it waits for nothing."""
    name = service.metadata.annotations.get(names.ANNOTATION_RESTORE)
    if not name or service.status.init.phase == "Succeeded" or is_seeded(service, stores):
        return "", False
    restore = next((r for r in restores_of(service, stores) if r.metadata.name == name), None)
    if restore is None or restore.metadata.deletion_timestamp is not None:
        return f"restore {name}, which was to bring its data, was deleted: delete this service, too", True
    if restore.status.phase is RestorePhase.FAILED:
        return f"restore {name} failed, so it has no data: {restore.status.message}; delete this service and restore anew", True
    return f"waits for restore {name} to bring its data", False


def undo_until(service: DataService, restores: tuple[DataRestore, ...], now: datetime) -> datetime:
    """Until when a generation that stops serving now is kept: as the restore says that the one which serves comes from."""
    mine = [r for r in restores if r.status.generation == generations.serving(service)]
    days = mine[-1].spec.undo_days if mine else UNDO_DAYS
    return now.astimezone(UTC) + timedelta(days=days)

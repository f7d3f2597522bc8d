"""What the volume claims of a service say: what is there, what cannot be had, what grows and what cannot grow. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moorage.api.dataservice import DataService
from moorage.api.quantity import PATTERN, parse
from moorage.core import generations, names
from moorage.core.autogrow import PAUSE_SECONDS
from moorage.operator import told
from moorage.operator.look import Look, created, moment
from moorage.operator.wording import in_words

Object = dict[str, Any]

MADE_SECONDS = 5.0
"""Most volumes are made within this time; before it nobody is asked why one is not."""
_RESIZE_ERRORS = ("ControllerResizeError", "NodeResizeError")
_INFEASIBLE = ("ControllerResizeInfeasible", "NodeResizeInfeasible")


class Claims:
    """The claims of one service's members, as the watches hold them."""

    def __init__(
        self,
        service: DataService,
        members: Mapping[str, str],
        found: Mapping[str, Object],
        classes: list[Object],
        lost_with: Mapping[str, str] | None = None,
    ) -> None:
        """`members`: claim → the member that it belongs to; `lost_with`: claim → the node that its volume was lost with."""
        self._lost_with = lost_with or {}
        self._service, self._members, self._found = service, members, found
        self._classes = {item["metadata"]["name"]: item for item in classes}

    def sizes(self) -> dict[str, str]:
        """Claim that has its volume → size that it asks for now."""
        return {name: asked(item) for name, item in self._found.items() if has_volume(item)}

    def leaving(self) -> tuple[str, ...]:
        return tuple(name for name, item in self._found.items() if not has_volume(item) and _is_leaving(item))

    def stale(self) -> tuple[str, ...]:
        """Those that never had a volume and ask for something else than the spec does now."""
        storage = self._service.spec.storage
        default = next((name for name, item in self._classes.items() if _is_default(item)), None)
        wanted = storage.class_name if storage.class_name is not None else default

        def is_stale(claim: Object) -> bool:
            of_class = _class_of(claim)
            other_class = wanted is not None and of_class is not None and of_class != wanted
            of_restore = names.ANNOTATION_RESTORE in (
                claim["metadata"].get("annotations") or {}
            )  # as large as what it comes beside
            size, least = parse(asked(claim)), parse(storage.size)
            other_size = size < least if of_restore else size != least
            return not has_volume(claim) and not _is_leaving(claim) and (other_class or other_size)

        return tuple(sorted(name for name, item in self._found.items() if is_stale(item)))

    def volume_type(self) -> str | None:
        """What the StorageClass provisions, by its provisioner's name: ceph, hostpath, …"""
        for claim in self._found.values():
            provisioner = self._provisioner(claim)
            kinds = (("ceph", "ceph"), ("rbd", "ceph"), ("host", "hostpath"), ("local", "hostpath"), ("nfs", "nfs"))
            for word, volume_type in kinds:
                if word in provisioner:
                    return volume_type
            if provisioner:
                return provisioner
        return None

    def capacities(self) -> dict[str, str]:
        """Claim → the size that its volume has."""
        return {name: size for name, item in self._found.items() if (size := capacity(item))}

    def trouble(self, look: Look) -> str:
        """Why a volume cannot be had. A class concerns nobody any more once every member has its volume."""
        return self._class_trouble() or "; ".join(self._not_made(look))

    def _class_trouble(self) -> str:
        if sum(map(has_volume, self._found.values())) == len(self._members):
            return ""
        wanted = self._service.spec.storage.class_name
        pending = any(not has_volume(item) for item in self._found.values())
        if wanted is not None and wanted not in self._classes:
            known = ", ".join(sorted(self._classes)) or "none"
            return f"StorageClass '{wanted}' does not exist; there are: {known}"
        if pending and wanted is None and not any(_is_default(c) for c in self._classes.values()):
            return "no StorageClass was asked for and the cluster has no default one"
        return ""

    def lost_for_good(self) -> tuple[str, ...]:
        """Claims whose volume no longer exists."""
        lost = (n for n, i in self._found.items() if (i.get("status") or {}).get("phase") == "Lost" or n in self._lost_with)
        return tuple(sorted(lost))

    def lost_and_leaving(self) -> tuple[str, ...]:
        """Those of them that are being deleted."""
        return tuple(name for name in self.lost_for_good() if _is_leaving(self._found[name]))

    def lost(self) -> str:
        """Which volumes are lost, or will be as soon as their members stop."""
        said = []
        for name, item in sorted(self._found.items()):
            if (item.get("status") or {}).get("phase") == "Lost":
                volume = item["spec"].get("volumeName")
                said.append(f"the volume of {self._members[name]} is lost: its PersistentVolume '{volume}' no longer exists")
            elif name in self._lost_with:
                said.append(f"the volume of {self._members[name]} is lost with node {self._lost_with[name]}, which is gone")
            elif has_volume(item) and _is_leaving(item):
                said.append(f"claim {name} was deleted: the volume of {self._members[name]} goes when that member stops")
        return "; ".join(said)

    def _not_made(self, look: Look) -> list[str]:
        """Grouped by cause; what is on its way is no trouble."""
        causes: dict[str, list[str]] = {}
        for name, item in sorted(self._found.items()):
            if not has_volume(item) and not _is_leaving(item) and look.lasted(created(item), MADE_SECONDS):
                why = told.why_no_volume(look.events(item, created(item)))
                causes.setdefault(why, []).append(self._members[name])
        return [f"the volume of {', '.join(who)} cannot be made: {why}" for why, who in causes.items() if why]

    def waits_for(self, claim: str) -> str:
        """Who is to make a volume that is not there yet."""
        item = self._found.get(claim)
        provisioner = self._provisioner(item) if item is not None else ""
        return f"provisioner '{provisioner}' has not made its volume yet" if provisioner else "its volume is not there yet"

    def infeasible(self) -> dict[str, str]:
        """Claim that asks for more than its volume can ever have → the size that it has."""
        return {name: has for name, item in self._found.items() if _is_infeasible(item) and (has := capacity(item))}

    def _wanted(self, claim: Object) -> str:
        """The size that its volume should have: what the spec asks for, or more where Moorage decided to let it grow."""
        storage = self._service.spec.storage
        if storage.auto_grow is None:
            return storage.size
        return max(storage.size, min(asked(claim), storage.auto_grow.max, key=parse), key=parse)

    def _too_small(self) -> dict[str, Object]:
        with_volume = ((n, i) for n, i in sorted(self._found.items()) if has_volume(i))
        return {n: i for n, i in with_volume if parse(capacity(i) or asked(i)) < parse(self._wanted(i))}

    def grown_at(self, look: Look) -> str:
        """When Moorage last let one grow by itself. After a pause it may do so again."""
        marks = ((item["metadata"].get("annotations") or {}).get(names.ANNOTATION_GROWN_AT) for item in self._found.values())
        last = max(filter(None, marks), default="")
        look.lasted(moment(last), PAUSE_SECONDS)
        return last

    def why_fixed(self) -> str:
        """Why none of the volumes can grow, whatever is asked for."""
        return self._why_none_grows({n: i for n, i in self._found.items() if has_volume(i)})

    def growth_trouble(self, look: Look) -> str:
        """Why volumes cannot grow to what is asked for, and what a person can do."""
        small = self._too_small()
        if not small:
            return ""
        wanted = max(map(self._wanted, small.values()), key=parse)
        has = max((capacity(i) or asked(i) for i in small.values()), key=parse)
        largest = max(self.capacities().values(), key=parse, default=has)
        back = f", or set storage.size back to {largest}" if parse(largest) < parse(self._service.spec.storage.size) else ""
        if any(parse(asked(item)) < parse(wanted) for item in small.values()) and (why := self._why_none_grows(small)):
            return f"the volumes stay at {has}: {why}{back}"
        causes: dict[str, list[str]] = {}
        for name, item in small.items():
            if parse(asked(item)) >= parse(wanted):
                causes.setdefault(_why_not_grown(item, look), []).append(name)
        told_by = [f"{', '.join(who)} cannot grow to {wanted}: {why}" for why, who in causes.items() if why]
        is_asked_for = parse(self._service.spec.storage.size) >= parse(wanted)
        by_itself = "see to the storage, or set storage.autoGrow.max to what it can have"
        advice = f"ask for a size that can be had{back}" if is_asked_for else by_itself
        return f"volume {'; '.join(told_by)}; {advice}" if told_by else ""

    def _why_none_grows(self, small: Mapping[str, Object]) -> str:
        name = next((_class_of(item) for item in small.values()), None)
        if not name:
            return "no StorageClass made them, so Kubernetes cannot let them grow: give them larger ones by hand"
        if name not in self._classes:
            return f"StorageClass '{name}', which made them, no longer exists: make it again with allowVolumeExpansion: true"
        if not self._classes[name].get("allowVolumeExpansion"):
            return f"StorageClass '{name}' does not let volumes grow: set allowVolumeExpansion: true on it"
        return ""

    def growing(self) -> str:
        """Which volumes are on their way to a larger size."""
        each = [
            f"volume {name} grows from {has} to {asked(item)}" + _on_node(item)
            for name, item in self._too_small().items()
            if (has := capacity(item)) and parse(has) < parse(asked(item))
        ]
        return "; ".join(each)

    def _provisioner(self, claim: Object) -> str:
        return str((self._classes.get(_class_of(claim) or "") or {}).get("provisioner") or "")


def asked(claim: Object) -> str:
    return str(claim["spec"]["resources"]["requests"]["storage"])


def capacity(claim: Object) -> str:
    """The size that its volume has; empty when it has none, or one that cannot be read."""
    found = str(((claim.get("status") or {}).get("capacity") or {}).get("storage") or "")
    return found if re.match(PATTERN, found) else ""


def has_volume(claim: Object) -> bool:
    return bool(claim["spec"].get("volumeName"))


def claims_of(service: DataService, data_members: int, total: int) -> dict[str, str]:
    """Claim → member, in the members' order."""
    name, generation = service.metadata.name, generations.serving(service)
    return {names.claim(name, generation, i): names.member_name(i, data_members=data_members) for i in range(total)}


def _class_of(claim: Object) -> str | None:
    found = claim["spec"].get("storageClassName")
    return None if found is None else str(found)


def _is_leaving(item: Object) -> bool:
    return item["metadata"].get("deletionTimestamp") is not None


def _is_default(storage_class: Object) -> bool:
    annotations = storage_class["metadata"].get("annotations") or {}
    return bool(annotations.get("storageclass.kubernetes.io/is-default-class") == "true")


def _is_infeasible(claim: Object) -> bool:
    state = ((claim.get("status") or {}).get("allocatedResourceStatuses") or {}).get("storage")
    return state in _INFEASIBLE


def _condition(claim: Object, *kinds: str) -> Object | None:
    conditions = (claim.get("status") or {}).get("conditions") or []
    return next((c for c in conditions if c.get("type") in kinds and c.get("status") == "True"), None)


def _why_not_grown(claim: Object, look: Look) -> str:
    """From the claim itself, and from events for resizers that do not write there."""
    error = _condition(claim, *_RESIZE_ERRORS)
    if error is not None and error.get("message"):
        return in_words(str(error["message"]))
    since = _resizing_since(claim)
    if said := told.why_not_grown(look.events(claim, since), since):
        return said
    return "its storage cannot have that size" if _is_infeasible(claim) else ""


def _resizing_since(claim: Object) -> datetime | None:
    """A resizer that has seen the claim writes a condition; where none has, there is little to ask for."""
    found = _condition(claim, "Resizing", "FileSystemResizePending")
    return moment(found.get("lastTransitionTime")) if found is not None else created(claim)


def _on_node(claim: Object) -> str:
    return ", as soon as its node has grown the file system" if _condition(claim, "FileSystemResizePending") else ""

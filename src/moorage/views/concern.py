"""What a person should know before a service is deployed as it is asked for, though nothing forbids it. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from moorage.api.conditions import Resource
from moorage.api.dataservice import DataService
from moorage.views.capacity import fitting
from moorage.views.host import HostView
from moorage.views.store import StoreView


class Worry(StrEnum):
    """What it is about. People's sentences are translated by it; it never changes once shipped."""

    SINGLE_MEMBER = "single-member"
    NO_SPARE_HOST = "no-spare-host"
    NO_BACKUP = "no-backup"
    NO_STORE = "no-store"
    STORE_MISSING = "store-missing"
    TWO_DEFAULT_STORES = "two-default-stores"
    STORE_NOT_READY = "store-not-ready"


class Concern(Resource):
    """One thing to know."""

    code: Worry
    params: dict[str, str] = Field(default={})
    """What stands in the sentence, for translations of it."""
    message: str
    """The sentence: what will happen, why, and what to do."""


def concerns(service: DataService, members: int, hosts: Iterable[HostView], stores: Iterable[StoreView] | None) -> list[Concern]:
    """The worst first. `members` hold data; `stores` are those of its space, None when the person may not see them."""
    found = [_of_members(service, members), _of_hosts(service, members, list(hosts)), _of_backups(service, stores)]
    return [one for one in found if one is not None]


def _of_members(service: DataService, members: int) -> Concern | None:
    if members > 1 or service.spec.arbiter:
        return None
    said = "it has one member: nothing takes over while that is down, and each change stops it for a moment; take three"
    return Concern(code=Worry.SINGLE_MEMBER, message=said)


def _of_hosts(service: DataService, members: int, hosts: list[HostView]) -> Concern | None:
    """Whether there is room at all is another question, with its own answer (`why_no_room`)."""
    resources = service.spec.resources
    room = len(fitting(hosts, resources.cpu, resources.memory))
    if room != members:
        return None
    params = {"hosts": str(room), "members": str(members)}
    said = f"{room} hosts have room for {members} members: one whose host is lost has no other to go to, and waits for it"
    return Concern(code=Worry.NO_SPARE_HOST, params=params, message=f"{said}; add a host, or ask for less")


def _of_backups(service: DataService, stores: Iterable[StoreView] | None) -> Concern | None:
    policy, space = service.spec.backup, service.metadata.namespace
    if not policy.enabled:
        said = "nothing is backed up by schedule: what is lost is lost, unless somebody backs it up by hand"
        return Concern(code=Worry.NO_BACKUP, message=said)
    if stores is None:
        return None
    there = sorted(stores, key=lambda store: store.name)
    chosen = [s for s in there if (s.is_default if policy.store is None else s.name == policy.store)]
    if not chosen and policy.store is not None:
        said = f"space {space} has no store '{policy.store}': nothing is backed up until there is one"
        return Concern(code=Worry.STORE_MISSING, params={"space": space, "store": policy.store}, message=said)
    if not chosen:
        said = f"space {space} has no default store, and none is named: nothing is backed up until one is"
        return Concern(code=Worry.NO_STORE, params={"space": space}, message=said)
    if len(chosen) > 1:
        names = " and ".join(store.name for store in chosen)
        said = f"stores {names} both say that they are the default, so none is used: name one of them"
        return Concern(code=Worry.TWO_DEFAULT_STORES, params={"stores": names}, message=said)
    return _of_store(chosen[0])


def _of_store(store: StoreView) -> Concern | None:
    if store.phase != "NotReady":
        return None
    said = f"store {store.name} cannot be used now, and nothing is backed up until it can: {store.message}"
    return Concern(code=Worry.STORE_NOT_READY, params={"store": store.name, "why": store.message}, message=said)

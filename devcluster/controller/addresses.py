"""Which load-balancer address belongs to which Service; pure: Services in, changes of their status out."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from devcluster.config import ADDRESS_RANGE
from devcluster.kube import Json


@dataclass(frozen=True)
class Announce:
    """The Service's status gets this address; none takes its address away."""

    namespace: str
    name: str
    address: str | None

    @property
    def status(self) -> Json:
        ingress = [{"ip": self.address, "ipMode": "VIP"}] if self.address else None
        return {"status": {"loadBalancer": {"ingress": ingress}}}


def plan(services: Iterable[Json]) -> list[Announce]:
    """An address stays with its Service as long as that wants one; each newcomer gets the lowest free one."""
    ordered = sorted(services, key=lambda s: (s["metadata"]["creationTimestamp"], s["metadata"]["uid"]))
    taken = {held for service in ordered if _wants(service) and (held := address_of(service))}
    steps = []
    for service in ordered:
        meta, held = service["metadata"], address_of(service)
        if _wants(service) and held is None:
            free = _choose(service["spec"].get("loadBalancerIP"), taken)
            if free:
                taken.add(free)
                steps.append(Announce(meta["namespace"], meta["name"], free))
        elif not _wants(service) and held:
            steps.append(Announce(meta["namespace"], meta["name"], None))
    return steps


def address_of(service: Json) -> str | None:
    """The address of our range that the Service has."""
    for ingress in service.get("status", {}).get("loadBalancer", {}).get("ingress") or []:
        if _in_range(ingress.get("ip", "")):
            return str(ingress["ip"])
    return None


def _wants(service: Json) -> bool:
    spec = service["spec"]
    return (
        spec.get("type") == "LoadBalancer"
        and not spec.get("loadBalancerClass")
        and "deletionTimestamp" not in service["metadata"]
    )


def _choose(asked: str | None, taken: set[str]) -> str | None:
    if asked:
        return asked if _in_range(asked) and asked not in taken else None
    return next((str(a) for a in ipaddress.ip_network(ADDRESS_RANGE).hosts() if str(a) not in taken), None)


def _in_range(text: str) -> bool:
    try:
        return ipaddress.ip_address(text) in ipaddress.ip_network(ADDRESS_RANGE)
    except ValueError:
        return False

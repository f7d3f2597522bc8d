"""Whom the members' certificate names, when they get another one, and whom they trust. Pure: the time is a parameter."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from moorage.core import names

LIFE = timedelta(days=90)
AUTHORITY_LIFE = timedelta(days=3650)
SPREAD = timedelta(minutes=10)
"""Longer than it takes until every member uses a changed Secret: the kubelet brings it within two minutes, the agent looks
every few seconds."""


@dataclass(frozen=True)
class Certificate:
    """What the members' certificate says."""

    hosts: frozenset[str]
    drawn: datetime
    ends: datetime
    is_signed: bool = True
    """By the authority of today. False after that one was lost and drawn anew."""


@dataclass(frozen=True)
class Tls:
    """An authority and the servers' certificate in PEM, existing or freshly drawn by the caller."""

    authority: Mapping[str, str]
    """`ca.crt` and `ca.key`."""
    certificate: Mapping[str, str]
    """`tls.crt`, `tls.key`, and as `ca.crt` the authorities that are trusted."""
    why_renewed: str = ""


def normal(host: str) -> str:
    """A host name or an IP address as certificates spell it."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host.lower()


def hosts(service: str, namespace: str, external: str) -> frozenset[str]:
    """Every name under which a client, a member or its own agent reaches a member. `external`: the L4 address, or empty."""
    found = {f"*.{names.members_service(service)}.{namespace}.svc.cluster.local", "localhost", "127.0.0.1"}
    for name in (service, names.replicas_service(service)):
        found |= {name, f"{name}.{namespace}", f"{name}.{namespace}.svc", names.address_host(name, namespace)}
    return frozenset(found | ({normal(external)} if external else set()))


def why_renewed(found: Certificate | None, wanted: Collection[str], authority_drawn: datetime, now: datetime) -> str | None:
    """The reason why the members get another certificate, or None. `found` None: they have none that can be used.

    A name too many is no reason: an address that a load balancer takes back for a moment comes back to a certificate that
    still names it. A young authority is no reason either, while the certificate of the one before still lives: members must
    first learn to trust the new one, or the first of them to use it would be refused by the others.
    """
    if found is None:
        return "there is no certificate yet"
    if found.ends <= now:
        return f"the certificate ended at {found.ends:%Y-%m-%d %H:%M}"
    if not found.is_signed:
        is_known = now - authority_drawn >= SPREAD
        return "the certificate was signed by another authority; by now every member trusts the new one" if is_known else None
    if found.ends - now < (found.ends - found.drawn) / 3:
        return f"the certificate ends at {found.ends:%Y-%m-%d %H:%M}: less than a third of its life is left"
    missing = sorted(set(wanted) - found.hosts)
    return f"the certificate does not name {', '.join(missing)}" if missing else None


def trusts_former(found: Certificate, now: datetime) -> bool:
    """Whether the authorities of before stay trusted: while one of them signed, and until every member uses a new certificate."""
    return not found.is_signed or now - found.drawn < SPREAD

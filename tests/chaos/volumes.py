"""What stands behind the members, before a run and after it: which volumes, what was put aside in them, which configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.chaos import bench, kit
from tests.chaos.bench import MEMBERS
from tests.e2e.cluster import until

ANSWER_SECONDS = 30.0


@dataclass(frozen=True)
class Volumes:
    """By member. None: nobody could be asked, or there is none now, which proves nothing."""

    claims: Mapping[str, str | None]
    """uid of the volume claim."""
    asides: Mapping[str, frozenset[str] | None]
    configuration_version: int | None
    """The highest that a member tells; not asked for where it would tell nothing of a force."""


def look(admin_uris: Mapping[str, str]) -> Volumes:
    """Also of a service that is not well: what cannot be seen is None. An API server that was just away is waited for."""
    claims = {m.name: _claim(m) for m in MEMBERS}
    uids = {name: str(claim["metadata"]["uid"]) if claim else None for name, claim in claims.items()}
    asides = {m.name: bench.asides(m) if (claims[m.name] or {}).get("spec", {}).get("volumeName") else None for m in MEMBERS}
    asked = admin_uris.values() if kit.chosen().tells_configuration else ()
    version = max((v for v in map(_configuration_version, asked) if v is not None), default=None)
    return Volumes(uids, asides, version)


def _claim(member: bench.Member) -> dict[str, Any] | None:
    path = f"{bench.CORE}/persistentvolumeclaims/{bench.claim_of(member)}"
    try:
        return until(f"{path}", lambda: bench.get(path), seconds=ANSWER_SECONDS)
    except AssertionError:
        return None


def _configuration_version(uri: str) -> int | None:
    """None when this member does not answer."""
    try:
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=5_000, socketTimeoutMS=5_000) as client:
            return int(client.admin.command("replSetGetConfig")["config"]["version"])
    except PyMongoError:
        return None

"""A person of the running cluster's console: an account, and a space with a backup store in which it may edit."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex

from argon2 import PasswordHasher

from moorage.server.people.passwords import drawn
from moorage.server.people.records import Account, Kind, account_secret, manifest
from tests.e2e.backups import Backed
from tests.e2e.cluster import get, kubectl, until

CONSOLE_NAMESPACE, CONSOLE = "moorage-system", "moorage-console"


@dataclass(frozen=True)
class Storyteller:
    """`password` is a first one, which opens nothing but the form that changes it."""

    name: str
    password: str
    space: str


@contextmanager
def storyteller(name: str) -> Iterator[Storyteller]:
    """The account as the console keeps it, since nobody knows the password of this cluster's `admin` any more.

    The space is another one each time: the backups of one that had its name before would be listed in it."""
    password = drawn()
    account = Account(
        name=name, password_hash=PasswordHasher().hash(password), created=datetime.now(UTC).isoformat(timespec="seconds")
    )
    secret = manifest(CONSOLE_NAMESPACE, account_secret(name), Kind.ACCOUNT, account)
    space = f"moorage-{name}-{token_hex(3)}"
    with Backed(space).made():
        kubectl("apply", "-f", "-", stdin=json.dumps(secret))
        kubectl("create", "rolebinding", name, "--clusterrole=edit", f"--user=moorage:{name}", "-n", space)
        try:
            yield Storyteller(name, password, space)
        finally:
            kubectl("delete", "secret", account_secret(name), "-n", CONSOLE_NAMESPACE)
            kubectl("delete", "mds", "--all", "-n", space, "--timeout=150s")
            kubectl("delete", "mdb", "--all", "-n", space, "--timeout=60s")  # their archives go with them


def console_address() -> str:
    """The address that `make up` prints."""

    def address() -> str | None:
        found = get("service", CONSOLE, CONSOLE_NAMESPACE)["status"]["loadBalancer"].get("ingress") or []
        return str(found[0]["ip"]) if found else None

    return until("the console has its address", address)


def secret_of(service: str, space: str) -> dict[str, str]:
    """Entries of the Secret for applications."""
    data = get("secret", f"{service}-app", space)["data"]
    return {entry: base64.b64decode(value).decode() for entry, value in data.items()}

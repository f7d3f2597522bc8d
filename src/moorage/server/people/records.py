"""Accounts and sessions as they are kept: one Secret each, in the console's namespace. Pure."""

import base64
import binascii
import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from moorage.kube.person import Person
from moorage.server.model import Given

Object = dict[str, Any]
LABEL_RECORD = "moorage.dev/console"
ENTRY = "record"
LOCAL_PREFIX, OIDC_PREFIX = "moorage:", "oidc:"
"""Kubernetes sees local people as `moorage:NAME`, and those of a provider as `oidc:NAME`: nobody can take another's name."""
_R = TypeVar("_R", bound=Given)


class Kind(StrEnum):
    ACCOUNT = "account"
    SESSION = "session"


class Account(Given):
    """A person who signs in with a password of the console's own."""

    name: str
    display_name: str = ""
    groups: list[str] = Field(default=[])
    password_hash: str
    must_change: bool = True
    is_disabled: bool = False
    created: str
    password_changed: str = ""

    @property
    def person(self) -> Person:
        return Person(f"{LOCAL_PREFIX}{self.name}", tuple(f"{LOCAL_PREFIX}{group}" for group in self.groups))


class Way(StrEnum):
    """How somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105 - a word
    OIDC = "oidc"
    TOKEN = "token"  # noqa: S105 - a word


class Session(Given):
    """A browser that is signed in, or a token for programs. The secret itself is kept nowhere: only its digest."""

    id: str
    digest: str
    way: Way
    name: str
    """The account, or the provider's name of the person."""
    groups: list[str] = Field(default=[])
    """Of a provider's person; an account's are the account's."""
    label: str = ""
    """What the token is for."""
    created: str
    expires: str
    address: str = ""
    agent: str = ""
    owner_way: Way = Way.PASSWORD
    """Of a token: how its owner signs in."""

    @property
    def is_of_provider(self) -> bool:
        return Way.OIDC in (self.way, self.owner_way)

    @property
    def owner(self) -> str:
        """Whose it is, as Kubernetes sees them."""
        return f"{OIDC_PREFIX if self.is_of_provider else LOCAL_PREFIX}{self.name}"

    def is_over(self, now: datetime) -> bool:
        return now >= datetime.fromisoformat(self.expires)


def digest_of(secret: str) -> str:
    """What is kept of a session's secret, of which 32 bytes are random: no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def account_secret(name: str) -> str:
    return f"moorage-account-{name}"


def session_secret(identity: str) -> str:
    return f"moorage-session-{identity}"


def id_of(digest: str) -> str:
    """Name of a session: it may be shown, and leads to no secret."""
    return digest[:24]


def manifest(namespace: str, name: str, kind: Kind, record: Given) -> Object:
    text = record.model_dump_json(by_alias=True)
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {LABEL_RECORD: str(kind), "app.kubernetes.io/managed-by": "moorage"},
        },
        "type": f"moorage.dev/{kind}",
        "data": {ENTRY: base64.b64encode(text.encode()).decode()},
    }


def read(model: type[_R], secret: Object | None) -> _R | None:
    """The record; None when there is none, or somebody wrote what is none."""
    try:
        text = base64.b64decode(((secret or {}).get("data") or {})[ENTRY], validate=True)
        return model.model_validate_json(text)
    except (KeyError, binascii.Error, ValidationError):
        return None

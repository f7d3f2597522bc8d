"""What a store can refuse and why a backup cannot be read, as sentences for the person who must act."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a store could not do what was asked."""

    WRONG_KEY = "WrongKey"
    WRONG_SECRET = "WrongSecret"  # noqa: S105 (no secret: the name of a reason)
    NO_BUCKET = "NoBucket"
    ACCESS_DENIED = "AccessDenied"
    CLOCK_SKEW = "ClockSkew"
    CERTIFICATE = "Certificate"
    HOST_NOT_FOUND = "HostNotFound"
    REFUSED = "Refused"
    TIME_OUT = "TimeOut"
    FULL = "Full"
    READ_ONLY = "ReadOnly"
    WRONG_REGION = "WrongRegion"
    NOT_FOUND = "NotFound"
    EXISTS = "Exists"
    CHANGED = "Changed"
    SETTINGS = "Settings"
    UNAVAILABLE = "Unavailable"
    STOPPED = "Stopped"
    OTHER = "Other"


LASTING = frozenset(
    {
        Reason.WRONG_KEY,
        Reason.WRONG_SECRET,
        Reason.NO_BUCKET,
        Reason.ACCESS_DENIED,
        Reason.CERTIFICATE,
        Reason.READ_ONLY,
        Reason.WRONG_REGION,
        Reason.NOT_FOUND,
        Reason.EXISTS,
        Reason.SETTINGS,
    }
)
"""Somebody must change something first: the same try again ends the same way."""


class StoreError(Exception):
    """`str()` is the sentence."""

    def __init__(self, message: str, reason: Reason = Reason.OTHER, *, can_be_repeated: bool | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.can_be_repeated = reason not in LASTING if can_be_repeated is None else can_be_repeated


class AlreadyExistsError(StoreError):
    """A conditional put found the object there already."""

    def __init__(self, key: str) -> None:
        super().__init__(f"'{key}' exists in the store already; nothing was overwritten", Reason.EXISTS)


class NotInStoreError(StoreError):
    """The object is not there."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the store holds no '{key}'", Reason.NOT_FOUND)


class StoppedError(StoreError):
    """Somebody asked for an end."""

    def __init__(self) -> None:
        super().__init__("it was stopped before it was complete; nothing of it is kept", Reason.STOPPED)


class ArchiveError(Exception):
    """What the store holds is not what was put there, or cannot be read with this key. Another try ends the same way."""


class IdentityError(ArchiveError):
    """The private key is missing, is none, or is not the one that the archive was encrypted for."""

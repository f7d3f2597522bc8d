"""What a person asks of one member, as an annotation of the service: MEMBER@TIME. The time tells one request from the next."""

from datetime import datetime

from moorage.api.backupstore import BackupStore
from moorage.api.dataservice import DataService
from moorage.core import names


def asked(service: DataService, annotation: str) -> tuple[str, str]:
    """Which member, and when; both empty when nobody asks, the time alone when a person wrote none."""
    who, _, when = service.metadata.annotations.get(annotation, "").partition("@")
    return who, when


def asked_check(store: BackupStore) -> str | None:
    """The request for a check of a store, answered or not; None: nobody ever asked."""
    return store.metadata.annotations.get(names.ANNOTATION_CHECK, "")[:64] or None


def is_check_awaited(store: BackupStore) -> bool:
    """Whether a person asked for a check that has not ended yet."""
    request = asked_check(store)
    return request is not None and request != store.status.answered


def moment(when: str) -> datetime | None:
    """The time of a request; None: what stands there is no time, or has no zone."""
    try:
        found = datetime.fromisoformat(when)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def left_seconds(when: str, limit_seconds: float, now: str) -> float | None:
    """How long a request may still be carried out; None: nobody knows. `now`: RFC 3339, or empty."""
    since = moment(when)
    return limit_seconds - (datetime.fromisoformat(now) - since).total_seconds() if now and since is not None else None

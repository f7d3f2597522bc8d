"""What a person asks of one member, as an annotation of the service: MEMBER@TIME. The time tells one request from the next."""

from datetime import datetime

from moorage.api.dataservice import DataService


def asked(service: DataService, annotation: str) -> tuple[str, str]:
    """Which member, and when; both empty when nobody asks, the time alone when a person wrote none."""
    who, _, when = service.metadata.annotations.get(annotation, "").partition("@")
    return who, when


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

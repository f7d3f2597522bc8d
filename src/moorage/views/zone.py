"""The time zone of a service."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from moorage.api.dataservice import DataService


def of(service: DataService | None) -> tzinfo:
    """UTC when there is no service, or it names no zone, or one that this machine does not know."""
    try:
        return ZoneInfo(service.spec.time_zone) if service is not None and service.spec.time_zone else UTC
    except (KeyError, ValueError, OSError):
        return UTC

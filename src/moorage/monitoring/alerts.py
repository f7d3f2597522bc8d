"""All alerts out of the box: few, and meant. Those of one engine stand beside it (`engines/*/alerts.py`). Pure."""

from importlib.metadata import entry_points

from moorage.core.alerts import Alert
from moorage.monitoring.backup_alerts import BACKUPS, STORES
from moorage.monitoring.member_alerts import MEMBERS
from moorage.monitoring.platform_alerts import PLATFORM
from moorage.monitoring.service_alerts import MAINTENANCE, SERVICES


def alerts() -> tuple[Alert, ...]:
    """In the order in which people are told of them."""
    return (*SERVICES, MAINTENANCE, *MEMBERS, *of_engines(), *BACKUPS, *STORES, *PLATFORM)


def of_engines() -> tuple[Alert, ...]:
    points = sorted(entry_points(group="moorage.alerts"))
    return tuple(alert for point in points for alert in point.load())

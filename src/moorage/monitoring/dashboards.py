"""All dashboards. What an engine's experts look at stands beside it (`engines/*/panels.py`). Pure."""

from importlib.metadata import entry_points

from moorage.core.panels import About, Dashboard, Row, Words
from moorage.monitoring.panels.backups import BACKUPS
from moorage.monitoring.panels.fleet import FLEET
from moorage.monitoring.panels.platform import PLATFORM
from moorage.monitoring.panels.service import MARKS, RESOURCES, STATE


def dashboards() -> tuple[Dashboard, ...]:
    return (FLEET, *of_engines(), BACKUPS, PLATFORM)


def of_engines() -> tuple[Dashboard, ...]:
    points = sorted(entry_points(group="moorage.panels"))
    return tuple(of_service(point.name, point.load()) for point in points)


def of_service(engine: str, rows: tuple[Row, ...]) -> Dashboard:
    """What a service of this engine is looked at by."""
    title = Words(f"Service ({engine})", f"服务（{engine}）")
    return Dashboard(f"moorage-{engine}", title, About.SERVICE, (STATE, *rows, RESOURCES), MARKS, engine)

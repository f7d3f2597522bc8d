"""Which of a notice's alerts a channel is told of: of its spaces, services and severities; a muted one of none. Pure."""

from dataclasses import replace

from moorage.monitoring.telling.channel import Channel
from moorage.monitoring.telling.notice import Firing, Notice


def chosen(channel: Channel, notice: Notice) -> Notice | None:
    """What is left of it; None when that is nothing. How many alerts Alertmanager left out is said all the same."""
    if channel.muted:
        return None
    wanted = tuple(alert for alert in notice.alerts if is_wanted(channel, alert))
    return replace(notice, alerts=wanted) if wanted else None


def is_wanted(channel: Channel, alert: Firing) -> bool:
    """Whoever chose spaces or services is told of nothing that is about Moorage itself."""
    space, service = alert.labels.get("namespace", ""), alert.labels.get("service", "")
    is_near = not (channel.spaces or channel.services) or space in channel.spaces or f"{space}/{service}" in channel.services
    return is_near and (not channel.severities or alert.labels.get("severity", "") in channel.severities)

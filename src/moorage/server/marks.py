"""What happened to a service, as marks in its charts."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum

from moorage.api.databackup import KIND as BACKUP
from moorage.api.datarestore import KIND as RESTORE
from moorage.api.dataservice import KIND
from moorage.monitoring import charting
from moorage.monitoring.charting import Chosen, Span
from moorage.monitoring.panels.service import fail_over
from moorage.server import looks
from moorage.server.caller import Caller
from moorage.server.model import Given
from moorage.server.platform import Platform
from moorage.server.series import AwayError, RefusedError, asking
from moorage.views.backup import readable
from moorage.views.past import past
from moorage.views.restore import restore_view
from moorage.views.service import parse

MARKS_MAX = 200


class MarkKind(StrEnum):
    FAIL_OVER = "failOver"
    DEPLOYMENT = "deployment"
    REPAIR = "repair"
    DRILL = "drill"
    BACKUP = "backup"
    RESTORE = "restore"
    SETTINGS = "settings"


class Mark(Given):
    """What happened, and when."""

    time: str
    ended: str | None = None
    kind: MarkKind
    what: str = ""
    member: str = ""
    outcome: str = ""
    message: str = ""


class Marks(Given):
    """Oldest first; the newest 200 of the time that was asked for."""

    items: list[Mark]


async def marks_of(platform: Platform, caller: Caller, space: str, name: str, start: datetime, to: datetime, span: Span) -> Marks:
    """In this time; `span`: the points at which Prometheus is asked."""
    known, told = await asyncio.gather(
        _remembered(platform, caller, space, name), _fail_overs(platform, charting.of_service(space, name), span)
    )
    found = [mark for mark in (*known, *told) if start <= datetime.fromisoformat(mark.time) <= to]
    return Marks(items=sorted(found, key=lambda mark: datetime.fromisoformat(mark.time))[-MARKS_MAX:])


async def _remembered(platform: Platform, caller: Caller, space: str, name: str) -> list[Mark]:
    service = parse(await looks.find(platform, caller, KIND, space, name))
    backups = looks.about(await looks.visible(platform, caller, BACKUP, space), name)
    restores = looks.about(await looks.visible(platform, caller, RESTORE, space), name)
    known = past(service, [v for b in backups if (v := readable(b)) is not None], map(restore_view, restores))
    return [
        Mark(
            time=one.time,
            ended=one.ended,
            kind=MarkKind(one.kind),
            what=one.what,
            member=one.member,
            outcome=one.outcome,
            message=one.message,
        )
        for one in known
    ]


async def _fail_overs(platform: Platform, chosen: Chosen, span: Span) -> list[Mark]:
    """Nothing while nobody can be asked: what is remembered is still shown."""
    if platform.settings.prometheus is None:
        return []
    try:
        async with asking(platform.settings.prometheus) as questions:
            found = await questions.over(charting.filled(fail_over(f"{span.step}s"), chosen, span.step), span)
    except (AwayError, RefusedError):
        return []
    times = [span.start + index * span.step for one in found for index, value in enumerate(one.values) if value is not None]
    return [Mark(time=datetime.fromtimestamp(time, UTC).isoformat(), kind=MarkKind.FAIL_OVER) for time in times]

"""The first page: what needs somebody."""

from collections import Counter

from fastapi import APIRouter

from moorage import __version__
from moorage.api.dataservice import KIND, Health
from moorage.server import looks
from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.model import Given
from moorage.server.routes.alerts import open_count
from moorage.server.routes.services import rows_of
from moorage.views.row import ServiceRow
from moorage.views.service import worst_first

router = APIRouter(tags=["platform"])
WORST_MAX = 10


class Overview(Given):
    services: dict[Health, int]
    """How many of each colour."""
    worst: list[ServiceRow]
    """Those that are not green, the worst first; at most ten."""
    not_backed_up: list[ServiceRow]
    """Green ones, too, whose newest verified backup is missing or too old; at most ten."""
    not_backed_up_count: int
    open_alerts: int | None
    """That somebody is told of; null: no monitoring is known, or it does not answer."""
    position: str
    why_stale: str


class About(Given):
    version: str
    time_zone: str
    """Of schedules of services that name none."""
    time: str
    """The server's clock, RFC 3339: pages compare it with their own."""
    kubernetes_hosts: int


@router.get("/overview")
async def get_overview(caller: SignedIn, platform: PlatformOf) -> Overview:
    position = platform.cache.feed.position
    rows = rows_of(platform, await looks.visible(platform, caller, KIND))
    bare = [r for r in worst_first(rows) if not r.is_backed_up and r.is_initialized]
    return Overview(
        services=dict(Counter(r.health for r in rows)),
        worst=[r for r in worst_first(rows) if r.health is not Health.GREEN][:WORST_MAX],
        not_backed_up=bare[:WORST_MAX],
        not_backed_up_count=len(bare),
        open_alerts=await open_count(platform, caller),
        position=position,
        why_stale=platform.cache.why_stale,
    )


@router.get("/about")
async def get_about(caller: SignedIn, platform: PlatformOf) -> About:
    del caller
    return About(
        version=__version__,
        time_zone=platform.settings.time_zone,
        time=platform.clock().isoformat(timespec="seconds"),
        kubernetes_hosts=len(platform.cache.stores["Node"].all()),
    )

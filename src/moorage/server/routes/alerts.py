"""The alert centre: what fires, what is silenced and by whom, what was; acknowledging, silencing, ending a silence.

Alertmanager and Prometheus ask nobody who they are, so it is asked here: a person sees alerts of the spaces whose services they
may list, and lays a silence on what they may change.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from moorage.api.dataservice import KIND
from moorage.core.alerts import Alert
from moorage.monitoring.alerts import alerts as known_alerts
from moorage.monitoring.centre import acks, given, history
from moorage.monitoring.centre.given import Fired, Silence
from moorage.monitoring.centre.seen import Eyes, causes
from moorage.monitoring.telling.message import Language, texts
from moorage.server import looks, ownalerts
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.model import Asked, Given, Line, ServiceName, SpaceName
from moorage.server.monitors import Alertmanager
from moorage.server.parts import PartError
from moorage.server.platform import Platform
from moorage.server.problem import Code, ProblemError, not_found
from moorage.server.rights import Deed
from moorage.server.routes.services import DeedView, deed_in

router = APIRouter(tags=["alerts"])
_KNOWN: Mapping[str, Alert] = {alert.name: alert for alert in known_alerts()}
HISTORY_MAX = 500
COUNT_SECONDS = 2.0
Fingerprint = Annotated[str, Path(pattern=r"^[0-9a-f]{1,64}$", description="Of an alert, as the list says it.")]
SilenceId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


class Texts(Given):
    """What it says; `meaning` and the others are empty for alerts of other programs."""

    summary: str
    meaning: str
    impact: str
    moorage: str
    """What Moorage does by itself."""
    you: str
    """What is left to do for a person."""


class AlertView(Given):
    """An alert that fires."""

    fingerprint: str
    name: str
    severity: str
    scope: str
    space: str
    """Empty: it is about Moorage itself."""
    service: str
    store: str
    member: str
    """Its Pod."""
    began: str
    texts: dict[Language, Texts]
    why: str
    """The sentence that `moorage why` begins with, as it was when it began to fire."""
    muted_by: list[str]
    """Names of alerts that are its cause: nobody is told of it while they fire."""
    silences: list[str]
    """Ids of silences that keep people from being told."""
    may_silence: DeedView


class AlertList(Given):
    """The worst first."""

    items: list[AlertView]
    open_count: int
    """Those that somebody is told of: neither silenced nor muted, and more than information."""


class SilenceView(Given):
    id: str
    who: str
    reason: str
    is_acknowledgement: bool
    """Whether it ends by itself when what it is about is over."""
    began: str
    until: str
    space: str
    service: str
    alert: str
    """Name of the one alert that it is about; empty: of all of the service, or as `matchers` says."""
    matchers: list[str]
    silenced: list[str]
    """Names of alerts that fire now, and that nobody is told of because of it."""
    may_end: DeedView


class SilenceList(Given):
    """The one that ends first in front."""

    items: list[SilenceView]


class EpisodeView(Given):
    """An alert, from its first moment to its last."""

    name: str
    severity: str
    space: str
    service: str
    store: str
    member: str
    summary: dict[Language, str]
    began: str
    ended: str | None = None
    """Null: it fires still."""
    took_seconds: float | None = None


class AlertHistory(Given):
    """Newest first, at most 500."""

    items: list[EpisodeView]
    more: int
    """How many older ones are left out."""
    mean_seconds: float | None
    """Mean time to recover of all that are over; null: none is."""
    resolution_seconds: int
    """To so much `began` and `ended` are right."""
    days: float


class Acknowledgement(Asked):
    note: Line = ""


class SilenceWish(Asked):
    """Of one alert that fires, or of everything about a service."""

    alert: Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$")] | None = None
    """Its fingerprint."""
    space: SpaceName | None = None
    service: ServiceName | None = None
    seconds: Annotated[int, Field(ge=60, le=30 * 86_400)]
    reason: Annotated[Line, Field(min_length=1)]


class Made(Given):
    id: str
    until: str


@router.get("/alerts")
async def list_alerts(
    caller: SignedIn,
    platform: PlatformOf,
    space: Annotated[SpaceName | None, Query()] = None,
    service: Annotated[ServiceName | None, Query()] = None,
) -> AlertList:
    """What fires now, of the spaces whose services the person may list."""
    everything = await _alertmanager(platform).alerts()
    eyes = await _eyes(platform, caller)
    shown = [one for one in everything if eyes.alert(one.labels) and _is_about(one.labels, space, service)]
    may = await deed_in(caller, Deed.CHANGE, {one.space for one in shown})
    items = [_alert_view(one, everything, may[one.space]) for one in shown]
    return AlertList(items=items, open_count=sum(_is_open(one) for one in shown))


@router.get("/silences")
async def list_silences(caller: SignedIn, platform: PlatformOf) -> SilenceList:
    """Those that hold or will hold."""
    source = _alertmanager(platform)
    found, everything, eyes = await source.silences(), await source.alerts(), await _eyes(platform, caller)
    fired = [one for one in everything if eyes.alert(one.labels)]
    shown = [one for one in found if eyes.silence(one, fired)]
    may = await deed_in(caller, Deed.CHANGE, {one.pinned("namespace") for one in shown})
    return SilenceList(items=[_silence_view(one, fired, may[one.pinned("namespace")]) for one in shown])


@router.get("/alerts/history")
async def list_past_alerts(
    caller: SignedIn,
    platform: PlatformOf,
    space: Annotated[SpaceName | None, Query()] = None,
    service: Annotated[ServiceName | None, Query()] = None,
    days: Annotated[float, Query(gt=0, le=90)] = 7,
) -> AlertHistory:
    """When alerts fired and how long until they were over, for as long as Prometheus keeps its series."""
    if platform.past is None:
        raise ProblemError(503, Code.NO_MONITORING, _NO_PROMETHEUS)
    asked = history.window(platform.clock(), days)
    eyes = await _eyes(platform, caller)
    everything = await platform.past.episodes(asked)
    found = [one for one in everything if eyes.alert(one.labels) and _is_about(one.labels, space, service)]
    shown = found[:HISTORY_MAX]
    rules = await ownalerts.rules_of(platform, (one.labels for one in shown))
    return AlertHistory(
        items=[_episode_view(one, ownalerts.annotations_of(rules, one.labels)) for one in shown],
        more=max(0, len(found) - HISTORY_MAX),
        mean_seconds=history.mean_seconds(found),
        resolution_seconds=asked.step_seconds,
        days=days,
    )


@router.post("/alerts/{alert}/acknowledgement", status_code=201)
async def acknowledge_alert(
    request: Request, alert: Fingerprint, body: Acknowledgement, caller: SignedIn, platform: PlatformOf
) -> Made:
    """Nobody is told again until it is over; then the acknowledgement ends by itself."""
    found = await _find(platform, caller, alert)
    _tell_audit(request, found.labels, body.note)
    await _require_change(caller, found.space)
    comment = given.acknowledged(body.note)
    return await _lay(platform, caller, given.of_alert(found.labels), comment, acks.LASTS.total_seconds())


@router.post("/silences", status_code=201)
async def silence_alerts(request: Request, body: SilenceWish, caller: SignedIn, platform: PlatformOf) -> Made:
    """Nobody is told until then. Needs the right to change the service; about Moorage itself, that to change every one."""
    if body.alert is not None:
        found = await _find(platform, caller, body.alert)
        space, labels, matchers = found.space, found.labels, given.of_alert(found.labels)
    elif body.space is not None and body.service is not None:
        await looks.find(platform, caller, KIND, body.space, body.service)
        space, labels = body.space, {"namespace": body.space, "service": body.service}
        matchers = given.of_service(body.space, body.service)
    else:
        raise ProblemError(422, Code.INVALID, "it names neither an alert nor a service; send alert, or space and service")
    _tell_audit(request, labels, body.reason, seconds=body.seconds)
    await _require_change(caller, space)
    return await _lay(platform, caller, matchers, body.reason, body.seconds)


@router.delete("/silences/{silence}", status_code=204)
async def end_silence(request: Request, silence: SilenceId, caller: SignedIn, platform: PlatformOf) -> None:
    """People are told again of what fires still."""
    source, eyes = _alertmanager(platform), await _eyes(platform, caller)
    fired = [one for one in await source.alerts() if eyes.alert(one.labels)]
    found = next((one for one in await source.silences() if one.id == silence), None)
    if found is None or not eyes.silence(found, fired):
        raise not_found("silence", silence)
    labels = {label: value for label in (*given.SERVICE, "alertname") if (value := found.pinned(label))}
    _tell_audit(request, labels, found.reason)
    await _require_change(caller, found.pinned("namespace"))
    await source.end(silence)


_INFO = given.gravity("info")
_NO_ALERTMANAGER = (
    "no Alertmanager is known, so nobody judges alerts here; install the chart with monitoring.bring.enabled, or name yours with "
    "console.monitoring.alertmanager"
)
_NO_PROMETHEUS = (
    "no Prometheus is known, so nothing says what was; install the chart with monitoring.bring.enabled, or name yours with "
    "console.monitoring.prometheus"
)


def _alertmanager(platform: Platform) -> Alertmanager:
    if platform.alertmanager is None:
        raise ProblemError(503, Code.NO_MONITORING, _NO_ALERTMANAGER)
    return platform.alertmanager


async def open_count(platform: Platform, caller: Caller) -> int | None:
    """Of the first page; None when nobody knows."""
    if platform.alertmanager is None:
        return None
    try:
        async with asyncio.timeout(COUNT_SECONDS):  # the first page waits for nobody
            found, eyes = await platform.alertmanager.alerts(), await _eyes(platform, caller)
    except (PartError, given.UnreadableError, TimeoutError):
        return None
    return sum(eyes.alert(one.labels) and _is_open(one) for one in found)


def _is_open(one: Fired) -> bool:
    """Whether somebody is told of it."""
    return not one.muted_by and not one.silenced_by and given.gravity(one.severity) < _INFO


async def _eyes(platform: Platform, caller: Caller) -> Eyes:
    sight = await looks.sight(platform, caller, KIND)
    services = frozenset((o["metadata"]["namespace"], o["metadata"]["name"]) for o in platform.cache.all(KIND))
    return Eyes(sight.sees, sight.everywhere, services)


async def _find(platform: Platform, caller: Caller, fingerprint: str) -> Fired:
    """One that fires now and that the person may see."""
    eyes = await _eyes(platform, caller)
    found = next((one for one in await _alertmanager(platform).alerts() if one.fingerprint == fingerprint), None)
    if found is None or not eyes.alert(found.labels):
        raise not_found("alert", fingerprint)
    return found


async def _require_change(caller: Caller, space: str) -> None:
    may = (await deed_in(caller, Deed.CHANGE, {space}))[space]
    if not may.allowed:
        raise ProblemError(403, Code.FORBIDDEN, may.why_not)


async def _lay(platform: Platform, caller: Caller, matchers: list[dict[str, object]], comment: str, seconds: float) -> Made:
    now = platform.clock()
    until = now + timedelta(seconds=seconds)
    made = await _alertmanager(platform).silence(given.wish(matchers, caller.person.user, comment, now, until))
    return Made(id=made, until=until.isoformat(timespec="seconds"))


def _tell_audit(request: Request, labels: Mapping[str, str], reason: str, *, seconds: int | None = None) -> None:
    request.state.audited_space = labels.get("namespace", "")
    told = {"service": labels.get("service", ""), "alert": labels.get("alertname", ""), "reason": reason}
    told |= {"seconds": str(seconds)} if seconds is not None else {}
    request.state.audited = {key: value for key, value in told.items() if value}


def _is_about(labels: Mapping[str, str], space: str | None, service: str | None) -> bool:
    return space in (None, labels.get("namespace")) and service in (None, labels.get("service"))


def _alert_view(one: Fired, everything: list[Fired], may: DeedView) -> AlertView:
    labels = one.labels
    return AlertView(
        fingerprint=one.fingerprint,
        name=one.name,
        severity=one.severity,
        scope=labels.get("scope", ""),
        space=one.space,
        service=one.service,
        store=labels.get("store", ""),
        member=labels.get("pod", ""),
        began=one.began.isoformat(timespec="seconds"),
        texts={language: _texts(one, language) for language in Language},
        why=one.annotations.get("why", ""),
        muted_by=causes(one, everything),
        silences=list(one.silenced_by),
        may_silence=may,
    )


def _texts(one: Fired, language: Language) -> Texts:
    said = texts(one.labels, one.annotations, language, _KNOWN)
    return Texts(summary=said.summary, meaning=said.meaning, impact=said.impact, moorage=said.moorage, you=said.you)


def _silence_view(one: Silence, fired: list[Fired], may: DeedView) -> SilenceView:
    return SilenceView(
        id=one.id,
        who=one.who,
        reason=one.reason,
        is_acknowledgement=one.is_acknowledgement,
        began=one.began.isoformat(timespec="seconds"),
        until=one.until.isoformat(timespec="seconds"),
        space=one.pinned("namespace"),
        service=one.pinned("service"),
        alert=one.pinned("alertname"),
        matchers=[matcher.text for matcher in one.matchers],
        silenced=[alert.name for alert in fired if one.id in alert.silenced_by],
        may_end=may,
    )


def _episode_view(one: history.Episode, annotations: Mapping[str, str]) -> EpisodeView:
    labels = one.labels
    return EpisodeView(
        name=labels.get("alertname", ""),
        severity=labels.get("severity", ""),
        space=labels.get("namespace", ""),
        service=labels.get("service", ""),
        store=labels.get("store", ""),
        member=labels.get("pod", ""),
        summary={language: texts(labels, annotations, language, _KNOWN).summary for language in Language},
        began=one.began.isoformat(timespec="seconds"),
        ended=one.ended.isoformat(timespec="seconds") if one.ended is not None else None,
        took_seconds=one.took_seconds,
    )

"""The relay's process: it takes what Alertmanager sends, and tells people."""

import asyncio
import os
import sys
from contextlib import suppress

import structlog

from moorage.kube.client import Kube, KubeError
from moorage.kube.person import Persons
from moorage.monitoring.alerts import alerts
from moorage.server.logs import configure_logs
from moorage.server.mounted import LOOK_SECONDS, MountedCertificate, is_token, serve
from moorage.server.platform import utc_now
from moorage.server.telling.app import create_app
from moorage.server.telling.channels import channels
from moorage.server.telling.outbox import Outbox
from moorage.server.telling.relay import Relay
from moorage.server.telling.sender import Sender
from moorage.server.telling.settings import RelaySettings

log = structlog.get_logger()
SWEEP_SECONDS = 3_600.0


def main() -> None:
    configure_logs()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve())


async def _serve() -> None:
    try:
        settings = RelaySettings.of(os.environ)
        kube: Kube = Persons().own
        certificate = MountedCertificate(settings.tls)
        certificate.look()
    except (ValueError, OSError, KubeError) as error:
        sys.exit(f"the relay cannot start: {error}")
    outbox = Outbox(kube, settings.namespace, settings.identity)
    relay = Relay(outbox, {}, Sender(utc_now), {a.name: a for a in alerts()}, settings.places, utc_now)
    take_channels(relay, settings)
    app = create_app(relay, lambda token: is_token(settings.token, token))
    async with asyncio.TaskGroup() as tasks:  # when one of them fails the process ends: a relay that only listens tells nobody
        beside = [tasks.create_task(one) for one in (relay.run(), certificate.keep(), _look(relay, settings), _sweep(outbox))]
        await serve(app, settings.host, settings.port, certificate)
        for one in beside:
            one.cancel()


def take_channels(relay: Relay, settings: RelaySettings) -> None:
    """Those that the files name now; what changed is said once."""
    found = channels(settings.channels)
    if found.usable != relay.channels or found.unusable != relay.unusable:
        log.info("channels", usable=[c.place for c in found.usable.values()], unusable=list(found.unusable.values()))
        relay.channels, relay.unusable = found.usable, found.unusable


async def _look(relay: Relay, settings: RelaySettings) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            take_channels(relay, settings)
        except OSError as error:
            log.warning("channels_not_looked_at", error=str(error))


async def _sweep(outbox: Outbox) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            await outbox.sweep(utc_now())
        except KubeError as error:
            log.warning("messages_not_swept", error=str(error))

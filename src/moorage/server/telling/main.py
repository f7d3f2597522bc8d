"""The relay's process: it takes what Alertmanager sends, and tells people."""

import asyncio
import os
import sys
from contextlib import suppress

import structlog
import uvicorn

from moorage.kube.client import Kube, KubeError
from moorage.kube.person import Persons
from moorage.monitoring.alerts import alerts
from moorage.server.logs import configure_logs
from moorage.server.platform import utc_now
from moorage.server.telling.app import create_app
from moorage.server.telling.mounted import MountedCertificate, channels, is_token
from moorage.server.telling.outbox import Outbox
from moorage.server.telling.relay import Relay
from moorage.server.telling.sender import Sender
from moorage.server.telling.settings import RelaySettings

log = structlog.get_logger()
LOOK_SECONDS = 10.0
"""How often its files are looked at: Kubernetes changes them within a minute."""
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
    config = uvicorn.Config(
        create_app(relay, lambda token: is_token(settings.token, token)),
        host=settings.host,
        port=settings.port,
        server_header=False,
        log_config=None,  # it goes where everything goes
        access_log=False,
        timeout_graceful_shutdown=5,
        ssl_context_factory=lambda _config, _default: certificate.context,
    )
    async with asyncio.TaskGroup() as tasks:  # when one of them fails the process ends: a relay that only listens tells nobody
        beside = [tasks.create_task(one) for one in (relay.run(), _look(relay, settings, certificate), _sweep(outbox))]
        await uvicorn.Server(config).serve()
        for one in beside:
            one.cancel()


def take_channels(relay: Relay, settings: RelaySettings) -> None:
    """Those that the files name now; what changed is said once."""
    found = channels(settings.channels)
    if found.usable != relay.channels or found.unusable != relay.unusable:
        log.info("channels", usable=[c.place for c in found.usable.values()], unusable=list(found.unusable.values()))
        relay.channels, relay.unusable = found.usable, found.unusable


async def _look(relay: Relay, settings: RelaySettings, certificate: MountedCertificate) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            take_channels(relay, settings)
            if certificate.look():
                log.info("certificate_taken")
        except OSError as error:  # such as a moment between the certificate's file and its key's
            log.warning("files_not_looked_at", error=str(error))


async def _sweep(outbox: Outbox) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            await outbox.sweep(utc_now())
        except KubeError as error:
            log.warning("messages_not_swept", error=str(error))

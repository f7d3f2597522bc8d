"""Sends one message to one channel and says what became of it. No secret, and no URL that holds one, is told to anybody."""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from functools import partial
from types import ModuleType
from urllib.parse import urlsplit

import httpx2

from moorage.monitoring.telling.channel import Answer, Channel, Kind, Outcome, Verdict, told
from moorage.monitoring.telling.formats import dingtalk, feishu, mail, slack, telegram, webhook, wecom
from moorage.monitoring.telling.message import Message
from moorage.server.logs import hide_urls

TIMEOUT_SECONDS = 10.0
ANSWER_BYTES_MAX = 65_536
FORMATS: dict[Kind, ModuleType] = {
    Kind.SLACK: slack,
    Kind.DINGTALK: dingtalk,
    Kind.WECOM: wecom,
    Kind.FEISHU: feishu,
    Kind.TELEGRAM: telegram,
    Kind.WEBHOOK: webhook,
}
"""All but mail, which is no HTTP."""
PORTS = {"smtp": 25, "smtps": 465}
hide_urls()


class Sender:
    """Thin: what is sent and what an answer means is decided in `monitoring/telling`."""

    def __init__(self, clock: Callable[[], datetime], tls: ssl.SSLContext | None = None) -> None:
        self._clock = clock
        self._tls = tls or ssl.create_default_context()

    async def send(self, channel: Channel, message: Message) -> Verdict:
        """Never raises for what a receiver or the network does."""
        if channel.kind is Kind.MAIL:
            return await asyncio.to_thread(self._mail, channel, message)
        return await self._post(channel, message)

    async def _post(self, channel: Channel, message: Message) -> Verdict:
        form = FORMATS[channel.kind]
        request = form.request(channel, message, self._clock())
        try:
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                httpx2.AsyncClient(verify=self._tls, timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=True) as client,
                client.stream("POST", request.url, content=request.body, headers=dict(request.headers)) as answer,
            ):
                body = await _read(answer)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as error:
            return Verdict(Outcome.AGAIN, told(channel, f"no answer: {type(error).__name__} {error}"))
        headers = {name.lower(): value for name, value in answer.headers.items()}
        verdict: Verdict = form.verdict(channel, Answer(answer.status_code, body, headers))
        return verdict

    def _mail(self, channel: Channel, message: Message) -> Verdict:
        made = mail.mail(channel, message, self._clock())
        try:
            with self._server(channel) as server:
                code, text = self._given(server, channel, made.as_bytes())
        except smtplib.SMTPResponseException as error:
            return mail.verdict(channel, error.smtp_code, _text(error.smtp_error))
        except ssl.SSLCertVerificationError as error:
            return Verdict(Outcome.REFUSED, told(channel, f"its certificate is not trusted: {error}"))
        except smtplib.SMTPNotSupportedError as error:
            return Verdict(Outcome.REFUSED, told(channel, str(error)))
        except (smtplib.SMTPException, OSError) as error:
            return Verdict(Outcome.AGAIN, told(channel, f"no answer: {type(error).__name__} {error}"))
        return mail.verdict(channel, code, _text(text))

    def _server(self, channel: Channel) -> smtplib.SMTP:
        """Connected, encrypted when the server can, and signed in when there is an account."""
        at = urlsplit(channel.url)
        host, port = at.hostname or "", at.port or PORTS.get(at.scheme, 25)
        if at.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=self._tls)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=self._tls)
                server.ehlo()
            elif channel.user:
                server.close()
                raise smtplib.SMTPNotSupportedError("it offers no encryption, and a password is not sent without it")
        if channel.user:
            server.login(channel.user, channel.secret)
        return server

    def _given(self, server: smtplib.SMTP, channel: Channel, content: bytes) -> tuple[int, bytes]:
        """The server's answer: to the mail, or to the first address that it does not take; then nobody gets it."""
        steps = [partial(server.mail, channel.sender), *(partial(server.rcpt, to) for to in channel.to)]
        for step in steps:
            code, text = step()
            if not 200 <= code < 300:
                server.rset()
                return code, text
        return server.data(content)


async def _read(answer: httpx2.Response) -> str:
    """No more than a sane receiver says."""
    found = b""
    async for part in answer.aiter_bytes():
        found += part
        if len(found) > ANSWER_BYTES_MAX:
            break
    return found[:ANSWER_BYTES_MAX].decode("utf-8", "replace")


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said

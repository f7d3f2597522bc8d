"""A message arrives as each service wants it, and what a service refuses is known with its own words and without secrets."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from moorage.certificates import draw_authority, draw_certificate
from moorage.monitoring.alerts import alerts
from moorage.monitoring.telling.channel import Channel, Kind, Outcome
from moorage.monitoring.telling.message import Language, Places, Teller
from moorage.monitoring.telling.notice import read
from moorage.server.telling.sender import Sender
from tests.unit.monitoring.notices import alert, payload
from tests.unit.server.receivers import SECRET, SERVICES, TOKEN, Receiver

MESSAGE = Teller(Language.ZH, ZoneInfo("Asia/Shanghai"), Places("https://console"), {a.name: a for a in alerts()}).message(
    read(payload(alert(why="there is no primary")))
)
PASSWORD = "mail-password-1"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def sender() -> Sender:
    return Sender(now)


@pytest.fixture(params=list(SERVICES))
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    made = Receiver(request.param)
    yield made
    made.stop()


async def test_a_message_arrives_whole(receiver: Receiver, sender: Sender) -> None:
    verdict = await sender.send(receiver.channel(), MESSAGE)
    assert verdict.outcome is Outcome.DELIVERED, verdict
    said = str(receiver.taken[0])
    for part in ("[告警] 🔴 shop/orders 无法提供服务", "there is no primary", "https://console/services/shop/orders"):
        assert part in said


WRONG: list[tuple[Kind, dict[str, Any], str]] = [
    (Kind.SLACK, {"url": "/services/T000/B000/wrong-token-1"}, "404 no_service"),
    (Kind.DINGTALK, {"url": "/robot/send?access_token=wrong-token-1"}, "300001"),
    (Kind.DINGTALK, {"secret": "another secret"}, "sign not match"),
    (Kind.WECOM, {"url": "/cgi-bin/webhook/send?key=wrong-token-1"}, "93000"),
    (Kind.FEISHU, {"url": "/open-apis/bot/v2/hook/wrong-token-1"}, "19001"),
    (Kind.FEISHU, {"secret": ""}, "sign match fail"),
    (Kind.TELEGRAM, {"to": ("7",)}, "chat not found"),
    (Kind.TELEGRAM, {"secret": "wrong-token-1"}, "404"),
    (Kind.WEBHOOK, {"secret": "another secret"}, "401 signature"),
]


@pytest.mark.parametrize(("kind", "wrong", "says"), WRONG)
async def test_what_somebody_must_put_right_is_refused_with_the_services_own_words(
    kind: Kind, wrong: dict[str, Any], says: str, sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver = Receiver(kind)
    try:
        more = {**wrong, **({"url": receiver.base + wrong["url"]} if "url" in wrong else {})}
        verdict = await sender.send(receiver.channel(**more), MESSAGE)
    finally:
        receiver.stop()
    assert verdict.outcome is Outcome.REFUSED, verdict
    assert says in verdict.answer
    assert receiver.taken == []
    for hidden in (TOKEN, SECRET, "wrong-token-1", "another secret"):
        assert hidden not in verdict.answer + caplog.text


async def test_trouble_that_passes_is_no_refusal(receiver: Receiver, sender: Sender) -> None:
    receiver.trouble = [(503, "later")]
    assert (await sender.send(receiver.channel(), MESSAGE)).outcome is Outcome.AGAIN
    assert (await sender.send(receiver.channel(), MESSAGE)).outcome is Outcome.DELIVERED


async def test_nobody_at_the_other_end_is_tried_again_and_the_url_is_not_told(
    receiver: Receiver, sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = receiver.channel()
    nobody = channel.url.replace(receiver.base, "http://127.0.0.1:1")
    verdict = await sender.send(replace(channel, url=nobody), MESSAGE)
    assert verdict.outcome is Outcome.AGAIN
    assert "no answer" in verdict.answer
    for hidden in (TOKEN, SECRET):
        assert hidden not in verdict.answer + caplog.text


class Letterbox:
    """What a mail server does with a mail: it refuses one address, and one kind of trouble."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.trouble = ""

    async def handle_RCPT(  # noqa: N802 - its library calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.trouble:
            return self.trouble
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content.decode())
        return "250 2.0.0 queued as 4711"


def _authenticated(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    is_good = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=is_good, handled=False)


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@asynccontextmanager
async def listening(letterbox: Letterbox, **how: Any) -> AsyncIterator[asyncio.Server]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(letterbox, hostname="mail.test", loop=loop, **how), "127.0.0.1", 0)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
async def server(letterbox: Letterbox) -> AsyncIterator[asyncio.Server]:
    async with listening(letterbox) as made:
        yield made


def mailbox(server: asyncio.Server, **more: Any) -> Channel:
    port = server.sockets[0].getsockname()[1]
    given = {"url": f"smtp://127.0.0.1:{port}", "to": ("li@example.com", "wang@example.com"), "sender": "moorage@example.com"}
    return Channel("mail", Kind.MAIL, **{**given, **more})


async def test_a_mail_arrives_and_what_the_server_said_is_known(
    server: asyncio.Server, letterbox: Letterbox, sender: Sender
) -> None:
    verdict = await sender.send(mailbox(server), MESSAGE)
    assert verdict.outcome is Outcome.DELIVERED
    assert verdict.answer == "250 2.0.0 queued as 4711"
    assert "To: li@example.com, wang@example.com" in letterbox.mails[0]


async def test_a_mail_to_somebody_who_is_not_there_is_refused_and_nobody_gets_half_of_it(
    server: asyncio.Server, letterbox: Letterbox, sender: Sender
) -> None:
    verdict = await sender.send(mailbox(server, to=("li@example.com", "nobody@example.com")), MESSAGE)
    assert verdict.outcome is Outcome.REFUSED
    assert "no such user" in verdict.answer
    assert letterbox.mails == []


async def test_a_mail_server_that_says_later_is_tried_later(server: asyncio.Server, letterbox: Letterbox, sender: Sender) -> None:
    letterbox.trouble = "451 4.7.1 greylisted"
    verdict = await sender.send(mailbox(server), MESSAGE)
    assert verdict.outcome is Outcome.AGAIN
    assert "greylisted" in verdict.answer


async def test_a_password_is_never_sent_in_the_clear(server: asyncio.Server, letterbox: Letterbox, sender: Sender) -> None:
    verdict = await sender.send(mailbox(server, user="moorage", secret=PASSWORD), MESSAGE)
    assert verdict.outcome is Outcome.REFUSED
    assert "no encryption" in verdict.answer
    assert letterbox.mails == []


@pytest.fixture(scope="module")
def encryption(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of the server, and of somebody who trusts it."""
    folder: Path = tmp_path_factory.mktemp("mail")
    authority = draw_authority("mail", "test", now())
    held = draw_certificate(authority, "mail", "test", {"127.0.0.1"}, now())
    for name in ("tls.crt", "tls.key"):
        (folder / name).write_text(held[name])
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return server, ssl.create_default_context(cadata=authority["ca.crt"])


@pytest.fixture
async def strict(letterbox: Letterbox, encryption: tuple[ssl.SSLContext, ssl.SSLContext]) -> AsyncIterator[asyncio.Server]:
    """It takes mails only from who signs in, and that only encrypted."""
    needs = {"require_starttls": True, "auth_required": True, "authenticator": _authenticated}
    async with listening(letterbox, tls_context=encryption[0], **needs) as made:
        yield made


Encryption = tuple[ssl.SSLContext, ssl.SSLContext]


async def test_a_mail_is_sent_encrypted_and_signed_in(
    strict: asyncio.Server, letterbox: Letterbox, encryption: Encryption
) -> None:
    verdict = await Sender(now, encryption[1]).send(mailbox(strict, user="moorage", secret=PASSWORD), MESSAGE)
    assert verdict.outcome is Outcome.DELIVERED, verdict
    assert len(letterbox.mails) == 1


async def test_a_wrong_password_is_refused_and_told_without_it(
    strict: asyncio.Server, encryption: Encryption, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "moorage")
    verdict = await Sender(now, encryption[1]).send(mailbox(strict, user="moorage", secret="wrong-password-1"), MESSAGE)
    assert verdict.outcome is Outcome.REFUSED
    assert "535" in verdict.answer
    assert "wrong-password-1" not in verdict.answer


async def test_a_mail_server_whose_certificate_nobody_vouches_for_gets_neither_password_nor_mail(
    strict: asyncio.Server, letterbox: Letterbox, sender: Sender
) -> None:
    verdict = await sender.send(mailbox(strict, user="moorage", secret=PASSWORD), MESSAGE)
    assert verdict.outcome is Outcome.REFUSED
    assert "certificate" in verdict.answer
    assert letterbox.mails == []

"""Certificates as they are drawn: real ones, checked by the system's own TLS library."""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from moorage import certificates
from moorage.core.certificates import LIFE, SPREAD, Tls, hosts

NOW = datetime.now(UTC)
AT = ("orders", "shop")


def authority(now: datetime = NOW) -> dict[str, str]:
    return certificates.draw_authority(*AT, now)


def keep(of: Mapping[str, str], found: Mapping[str, str], *, external: str = "10.89.1.1", now: datetime = NOW) -> Tls:
    return certificates.keep(*AT, of, found, hosts(*AT, external), now)


def why_refused(tls: Tls, trusted: str, host: str) -> str | None:
    """What a client says that trusts `trusted` and asks for `host`, checked as strictly as the newest clients do; or None."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cadata=trusted)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    load(server, tls.certificate)
    a, b, c, d = ssl.MemoryBIO(), ssl.MemoryBIO(), ssl.MemoryBIO(), ssl.MemoryBIO()
    here, there = client.wrap_bio(a, b, server_hostname=host), server.wrap_bio(c, d, server_side=True)
    for _ in range(4):
        for side, out, into in ((here, b, c), (there, d, a)):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass  # it waits for the other side
            except ssl.SSLCertVerificationError as error:
                return str(error.verify_message)
            into.write(out.read())
    assert here.version() == "TLSv1.3"
    return None


def load(context: ssl.SSLContext, values: Mapping[str, str]) -> None:
    import tempfile  # noqa: PLC0415 - the library takes files only

    with tempfile.NamedTemporaryFile("w") as file:
        file.write(values["tls.crt"] + values["tls.key"])
        file.flush()
        context.load_cert_chain(file.name)


@pytest.mark.parametrize(
    "host",
    ["orders-g1-0.orders-members.shop.svc.cluster.local", "orders.shop.svc", "orders", "localhost", "127.0.0.1", "10.89.1.1"],
)
def test_a_client_that_trusts_the_authority_takes_every_name_of_the_service(host: str) -> None:
    tls = keep(authority(), {})
    assert why_refused(tls, tls.certificate["ca.crt"], host) is None


def test_another_name_and_another_authority_are_refused() -> None:
    tls = keep(authority(), {})
    assert "not valid for 'billing.shop.svc'" in (why_refused(tls, tls.certificate["ca.crt"], "billing.shop.svc") or "")
    assert why_refused(tls, authority()["ca.crt"], "orders.shop.svc") is not None


@pytest.mark.parametrize("external", ["", "10.89.1.1", "FD00:0::1", "LB-1.Example.com"])
def test_what_is_good_is_kept_to_the_letter(external: str) -> None:
    ours = authority()
    first = keep(ours, {}, external=external)
    later = keep(ours, first.certificate, external=external, now=NOW + LIFE / 2)
    assert (later.certificate, later.why_renewed) == (first.certificate, "")


def test_a_certificate_at_the_end_of_its_life_and_a_new_address_make_another_one_of_the_same_authority() -> None:
    ours = authority()
    first = keep(ours, {})
    for renewed in (
        keep(ours, first.certificate, now=NOW + LIFE * 3 / 4),
        keep(ours, first.certificate, external="10.89.1.2"),
    ):
        assert renewed.why_renewed
        assert renewed.certificate["tls.crt"] != first.certificate["tls.crt"]
        assert renewed.certificate["tls.key"] != first.certificate["tls.key"]
        assert renewed.certificate["ca.crt"] == first.certificate["ca.crt"] == ours["ca.crt"]


@pytest.mark.parametrize("broken", [{}, {"tls.crt": "no PEM"}, {"tls.key": "no PEM"}, {"tls.key": authority()["ca.key"]}])
def test_what_is_no_certificate_with_its_own_key_is_drawn_anew(broken: dict[str, str]) -> None:
    ours = authority()
    good = keep(ours, {})
    healed = keep(ours, {**good.certificate, **broken} if broken else {})
    assert healed.why_renewed == "there is no certificate yet"
    assert why_refused(healed, ours["ca.crt"], "orders") is None


def test_a_lost_authority_is_replaced_in_steps_in_which_members_always_trust_each_other() -> None:
    """Members take each step at their own time: what one holds must be good for those one step before and behind."""
    old = keep(authority(NOW - timedelta(days=9)), {}, now=NOW - timedelta(days=9))
    new = authority()
    steps = [old]
    for minutes in (0, 1, 10, 11, 19, 21, 60):
        steps.append(keep(new, steps[-1].certificate, now=NOW + timedelta(minutes=minutes)))
        for one, other in ((steps[-1], steps[-2]), (steps[-2], steps[-1])):
            assert why_refused(one, other.certificate["ca.crt"], "orders") is None, f"after {minutes} minutes"
    assert steps[2].certificate["tls.crt"] == old.certificate["tls.crt"]
    assert steps[-1].certificate["ca.crt"] == new["ca.crt"]
    assert timedelta(minutes=10) == SPREAD


@pytest.mark.parametrize("broken", [{"ca.crt": "no PEM"}, {"ca.key": "no PEM"}, {"ca.key": authority()["ca.key"]}])
def test_an_authority_that_cannot_sign_is_named_and_never_overwritten(broken: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"Secret shop/orders-ca must hold an authority.*delete it, and a new one is drawn"):
        keep({**authority(), **broken}, {})


def test_the_longest_names_that_are_allowed_can_be_certified() -> None:
    at = ("o" * 40, "n" * 63)
    ours = certificates.draw_authority(*at, NOW)
    assert certificates.keep(*at, ours, {}, hosts(*at, ""), NOW).certificate["tls.crt"]

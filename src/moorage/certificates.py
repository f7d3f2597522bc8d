"""Draws authorities and certificates, and reads what they say: the edge with the randomness. When: `core.certificates`."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from moorage.core import names
from moorage.core.certificates import AUTHORITY_LIFE, LIFE, Certificate, Tls, trusts_former, why_renewed

BACKDATED = timedelta(hours=1)
"""A node whose clock is behind by less than this takes a new certificate at once."""

READ_MAX = 8192
"""Certificates and keys are looked at in every pass and change once a year: what their text says is remembered."""

_Key = ec.EllipticCurvePrivateKey


class UnusableAuthorityError(ValueError):
    """`NAME-ca` cannot sign, and is not ours to replace; says what to do."""


def draw_authority(service: str, namespace: str, now: datetime) -> dict[str, str]:
    """Values of `NAME-ca`."""
    key, subject = _new_key(), _name(f"Moorage authority of {service}", namespace)
    builder = (
        _builder(key, subject, now, AUTHORITY_LIFE)
        .issuer_name(subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
    )
    return {"ca.crt": _pem(builder.sign(key, hashes.SHA256())), "ca.key": _pem_of_key(key)}


def draw_certificate(
    authority: Mapping[str, str], service: str, namespace: str, hosts: Collection[str], now: datetime
) -> dict[str, str]:
    """A certificate and its key, for servers and for clients: a member is both to the others."""
    signer, signer_key = _certificate(authority["ca.crt"]), _key(authority["ca.key"])
    key = _new_key()
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    builder = (
        _builder(key, _name(service, namespace), now, LIFE)
        .issuer_name(signer.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(usages, critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(host) for host in sorted(hosts)]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()), critical=False)
    )
    return {"tls.crt": _pem(builder.sign(signer_key, hashes.SHA256())), "tls.key": _pem_of_key(key)}


def read(values: Mapping[str, str], authority: Mapping[str, str]) -> Certificate | None:
    """What the values of `NAME-tls` say; None when they are no certificate with its own key."""
    return _read(values.get("tls.crt", ""), values.get("tls.key", ""), authority["ca.crt"])


@lru_cache(maxsize=READ_MAX)
def _read(certificate: str, private: str, authority: str) -> Certificate | None:
    try:
        found, key = _certificate(certificate), _key(private)
        named = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, x509.ExtensionNotFound):
        return None
    if found.public_key() != key.public_key():
        return None
    return Certificate(
        hosts=frozenset(named.get_values_for_type(x509.DNSName)) | {str(a) for a in named.get_values_for_type(x509.IPAddress)},
        drawn=_drawn(found),
        ends=found.not_valid_after_utc,
        is_signed=_is_signed(found, _certificate(authority)),
    )


def keep(
    service: str,
    namespace: str,
    authority: Mapping[str, str],
    found: Mapping[str, str],
    hosts: Collection[str],
    now: datetime,
) -> Tls:
    """What the servers should hold, given what they hold: the same, unless the rule says that another one is due.

    `authority`: the values of `NAME-ca`; `found`: those of `NAME-tls`, empty when there is none. Raises
    UnusableAuthorityError when the authority cannot sign.
    """
    signer = _signer(f"{namespace}/{names.authority_secret(service)}", authority)
    why = why_renewed(read(found, authority), hosts, _drawn(signer), now)
    pair = found if why is None else draw_certificate(authority, service, namespace, hosts, now)
    values = {"tls.crt": pair["tls.crt"], "tls.key": pair["tls.key"]}
    former = _former(signer, found, read(values, authority), now)
    return Tls(authority, {**values, "ca.crt": "".join(map(_pem, (signer, *former)))}, why or "")


def _signer(secret: str, authority: Mapping[str, str]) -> x509.Certificate:
    why = _why_cannot_sign(authority)
    if why is not None:
        msg = f"Secret {secret} must hold an authority as ca.crt and ca.key in PEM: {why}; delete it, and a new one is drawn"
        raise UnusableAuthorityError(msg)
    return _certificate(authority["ca.crt"])


def _why_cannot_sign(authority: Mapping[str, str]) -> str | None:
    """The reason, or None. What a key signs that is not the certificate's own would be drawn anew in every pass."""
    try:
        signer, key = _certificate(authority["ca.crt"]), _key(authority["ca.key"])
    except (KeyError, ValueError, TypeError) as error:
        return str(error)
    return None if signer.public_key() == key.public_key() else "they do not belong together"


def _former(
    signer: x509.Certificate, found: Mapping[str, str], held: Certificate | None, now: datetime
) -> list[x509.Certificate]:
    """The authorities of before that some member may still need."""
    if held is None or not trusts_former(held, now):
        return []
    return [c for c in _certificates(found.get("ca.crt", "")) if c != signer and c.not_valid_after_utc > now]


def _drawn(certificate: x509.Certificate) -> datetime:
    """When it was made, in UTC."""
    return certificate.not_valid_before_utc + BACKDATED


@lru_cache(maxsize=READ_MAX)
def _is_signed(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _builder(key: _Key, subject: x509.Name, now: datetime, life: timedelta) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str, organisation: str) -> x509.Name:
    parts = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _new_key() -> _Key:
    return ec.generate_private_key(ec.SECP256R1())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _pem_of_key(key: _Key) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@lru_cache(maxsize=READ_MAX)
def _certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def _certificates(pem: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        return []  # nothing that could be trusted


@lru_cache(maxsize=READ_MAX)
def _key(pem: str) -> _Key:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, _Key):
        msg = f"the key must be of an elliptic curve, and is {type(key).__name__}"
        raise ValueError(msg)  # noqa: TRY004 - what is wrong is the Secret's content
    return key

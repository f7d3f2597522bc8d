"""Servers that live as long as the tests, and a prefix for each test."""

import datetime
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from moorage.backup.s3 import S3Store
from tests.store.gateway import Gateway


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    server = Gateway(tmp_path_factory.mktemp("gateway"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def store(gateway: Gateway, request: pytest.FixtureRequest) -> Iterator[S3Store]:
    found = gateway.store(prefix=f"tests/{abs(hash(request.node.name))}")
    yield found
    found.close()


@dataclass(frozen=True)
class Certificate:
    """Files."""

    authority: Path
    certificate: Path
    private_key: Path


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """For 127.0.0.1, by an authority of its own."""
    folder = tmp_path_factory.mktemp("tls")
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    names = {name: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("authority", "server")}
    now = datetime.datetime.now(datetime.UTC)

    def signed(subject: str, public_key: ec.EllipticCurvePublicKey, extension: x509.ExtensionType) -> x509.Certificate:
        builder = x509.CertificateBuilder().subject_name(names[subject]).issuer_name(names["authority"])
        builder = builder.public_key(public_key).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        return builder.add_extension(extension, critical=False).sign(authority_key, hashes.SHA256())

    authority = signed("authority", authority_key.public_key(), x509.BasicConstraints(ca=True, path_length=None))
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    found = Certificate(folder / "ca.crt", folder / "tls.crt", folder / "tls.key")
    found.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    found.certificate.write_bytes(signed("server", key.public_key(), loopback).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    found.private_key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return found


@pytest.fixture(scope="session")
def tls_gateway(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate) -> Iterator[Gateway]:
    server = Gateway(tmp_path_factory.mktemp("tls-gateway"), certificate.certificate, certificate.private_key)
    server.start()
    yield server
    server.stop()

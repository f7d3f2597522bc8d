"""A client of S3 that knows only what it is given: no environment, no files of the AWS tools, no metadata service, no proxy."""

from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider

CONNECTIONS = 6


@dataclass(frozen=True)
class Patience:
    """How long the client waits, and how often it tries."""

    connect_seconds: float
    read_seconds: float
    attempts: int


PATIENT = Patience(connect_seconds=10, read_seconds=60, attempts=8)
QUICK = Patience(connect_seconds=4, read_seconds=8, attempts=2)


@dataclass(frozen=True)
class Settings:
    """All that an S3 client needs."""

    endpoint: str
    bucket: str
    access_key_id: str
    secret_access_key: str
    prefix: str = ""
    region: str = "us-east-1"
    path_style: bool = True
    ca_file: str | None = None
    """None: the authorities that everybody trusts."""
    patience: Patience = PATIENT

    def __repr__(self) -> str:
        return f"Settings({self.endpoint}, {self.bucket})"  # never the secret


def client_of(settings: Settings) -> Any:
    """A client that knows only what is in the settings."""
    core = botocore.session.Session()
    nothing = {name: ConstantProvider(default) for name, (_, _, default, _) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    nothing |= {"config_file": ConstantProvider("/nowhere/config"), "credentials_file": ConstantProvider("/nowhere/credentials")}
    core.register_component("config_store", ConfigValueStore(mapping=nothing))
    config = Config(
        signature_version="s3v4",
        connect_timeout=settings.patience.connect_seconds,
        read_timeout=settings.patience.read_seconds,
        retries={"mode": "standard", "total_max_attempts": settings.patience.attempts},
        max_pool_connections=CONNECTIONS,
        proxies={},
        # every body is signed, also over TLS: it is how a service finds what was changed on the way
        s3={"addressing_style": "path" if settings.path_style else "virtual", "payload_signing_enabled": True},
        # what botocore adds by default since 1.36 (aws-chunked bodies with trailing checksums) is unknown to many services
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return core.create_client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region,
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key,
        verify=settings.ca_file or True,
        config=config,
    )

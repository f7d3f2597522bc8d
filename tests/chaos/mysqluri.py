"""Connections to MySQL by a URI as the service's Secret has it: `mysql://USER:PASSWORD@HOST:PORT[,HOST:PORT…]/DATABASE`."""

import ssl
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

import pymysql
from pymysql.cursors import DictCursor

from moorage.engines.mysql.constants import PORT

Connection: TypeAlias = "pymysql.Connection[DictCursor]"
CONNECT_SECONDS, ANSWER_SECONDS = 2, 5
"""MySQL's clients, unlike MongoDB's, have no heartbeat: whoever hangs on a machine that is gone does so until its own limit.
These are what docs/engines/mysql.md advises."""
TROUBLE = (pymysql.MySQLError, OSError)
"""What a driver raises."""


@dataclass(frozen=True)
class Where:
    """What a URI says. More than one host: whoever takes writes."""

    user: str
    password: str
    hosts: tuple[tuple[str, int], ...]

    def connect(self, number: int = 0, *, answer_seconds: float = ANSWER_SECONDS) -> Connection:
        """To the `number`th host, counted around. Encrypted; each statement is a transaction until it is told otherwise."""
        host, port = self.hosts[number % len(self.hosts)]
        return pymysql.connect(
            host=host,
            port=port,
            user=self.user,
            password=self.password,
            ssl=_encrypted(),
            connect_timeout=CONNECT_SECONDS,
            read_timeout=answer_seconds,
            write_timeout=answer_seconds,
            autocommit=True,
            cursorclass=DictCursor,
        )


def where(uri: str) -> Where:
    credentials, _, hosts = urlsplit(uri).netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    split = [host.partition(":") for host in hosts.split(",")]
    return Where(unquote(user), unquote(password), tuple((host, int(port or PORT)) for host, _, port in split))


def _encrypted() -> ssl.SSLContext:
    """As with `sslMode=REQUIRED`: who it is, other tests ask."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context

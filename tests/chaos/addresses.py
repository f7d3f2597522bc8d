"""Where a service is reached."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Addresses:
    """`admin_uris`: name of each data member → a direct connection to it with an administrator's rights."""

    direct_uri: str
    replica_uri: str
    admin_uris: Mapping[str, str]

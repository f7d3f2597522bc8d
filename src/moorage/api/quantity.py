"""Kubernetes quantities ("20Gi", "500m") as exact numbers."""

import re
from decimal import Decimal

PATTERN = r"^([0-9]+(?:\.[0-9]+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$"

_UNITS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
}


def parse(text: str) -> Decimal:
    """The value of a quantity: bytes for storage and memory, cores for CPU. Raises ValueError when it is none."""
    match = re.match(PATTERN, text)
    if match is None:
        msg = f"'{text}' is not a quantity; allowed is a number with an optional unit, such as 500m, 2Gi or 20Gi"
        raise ValueError(msg)
    return Decimal(match[1]) * _UNITS[match[2] or ""]


def written(count_bytes: int) -> str:
    """A size as people write it: whole GiB, else MiB, rounded up."""
    gib, rest = divmod(count_bytes, 2**30)
    return f"{gib}Gi" if not rest else f"{-(-count_bytes // 2**20)}Mi"


def to_bytes(text: str) -> int:
    """The quantity as whole bytes."""
    return int(parse(text))

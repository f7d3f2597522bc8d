"""Kubernetes' way to write a size, as bytes."""

import re

_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def size_in_bytes(text: str) -> int:
    """`1Gi` is 1073741824."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([kMGT]i?|Ki|)", text)
    if not found or found[2] not in _UNITS:
        raise ValueError(f"{text!r} is not a size; a size is a number and one of {', '.join(u for u in _UNITS if u)}")
    return int(float(found[1]) * _UNITS[found[2]])

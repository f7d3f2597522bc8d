"""Sizes that people choose by a letter; everything can still be said exactly."""

from enum import StrEnum

from moorage.server.model import Given


class Letter(StrEnum):
    S = "S"
    M = "M"
    L = "L"


class Size(Given):
    """What each member gets."""

    letter: Letter
    cpu: str
    memory: str
    storage: str


SIZES = (
    Size(letter=Letter.S, cpu="500m", memory="1Gi", storage="10Gi"),
    Size(letter=Letter.M, cpu="2", memory="4Gi", storage="50Gi"),
    Size(letter=Letter.L, cpu="4", memory="16Gi", storage="200Gi"),
)
"""A member's requests are its limits, so a size is what a host must have free."""

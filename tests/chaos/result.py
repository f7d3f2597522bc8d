"""What is kept of a run: one line of JSON, from which docs/reliability.md is made."""

from dataclasses import dataclass

NOT_JUDGED = "not judged"
"""Stands where a verdict would, for a run that broke off."""


@dataclass(frozen=True)
class Result:
    """One line of the results; `verdicts`: verdict → whether it holds."""

    fault: str
    seed: int
    when: str
    verdicts: dict[str, bool]
    findings: dict[str, list[str]]
    gap_seconds: float | None
    green_seconds: float | None
    named_seconds: float | None
    named_by: str
    writes: int
    load: float
    """Of the machine, when it began: others may work on it."""
    image: str = ""
    """Of the agents: what was tried. Two when another one was rolled out meanwhile."""
    engine: str = "mongodb"
    note: str = ""
    """What somebody found out about it later."""

    @property
    def is_green(self) -> bool:
        return all(self.verdicts.values())

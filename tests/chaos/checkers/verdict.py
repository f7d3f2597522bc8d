"""What a checker says."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verdict:
    """`findings`: a sentence for each thing that must not be; `figures` are worth knowing either way."""

    valid: bool
    findings: tuple[str, ...] = ()
    figures: Mapping[str, float | int | str] = field(default_factory=dict)

    @classmethod
    def of(cls, findings: list[str], figures: Mapping[str, float | int | str]) -> "Verdict":
        return cls(not findings, tuple(findings), figures)


def merged(*verdicts: Verdict) -> Verdict:
    """Valid when all are."""
    return Verdict(
        all(v.valid for v in verdicts),
        tuple(finding for v in verdicts for finding in v.findings),
        {name: figure for v in verdicts for name, figure in v.figures.items()},
    )


def some(items: list[object] | list[int] | list[str]) -> str:
    """The first few of many, for a sentence."""
    return ", ".join(str(item) for item in items[:10]) + (", …" if len(items) > 10 else "")

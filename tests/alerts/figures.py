"""How long people waited in real runs: docs/alerts-told.md, from docs/alerts-told.jsonl and from nothing else."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

MEASURED, DOCUMENT = Path("docs/alerts-told.jsonl"), Path("docs/alerts-told.md")


@dataclass(frozen=True)
class Figure:
    """One alert that was caused. `about`: whom the message named; `cause`: what was done; `day`: as 2026-11-28."""

    alert: str
    about: str
    cause: str
    held_seconds: int
    told_seconds: int
    """From the moment in which its cause stood until a receiver had the message."""
    day: str
    over_seconds: int | None = None
    """From the moment in which the cause was taken back until a receiver had `[OK]`; None: it was not waited for."""
    joined: bool = False
    """People were told already of another alert of the same service."""

    @property
    def subject(self) -> str:
        """Without the member."""
        return self.about.partition(" ")[0]


def read(path: Path) -> list[Figure]:
    lines = path.read_text().splitlines() if path.exists() else []
    return [Figure(**json.loads(line)) for line in lines]


def merged(before: Sequence[Figure], fresh: Sequence[Figure]) -> list[Figure]:
    """Of each alert and whom it is about the newest, in the order in which they were first measured."""
    found = {(figure.alert, figure.about): figure for figure in before}
    found.update({(figure.alert, figure.about): figure for figure in fresh})
    return list(found.values())


def ended(figures: Sequence[Figure], subject: str, seconds: int) -> list[Figure]:
    """People were told that this one is well again."""
    return [replace(figure, over_seconds=seconds) if figure.subject == subject else figure for figure in figures]


def document(figures: Sequence[Figure]) -> str:
    rows = [_row(figure) for figure in sorted(figures, key=lambda figure: (figure.told_seconds, figure.alert))]
    return "\n".join([*_HEAD, *(rows or [_NONE]), "", _NOTES])


def write(fresh: Sequence[Figure], folder: Path = Path()) -> None:
    """Adds them to what was measured before."""
    figures = merged(read(folder / MEASURED), fresh)
    (folder / MEASURED).write_text("".join(json.dumps(asdict(figure), ensure_ascii=False) + "\n" for figure in figures))
    (folder / DOCUMENT).write_text(document(figures))


def _row(figure: Figure) -> str:
    over = "–" if figure.over_seconds is None else f"{figure.over_seconds} s"
    told = f"{figure.told_seconds} s" + (" (joined)" if figure.joined else "")
    held = f"{figure.held_seconds} s" if figure.held_seconds else "–"
    name = f"[{figure.alert}](runbooks/{figure.alert}.md)"
    return f"| {name} | {figure.cause} | {held} | {told} | {over} | {figure.day} |"


_HEAD = (
    "# Alerts that were caused",
    "",
    "Written by `make alerts`; do not edit. Each alert was caused for real on the development cluster (two processors, three",
    "nodes), with Prometheus, Alertmanager and the relay as the chart brings them, and came to a receiver that speaks its own",
    "service's protocol. Seconds are counted at the receiver.",
    "",
    "| alert | what was done | must hold for | told after | `[OK]` after | on |",
    "|---|---|---|---|---|---|",
)
_NONE = "| not measured yet | – | – | – | – | – |"
_NOTES = """\
*Told after* counts from the moment in which the cause stood, or for a red service from the moment in which its status was red;
*`[OK]` after* from the moment in which the cause was taken back, or in which the status was green. *Joined*: people were told
already of another alert of that service; what comes to it is told with it, five minutes after the last message (a critical one
after 30 s). `[OK]` comes once nothing of that service fires any more, and `–` stands where that takes longer than the test, as
where an alert is about the last hour.
"""

"""Small pure helpers for text."""

from datetime import UTC, datetime


def age(since: str | None, now: datetime | None = None) -> str:
    """How long ago, in kubectl's manner: 45s, 3m, 5h, 2d; `-` when unknown."""
    if not since:
        return "-"
    seconds = max(0, int(((now or datetime.now(UTC)) - datetime.fromisoformat(since)).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"

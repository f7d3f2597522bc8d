"""Small pure helpers for text."""

from datetime import UTC, datetime, tzinfo


def age(since: str | None, now: datetime | None = None) -> str:
    """How long ago, in kubectl's manner: 45s, 3m, 5h, 2d; `-` when unknown."""
    if not since:
        return "-"
    seconds = max(0, int(((now or datetime.now(UTC)) - datetime.fromisoformat(since)).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def took(start: str | None, end: str | None) -> float | None:
    """Seconds between two times; None while one of them is not known."""
    if not start or not end:
        return None
    return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def span(seconds: float | None) -> str:
    """How long something took: 0.4 s, 41 s, 3 min 5 s, 2 h 10 min; `-` when unknown."""
    if seconds is None:
        return "-"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def percent(done: int | None, whole: int | None) -> int | None:
    """How much of it is done, and never all while somebody is still at it; None when that cannot be told."""
    if done is None or not whole:
        return None
    return max(0, min(99, done * 100 // whole))


def left_seconds(done: int | None, whole: int | None, per_second: int | None) -> float | None:
    """How long the rest takes at this pace; None when that cannot be told: nothing moves, or nobody knows how much there is."""
    if done is None or not whole or not per_second or per_second < 0 or done >= whole:
        return None
    return (whole - done) / per_second


def size(count_bytes: int | None) -> str:
    """812 B, 3.1 MiB, 1.2 GiB; `-` when unknown."""
    if count_bytes is None:
        return "-"
    amount, unit = float(count_bytes), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1023.95:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"


def moment(time: str | None, zone: tzinfo | None = None) -> str:
    """A time as people read it, in their own zone, with the zone: 2026-11-06 02:30:00 +08:00; `-` when unknown."""
    if not time:
        return "-"
    local = datetime.fromisoformat(time).astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S} {local.isoformat()[-6:]}"

"""Writes that a member had taken alone and took back when it was heard again: promised to nobody, but somebody may want them."""

from moorage.core.facts import Known, Snapshot


def sentences(snapshot: Snapshot) -> list[str]:
    """One for each member that keeps some. They say nothing against its health."""
    heard = [(m.name, m.report.value.taken_back) for m in snapshot.counted() if isinstance(m.report, Known)]
    return [f"{name} {what}" for name, what in heard if what]

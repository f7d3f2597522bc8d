"""What a rehearsal found, beside the manifest, which never changes. Pure; standard library only."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """Of one backup; it is given once."""

    verified: bool
    time: str
    """RFC 3339 in UTC."""
    message: str = ""
    """Why it cannot be trusted."""
    restore_seconds: float | None = None

    def to_json(self) -> bytes:
        found = {"verified": self.verified, "time": self.time, "message": self.message, "restoreSeconds": self.restore_seconds}
        return json.dumps(found, indent=1, ensure_ascii=False).encode()

    def listing(self) -> dict[str, Any]:
        """As a listing of backups tells it, beside what the manifest says."""
        told: dict[str, Any] = {"verified": self.verified, "verifiedTime": self.time}
        if self.message:
            told["verifyMessage"] = self.message
        if self.restore_seconds is not None:
            told["restoreSeconds"] = self.restore_seconds
        return told


def parse(text: bytes | str) -> Verdict | None:
    """None: it cannot be read, and then the backup counts as not rehearsed."""
    try:
        found = json.loads(text)
        seconds = found.get("restoreSeconds")
        is_right = isinstance(found["verified"], bool) and isinstance(found["time"], str)
        number = float(seconds) if seconds is not None else None
        return Verdict(found["verified"], found["time"], str(found.get("message") or ""), number) if is_right else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None

"""However much streams through, the memory that it takes is the same."""

import json
import subprocess
import sys
from typing import Any

import pyrage
import pytest

from tests.store.gateway import BUCKET, KEY, SECRET, Gateway

MIB = 1024 * 1024
IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())
LIMIT_BYTES = 90 * MIB


def streamed(gateway: Gateway, **told: Any) -> dict[str, Any]:
    settings = {"endpoint": gateway.endpoint, "bucket": BUCKET, "access_key_id": KEY, "secret_access_key": SECRET}
    text = json.dumps({"settings": settings, "identity": str(IDENTITY), "expected": None, **told})
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.streaming", text], capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("recipient", [None, RECIPIENT], ids=["open", "encrypted"])
def test_300_mib_go_in_and_out_in_constant_memory(gateway: Gateway, recipient: str | None) -> None:
    key = f"memory/{'age' if recipient else 'plain'}"
    little = streamed(gateway, key=f"{key}/little", bytes=100 * MIB, recipient=recipient)
    much = streamed(gateway, key=f"{key}/much", bytes=300 * MIB, recipient=recipient)
    assert much["size_bytes"] >= 300 * MIB
    expected = {"name": "much", "recipient": recipient} | {name: much[name] for name in ("size_bytes", "sha256", "raw_bytes")}
    back = streamed(gateway, key=f"{key}/much", expected=expected)
    assert back["taken"] == 300 * MIB
    print({name: found["peak_bytes"] // MIB for name, found in (("little", little), ("much", much), ("back", back))})
    assert max(much["peak_bytes"], back["peak_bytes"]) <= LIMIT_BYTES
    assert much["peak_bytes"] - little["peak_bytes"] <= 16 * MIB, (
        "three times as much takes no more but what malloc leaves unused"
    )

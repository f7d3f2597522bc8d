"""Streams random bytes through `pack` into a bucket, or back through `unpack`, and prints the most memory that it had."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from moorage.backup.s3 import S3Store, Settings
from moorage.backup.stream import Expected, pack, unpack, wide_pipe


def most_memory_bytes() -> int:
    """Of this process so far. `ru_maxrss` would begin with what its parent had when it forked."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main() -> None:
    told: dict[str, Any] = json.loads(sys.argv[1])
    store = S3Store(Settings(**told["settings"]))
    read_end, write_end = wide_pipe()
    result: dict[str, Any] = {}
    if told["expected"] is None:
        dump = subprocess.Popen(["head", "-c", str(told["bytes"]), "/dev/urandom"], stdout=write_end)
        os.close(write_end)
        found = pack(read_end, store, told["key"], recipient=told["recipient"])
        result = {"raw_bytes": found.raw_bytes, "size_bytes": found.size_bytes, "sha256": found.sha256}
        assert dump.wait() == 0
    else:
        engine = subprocess.Popen(["wc", "-c"], stdin=read_end, stdout=subprocess.PIPE)
        os.close(read_end)
        unpack(store, told["key"], write_end, Expected(**told["expected"]), identity=told["identity"])
        os.close(write_end)
        assert engine.stdout is not None
        result = {"taken": int(engine.stdout.read())}
        assert engine.wait() == 0
    print(json.dumps({**result, "peak_bytes": most_memory_bytes()}))


if __name__ == "__main__":
    main()

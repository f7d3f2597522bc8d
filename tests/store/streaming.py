"""Streams random bytes through `pack` into a bucket, or back through `unpack`, and prints the most memory that it had."""

import json
import os
import resource
import subprocess
import sys
from typing import Any

from moorage.backup.s3 import S3Store, Settings
from moorage.backup.stream import Expected, pack, unpack, wide_pipe


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
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({**result, "peak_bytes": peak}))


if __name__ == "__main__":
    main()

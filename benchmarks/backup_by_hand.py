"""`mongodump --archive | zstd` and an upload in parts as it comes: what a person writes into a shell. In a process of its own."""

import json
import resource
import subprocess
import sys
import time
from typing import Any

import boto3


def processor_seconds() -> float:
    """Of this process and its children that ended."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, who))


def main() -> None:
    given: dict[str, Any] = json.load(sys.stdin)
    client = boto3.client("s3", **given["client"])
    before, began = processor_seconds(), time.monotonic()  # a shell has no Python to start
    dump = subprocess.Popen(given["dump"], stdout=subprocess.PIPE)
    zstd = subprocess.Popen(["zstd", "-q", f"-{given['level']}", "-T1"], stdin=dump.stdout, stdout=subprocess.PIPE)
    assert zstd.stdout is not None
    client.upload_fileobj(zstd.stdout, given["bucket"], given["key"])
    assert (dump.wait(), zstd.wait()) == (0, 0)
    sys.stdout.write(json.dumps({"seconds": time.monotonic() - began, "processor": processor_seconds() - before}))


if __name__ == "__main__":
    main()

"""What a member's container is given, and what it is spared."""

import subprocess
import sys
from pathlib import Path

import pytest

from moorage.agent.install import LEFT_BEHIND, install

BLOCKED = """
import importlib.abc, sys
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
"""
AGENT = """
import moorage.agent.main
from importlib.metadata import entry_points
for point in entry_points(group="moorage.members"):
    point.load()
print("runs")
"""
WORKER = """
import botocore.session, pyrage, structlog, moorage.core.task
from backports import zstd
botocore.session.Session().create_client("s3", region_name="us-east-1")
print("runs")
"""


@pytest.mark.parametrize(("whom", "program"), [("member", AGENT), ("worker", WORKER)])
def test_nothing_that_is_left_behind_is_missed(whom: str, program: str) -> None:
    absent = BLOCKED.replace("{absent}", repr(set(LEFT_BEHIND[whom])))
    done = subprocess.run([sys.executable, "-c", absent + program], capture_output=True, text=True, check=False)
    assert done.stdout == "runs\n", done.stderr


MEMBER_HAS = {"lib/ld.so", "lib/bson/son.py"}
WORKER_HAS = MEMBER_HAS | {"lib/python3/backports/zstd.py", "lib/python3/six.py", "lib/python3/botocore-1.44.dist-info/METADATA"}


@pytest.mark.parametrize(("whom", "has"), [("member", MEMBER_HAS), ("worker", WORKER_HAS)])
def test_everything_else_is_copied(tmp_path: Path, whom: str, has: set[str]) -> None:
    source, target = tmp_path / "image", tmp_path / "member"
    for name in (
        "lib/ld.so",
        "lib/python3/rich/console.py",
        "lib/python3/rich-13.9.dist-info/METADATA",
        "lib/bson/son.py",
        "lib/python3/backports/zstd.py",
        "lib/python3/six.py",
        "lib/python3/botocore-1.44.dist-info/METADATA",
    ):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    target.mkdir()
    install(source, target, whom)
    assert {str(p.relative_to(target)) for p in target.rglob("*") if p.is_file()} == has

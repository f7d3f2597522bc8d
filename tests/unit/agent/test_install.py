"""What a member's container is given, and what it is spared."""

import subprocess
import sys
from pathlib import Path

from moorage.agent.install import OF_OTHERS, install

BLOCKED = """
import importlib.abc, sys
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
import moorage.agent.main
from importlib.metadata import entry_points
for point in entry_points(group="moorage.members"):
    point.load()
print("runs")
"""


def test_a_member_runs_without_the_packages_that_are_left_behind() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED.replace("{absent}", repr(set(OF_OTHERS)))], capture_output=True, text=True, check=False
    )
    assert done.stdout == "runs\n", done.stderr


def test_everything_else_is_copied(tmp_path: Path) -> None:
    source, target = tmp_path / "image", tmp_path / "member"
    for name in (
        "lib/ld.so",
        "lib/python3/rich/console.py",
        "lib/python3/rich-13.9.dist-info/METADATA",
        "lib/bson/son.py",
    ):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    target.mkdir()
    install(source, target)
    assert {str(p.relative_to(target)) for p in target.rglob("*") if p.is_file()} == {"lib/ld.so", "lib/bson/son.py"}

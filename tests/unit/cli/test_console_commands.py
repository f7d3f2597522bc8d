"""The command lines that the console shows are lines of this program."""

import re
import shlex

import pytest

from devcluster.config import CHECKOUT
from tests.unit.cli.conftest import Moorage

LINES = re.findall(r"`moorage ([^`]+)`", (CHECKOUT / "web/src/text/commands.ts").read_text())


def test_there_are_some() -> None:
    assert len(LINES) >= 2


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_understood(moorage: Moorage, line: str) -> None:
    ran = moorage(*shlex.split(re.sub(r"\$\{[^}]+\}", "shop", line)))
    assert "Usage:" not in ran.err, "it fails, if it does, since there is nothing of that name"
    assert ran.code != 2, ran.err


def test_a_line_that_is_none_of_the_program_is_told(moorage: Moorage) -> None:
    assert moorage("download", "shop", "-n", "shop").code == 2

"""The words of the command line."""

import re

import pytest

from moorage.api import alertrule, backupstore, databackup, datarestore, dataservice
from moorage.cli.cluster import OURS
from moorage.cli.errors import ExitCode
from moorage.cli.main import VERBS, root
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import backup, service, store


def test_the_kinds_are_those_of_the_models() -> None:
    assert {m.KIND: m.PLURAL for m in (dataservice, backupstore, databackup, datarestore, alertrule)} == OURS


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_explains_itself_under_its_own_name(moorage: Moorage, name: str) -> None:
    ran = moorage(*name.split(), "--help")
    assert ran.code == 0
    assert f"Usage: moorage {name} " in ran.out
    assert VERBS[name].summary in " ".join(ran.out.split())


@pytest.mark.parametrize("line", [(), ("store",), ("store", "add")])
def test_the_first_words_alone_show_what_can_follow(moorage: Moorage, line: tuple[str, ...]) -> None:
    ran = moorage(*line)
    assert ran.code == 0
    for name in VERBS:
        if line == tuple(name.split()[: len(line)]):
            assert re.search(rf"^  {' '.join(name.split()[len(line) :])} ", ran.out, re.MULTILINE)


def test_a_word_that_nearly_fits_is_suggested(moorage: Moorage) -> None:
    ran = moorage("store", "ad")
    assert ran.code == 2
    assert "Did you mean 'add'?" in ran.err


@pytest.mark.parametrize(
    ("words", "incomplete", "offered"),
    [
        (["store"], "", ["add", "remove"]),
        (["store", "add"], "", ["file-system", "s3"]),
        (["backup", "show"], "b", ["b1"]),
        (["backup"], "", ["orders"]),
        (["restore", "undo"], "o", ["orders"]),
        (["restore"], "", ["b1"]),
        (["store", "remove"], "", ["s3"]),
        (["adopt", "s3"], "", ["ledger"]),
        (["deploy", "mongodb", "new", "--backup-store"], "", ["s3"]),
    ],
)
def test_the_tab_key_knows_words_and_names(moorage: Moorage, words: list[str], incomplete: str, offered: list[str]) -> None:
    from typer._completion_classes import BashComplete  # noqa: PLC0415 - typer has no public door to it

    known = {"services": [{"engine": "mongodb", "namespace": "bank", "name": "ledger", "newest": "x"}]}
    moorage("version", having=[service(), backup(), store(status=known)])  # connects the next command as well
    items = BashComplete(root(), {}, "moorage", "_MOORAGE_COMPLETE").get_completions(words, incomplete)
    assert sorted(item.value for item in items) == offered


@pytest.mark.parametrize(
    ("asked", "says", "then"),
    [
        (
            "maintenance on orders --for 3x",
            "error: --for '3x' is not a duration; allowed is such as 90s, 5m or 1h",
            "maintenance",
        ),
        ("-n shop maintenance on orders --for 0m", "error: --for '0m' cannot be had", "maintenance"),
        ("logs orders --since x", "error: --since 'x' is not a duration", "logs"),
        ("backup orders --wait --timeout x", "error: --timeout 'x' is not a duration", "backup"),
        ("store add s3 x --endpoint e --bucket b", "error: the key pair is missing", "store add s3"),
    ],
)
def test_what_cannot_be_had_is_named_as_it_was_written_with_the_help_that_says_what_can(
    moorage: Moorage, asked: str, says: str, then: str
) -> None:
    found = moorage(*asked.split())
    assert found.code == ExitCode.USAGE
    assert says in found.err
    assert f"next: moorage {then} --help" in found.err


def test_an_option_of_the_cluster_behind_the_command_is_told_where_it_stands(moorage: Moorage) -> None:
    found = moorage("list", "--context", "prod")
    assert found.code == ExitCode.USAGE
    assert "next: moorage --context … COMMAND: it stands before the command" in found.err

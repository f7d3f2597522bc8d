"""The relay's channels, token and certificate are files: what they say now counts, and a bad one harms no other."""

from pathlib import Path

import pytest
import yaml

from moorage.monitoring.telling.given import channel
from moorage.server.mounted import is_token
from moorage.server.telling.channels import channels, entry_of
from moorage.server.telling.settings import RelaySettings

HOOK = "https://hooks.slack.com/services/secret-of-a-hook"


def write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def test_each_file_is_a_channel_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, "dba.yaml", yaml.safe_dump({"kind": "slack", "url": HOOK}))
    write(tmp_path, "oncall.yml", yaml.safe_dump({"kind": "dingtalk", "url": HOOK, "to": 13800000000}))
    found = channels(tmp_path)
    assert not found.unusable
    assert list(found.usable) == ["dba", "oncall"]
    assert found.usable["oncall"].to == ("13800000000",)


def test_kubernetes_own_folders_of_a_mounted_secret_are_no_channels(tmp_path: Path) -> None:
    (tmp_path / "..2026").mkdir()
    write(tmp_path / "..2026", "dba.yaml", yaml.safe_dump({"kind": "slack", "url": HOOK}))
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "dba.yaml").symlink_to("..data/dba.yaml")
    found = channels(tmp_path)
    assert (list(found.usable), found.unusable) == (["dba"], {})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dba.yaml", f"kind: [slack\nurl: {HOOK}"),
        ("dba.yaml", HOOK),
        ("dba.json", f"kind: slack\nurl: {HOOK}"),
        ("dba.yaml", f"kind: pigeon\nurl: {HOOK}"),
        ("DBA.yaml", f"kind: slack\nurl: {HOOK}"),
    ],
)
def test_one_that_cannot_be_used_is_said_without_its_secret(name: str, text: str, tmp_path: Path) -> None:
    write(tmp_path, name, text)
    write(tmp_path, "good.yaml", f"kind: slack\nurl: {HOOK}")
    found = channels(tmp_path)
    assert list(found.usable) == ["good"]
    assert list(found.unusable) == [name]
    assert "secret-of-a-hook" not in found.unusable[name]


def test_what_the_console_writes_the_relay_reads_as_the_same(tmp_path: Path) -> None:
    one = channel("dba", {"kind": "dingtalk", "url": HOOK, "to": "13800000000", "secret": "true", "muted": True})
    entry, content = entry_of(one)
    write(tmp_path, entry, content)
    assert channels(tmp_path).usable == {"dba": one}


def test_no_folder_is_no_channel(tmp_path: Path) -> None:
    assert channels(tmp_path / "none").usable == {}


def test_the_token_is_what_the_file_holds_now(tmp_path: Path) -> None:
    path = tmp_path / "token"
    assert not is_token(path, "")
    path.write_text("")
    assert not is_token(path, ""), "an empty file lets nobody in"
    path.write_text("one\n")
    assert is_token(path, "one")
    path.write_text("two")
    assert not is_token(path, "one")


def test_a_link_that_leads_nowhere_is_refused() -> None:
    assert RelaySettings.of({"MOORAGE_LINK_CONSOLE": "https://console.example/"}).places.console == "https://console.example"
    with pytest.raises(ValueError, match="MOORAGE_LINK_CONSOLE is "):
        RelaySettings.of({"MOORAGE_LINK_CONSOLE": "console.example"})

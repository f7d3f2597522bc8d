"""What is built, and that half of it is never taken for the whole."""

import os
from pathlib import Path

import pytest

from devcluster.binaries import build
from devcluster.binaries.node import version_of as node_version
from devcluster.binaries.toolchain import version_of
from devcluster.imaging import layers
from devcluster.imaging.console_image import only_in
from devcluster.imaging.moorage_image import distribution
from devcluster.imaging.registry import manifest, split
from devcluster.shell import CommandError, fetch


def _binary(name: str, half: bool) -> build.Binary:
    def make(_: build.Binary, __: Path, output: Path) -> None:
        output.write_text("whole")
        if half:
            raise CommandError("killed")

    return build.Binary(name, "1", None, make)


def test_a_program_is_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "CACHE", tmp_path)
    assert _binary("tool", half=False).ensure()
    assert not _binary("tool", half=False).ensure()


def test_what_a_killed_build_left_is_removed_and_never_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "CACHE", tmp_path)
    broken = _binary("tool", half=True)
    with pytest.raises(CommandError):
        broken.ensure()
    assert not broken.path.exists()
    assert list(broken.path.parent.iterdir()) != []
    assert _binary("tool", half=False).ensure()
    assert [path.name for path in broken.path.parent.iterdir()] == ["tool"]


def test_one_failure_of_the_network_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devcluster.shell.time.sleep", lambda _: None)
    once = tmp_path / "once"
    assert fetch("sh", "-c", f"test -e {once} && echo well || {{ touch {once}; exit 1; }}") == "well\n"
    with pytest.raises(CommandError, match="no route"):
        fetch("sh", "-c", "echo no route >&2; exit 1")


def test_kubernetes_takes_each_staging_module_from_its_published_twin() -> None:
    published = "replace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n\tother => example.org/other v1\n)\n"
    text = build.kubernetes_go_mod(published, "1.34.4")
    assert "\tk8s.io/api => k8s.io/api v0.34.4\n" in text
    assert "other" not in text


@pytest.mark.parametrize(("said", "version"), [("go version go1.24.3 linux/amd64", (1, 24)), ("nonsense", (0, 0))])
def test_the_version_of_go(said: str, version: tuple[int, int]) -> None:
    assert version_of(said) == version


def test_a_layer_is_the_same_whenever_its_content_is(tmp_path: Path) -> None:
    digests = []
    for name, seconds in (("one", 1_000_000), ("two", 2_000_000)):
        folder = tmp_path / name
        (folder / "bin").mkdir(parents=True)
        (folder / "bin/tool").write_text("text")
        os.utime(folder / "bin/tool", (seconds, seconds))
        target = tmp_path / f"{name}-0.tar"
        layers.pack(folder, target)
        digests.append(layers.layer(target).digest)
    assert digests[0] == digests[1]


def test_the_name_of_an_image_follows_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(b"a")
    (tmp_path / "b.tar").write_bytes(b"b")
    one, other = (manifest([layers.layer(tmp_path / f"{name}.tar")], {})[0] for name in "ab")
    assert one != other
    assert manifest([layers.layer(tmp_path / "a.tar")], {})[0] == one


def test_the_host_of_an_image_is_the_mirrors_business() -> None:
    assert split("ghcr.io/moorage/moorage:dev") == ("moorage/moorage", "dev")


def test_the_image_knows_its_engines() -> None:
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    found = distribution(project)
    assert (
        "[moorage.engines]\nmongodb = moorage.engines.mongodb.engine:ENGINE" in found["moorage-0.1.0.dist-info/entry_points.txt"]
    )


def test_the_consoles_image_adds_what_moorages_own_does_not_have() -> None:
    base = "anyio==4.16.0 ; sys_platform != 'emscripten' \\\n    --hash=sha256:a\nrich==14.0 \\\n    --hash=sha256:b\n"
    more = "anyio==4.16.0 \\\n    --hash=sha256:a\nfastapi==0.165.0 \\\n    --hash=sha256:c \\\n    --hash=sha256:d\nrich==14.0\n"
    assert only_in(more, base) == "fastapi==0.165.0 \\\n    --hash=sha256:c \\\n    --hash=sha256:d\n"


def test_a_version_of_node_is_read_from_what_it_says() -> None:
    assert node_version("v20.19.2\n") == (20, 19)
    assert node_version("command not found") == (0, 0)

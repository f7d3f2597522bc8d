"""Where the development cluster can run, and what it needs there."""

import pytest

from devcluster.machine import installed, objection, release_of

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'


def test_debian_12_with_root_is_welcome() -> None:
    assert objection(release_of(DEBIAN), "x86_64", 0) is None


@pytest.mark.parametrize(
    ("release", "architecture", "user", "sentence"),
    [
        (("ubuntu", "24.04"), "x86_64", 0, "The development cluster needs Debian 12, and this is ubuntu 24.04."),
        (("debian", "12"), "aarch64", 0, "The development cluster needs an x86_64 machine, and this is aarch64."),
        (("debian", "12"), "x86_64", 1000, "so it must be run as root."),
    ],
)
def test_elsewhere_one_sentence_says_why_not(release: tuple[str, str], architecture: str, user: int, sentence: str) -> None:
    found = objection(release, architecture, user)
    assert found is not None
    assert sentence in found
    assert "\n" not in found


def test_a_package_that_is_only_unpacked_is_not_installed() -> None:
    text = (
        "Package: runc\nStatus: install ok installed\nVersion: 1\n\n"
        "Package: buildah\nStatus: install ok half-configured\n\n"
        "Package: runit\nStatus: deinstall ok config-files\n"
    )
    assert installed(text) == {"runc"}

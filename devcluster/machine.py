"""Whether this machine can carry the cluster, and the Debian packages that it needs for that."""

import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devcluster.shell import fetch, run, succeeds

PACKAGES = (
    "age",  # backups are restored by stock tools in a test
    "buildah",
    "ca-certificates",
    "conntrack",
    "containerd",
    "containernetworking-plugins",
    "docker-registry",
    "e2fsprogs",
    "iproute2",
    "iptables",
    "kmod",
    "make",
    "mmdebstrap",
    "mount",
    "nftables",
    "openssl",
    "procps",
    "python3-venv",
    "runc",
    "util-linux",
    "xfsprogs",
    "zstd",
)
UNITS = {"containerd": "containerd.service", "docker-registry": "docker-registry.service"}
MODULES = ("overlay", "br_netfilter", "nf_tables", "nf_conntrack", "veth", "bridge", "loop")
POLICY = Path("/usr/sbin/policy-rc.d")
NO_DAEMONS = "#!/bin/sh\n# Moorage's development cluster installs packages; it takes this file away again.\nexit 101\n"
OTHER_WAY = """On any Kubernetes 1.30 or newer (kind, k3s, a cloud) Moorage is installed with:

    helm install moorage charts/moorage --namespace moorage-system --create-namespace"""


def release_of(text: str) -> tuple[str, str]:
    """The system's name and version out of the text of /etc/os-release."""
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return fields.get("ID", "unknown").strip('"'), fields.get("VERSION_ID", "").strip('"')


def objection(release: tuple[str, str], architecture: str, user_id: int) -> str | None:
    """Why the cluster cannot run here, or None."""
    if release != ("debian", "12"):
        return f"The development cluster needs Debian 12, and this is {' '.join(release).strip()}."
    if architecture != "x86_64":
        return f"The development cluster needs an x86_64 machine, and this is {architecture}."
    if user_id != 0:
        return "The development cluster makes network namespaces and mounts, so it must be run as root."
    return None


def check() -> None:
    """End with one sentence and the other way when this machine cannot carry the cluster."""
    os_release = Path("/etc/os-release")
    release = release_of(os_release.read_text()) if os_release.exists() else (platform.system(), "")
    reason = objection(release, platform.machine(), os.geteuid())
    if reason:
        raise SystemExit(f"{reason}\n{OTHER_WAY}")


def missing_packages() -> list[str]:
    """Which of the needed packages are not installed, or only half."""
    there = installed(Path("/var/lib/dpkg/status").read_text(errors="replace"))
    return [package for package in PACKAGES if package not in there]


def installed(text: str) -> set[str]:
    """The names of all packages that are installed, out of the text of /var/lib/dpkg/status."""
    found = set()
    for paragraph in text.split("\n\n"):
        if "\nStatus: install ok installed\n" in f"{paragraph}\n":
            found.add(paragraph.partition("Package: ")[2].partition("\n")[0])
    return found


def install(packages: list[str]) -> None:
    """Install packages, without starting the daemons that come with some of them."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    patience = ("-o", "Acquire::Retries=5", "-o", "DPkg::Lock::Timeout=120")
    with _no_daemons():
        run("dpkg", "--configure", "-a", env=env)  # what an earlier run that was killed left half done
        fetch("apt-get", "update", "-q", *patience, env=env)
        fetch("apt-get", "install", "-y", "-q", *patience, "--no-install-recommends", *packages, env=env)
    for package in packages:
        if package in UNITS and shutil.which("systemctl"):
            succeeds("systemctl", "disable", UNITS[package])


def load_modules() -> None:
    """Ask for the kernel's modules; where they are built in, or no module tools exist, what needs them will tell."""
    for module in MODULES:
        succeeds("modprobe", module)


@contextmanager
def _no_daemons() -> Iterator[None]:
    """Debian asks this file before it starts a freshly installed daemon."""
    if POLICY.exists() and POLICY.read_text() != NO_DAEMONS:
        yield
        return
    POLICY.write_text(NO_DAEMONS)
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()

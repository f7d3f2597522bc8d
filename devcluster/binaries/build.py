"""Builds Kubernetes, etcd, CoreDNS, helm and the others from Go modules (a quarter of an hour, then never again)."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devcluster.binaries import toolchain
from devcluster.config import (
    CACHE,
    CHECKOUT,
    COREDNS_VERSION,
    ETCD_VERSION,
    HELM_VERSION,
    KUBERNETES_VERSION,
    MONGO_TOOLS_REVISION,
    MONGO_TOOLS_VERSION,
    VERSITYGW_VERSION,
)
from devcluster.shell import fetch, run

KUBERNETES_PARTS = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "kubelet",
    "kubectl",
)

NETWORK = {"download", "tidy", "get"}


@dataclass(frozen=True)
class Binary:
    """A program: what it is called, from which version and source, and how it is built in a scratch folder."""

    name: str
    version: str
    source: Path | None
    build: Callable[["Binary", Path, Path], None]

    @property
    def path(self) -> Path:
        """Named by all that decides its content, so that another version never wears this one's name."""
        text = self.source.read_bytes() if self.source else b""
        return CACHE / "bin" / f"{self.name}-{self.version}-{hashlib.sha256(text).hexdigest()[:8]}" / self.name

    def ensure(self) -> bool:
        """Build it unless it is there; whether it had to be built."""
        if self.path.exists():
            return False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for leftover in self.path.parent.glob(f"{self.name}.*"):  # of a build that was killed
            leftover.unlink()
        half_done = self.path.with_suffix(f".{os.getpid()}")
        with tempfile.TemporaryDirectory() as scratch:
            if self.source:
                shutil.copy(self.source, scratch)
            self.build(self, Path(scratch), half_done)
        half_done.chmod(0o755)
        half_done.rename(self.path)
        return True


def go(folder: Path, *arguments: str | Path) -> str:
    """Run Go; what asks the network is run again when that fails."""
    how = fetch if NETWORK.intersection(map(str, arguments)) else run
    return how(toolchain.go(), *arguments, cwd=folder, env=toolchain.environment())


def _build_kubernetes(binary: Binary, folder: Path, output: Path) -> None:
    module = json.loads(go(folder, "mod", "download", "-json", f"k8s.io/kubernetes@v{binary.version}"))
    text = (Path(module["Dir"]) / "go.mod").read_text()
    (folder / "go.mod").write_text(kubernetes_go_mod(text, binary.version))
    go(folder, "mod", "tidy", "-e")
    major, minor = binary.version.split(".")[:2]
    flags = ["-s", "-w"]
    for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version"):
        for name, value in (("gitVersion", f"v{binary.version}"), ("gitMajor", major), ("gitMinor", minor)):
            flags += ["-X", f"{package}.{name}={value}"]
    go(folder, "build", "-o", output, "-ldflags", " ".join(flags), ".")


def kubernetes_go_mod(published: str, version: str) -> str:
    """Kubernetes replaces its staging modules by folders of its own tree: point each at its published v0.x twin."""
    twin = f"v0.{version.split('.', 1)[1]}"
    staging = [line.split("=>")[0].split()[-1] for line in published.splitlines() if "=> ./staging/" in line]
    lines = [f"\t{module} => {module} {twin}" for module in staging]
    return "\n".join(
        [
            "module moorage.dev/kubernetes",
            "",
            "go 1.24.0",
            "",
            f"require k8s.io/kubernetes v{version}",
            "",
            "replace (",
            *lines,
            ")",
            "",
        ]
    )


def _build_etcd(binary: Binary, folder: Path, output: Path) -> None:
    module = "go.etcd.io/etcd/server/v3"
    go(folder, "mod", "init", f"moorage.dev/{binary.name}")
    go(folder, "get", f"{module}@v{binary.version}")
    go(folder, "build", "-o", output, "-ldflags", "-s -w", module)


def _build_coredns(binary: Binary, folder: Path, output: Path) -> None:
    go(folder, "mod", "init", "moorage.dev/coredns")
    go(folder, "get", f"github.com/coredns/coredns@v{binary.version}")
    go(folder, "mod", "tidy")
    go(folder, "build", "-o", output, "-ldflags", "-s -w", ".")


def _build_helm(binary: Binary, folder: Path, output: Path) -> None:
    version = f"-X helm.sh/helm/v3/internal/version.version=v{binary.version}"
    env = {**toolchain.environment(), "GOBIN": str(folder)}
    command = (toolchain.go(), "install", "-ldflags", f"-s -w {version}", f"helm.sh/helm/v3/cmd/helm@v{binary.version}")
    fetch(*command, cwd=folder, env=env)
    shutil.move(folder / "helm", output)


def _build_versitygw(binary: Binary, folder: Path, output: Path) -> None:
    env = {**toolchain.environment(), "GOBIN": str(folder)}
    version = f"-X main.Version=v{binary.version}"
    package = f"github.com/versity/versitygw/cmd/versitygw@v{binary.version}"
    fetch(toolchain.go(), "install", "-ldflags", f"-s -w {version}", package, cwd=folder, env=env)
    shutil.move(folder / "versitygw", output)


def _build_mongo_tool(binary: Binary, folder: Path, output: Path) -> None:
    module = f"github.com/mongodb/mongo-tools@{MONGO_TOOLS_REVISION}"
    flags = f"-s -w -X main.VersionStr={binary.version} -X main.GitCommit={MONGO_TOOLS_REVISION.rpartition('-')[2]}"
    go(folder, "mod", "init", f"moorage.dev/{binary.name}")
    go(folder, "get", f"{module.replace('@', f'/{binary.name}/main@')}")
    go(folder, "build", "-o", output, "-ldflags", flags, f"github.com/mongodb/mongo-tools/{binary.name}/main")


def _build_pause(binary: Binary, folder: Path, output: Path) -> None:
    go(folder, "mod", "init", f"moorage.dev/{binary.name}")
    go(folder, "build", "-o", output, "-ldflags", "-s -w", ".")


HERE = Path(__file__).parent
KUBERNETES = Binary("kubernetes", KUBERNETES_VERSION, HERE / "kubernetes/main.go", _build_kubernetes)
ETCD = Binary("etcd", ETCD_VERSION, None, _build_etcd)
COREDNS = Binary("coredns", COREDNS_VERSION, HERE / "coredns/main.go", _build_coredns)
HELM = Binary("helm", HELM_VERSION, None, _build_helm)
PAUSE = Binary("pause", "1", CHECKOUT / "images/pause/main.go", _build_pause)
VERSITYGW = Binary("versitygw", VERSITYGW_VERSION, None, _build_versitygw)
MONGO_TOOLS = tuple(Binary(name, MONGO_TOOLS_VERSION, None, _build_mongo_tool) for name in ("mongodump", "mongorestore"))
ALL = (PAUSE, KUBERNETES, ETCD, COREDNS, HELM, VERSITYGW, *MONGO_TOOLS)


def link(folder: Path) -> None:
    """Put every program under its own name into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    targets = dict.fromkeys(KUBERNETES_PARTS, KUBERNETES.path)
    targets |= {one.name: one.path for one in (ETCD, COREDNS, HELM)}
    for name, target in targets.items():
        place = folder / name
        if place.is_symlink() and place.readlink() == target:
            continue
        place.unlink(missing_ok=True)
        place.symlink_to(target)

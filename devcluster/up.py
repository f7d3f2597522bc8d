"""`up`: every step by name, in order, each of which does nothing when its work is done already."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from devcluster import (
    addons,
    backup_store,
    console,
    control_plane,
    demo,
    first_backup,
    host_services,
    install,
    links,
    machine,
    network,
    nodes,
    pki,
    s3,
)
from devcluster.binaries import build
from devcluster.binaries import monitoring as monitoring_programs
from devcluster.config import BIN, CACHE, CHECKOUT, LOGS, NODES, RECORDS, STATE, WITH_MONITORING
from devcluster.imaging import console_image, monitoring_images, moorage_image, pause, preload, stand_ins
from devcluster.steps import step


def up() -> None:
    """From whatever the machine is in to a running cluster."""
    started = time.monotonic()
    machine.check()
    _prepare_machine()
    _build_binaries()
    _start_cluster()
    with ThreadPoolExecutor(1) as aside:
        built = [aside.submit(stand_ins.ensure, stand_in) for stand_in in stand_ins.MEANWHILE]
        image, of_console = _bring_images()
        pulled = aside.submit(preload.pull, NODES, [stand_in.image for stand_in in stand_ins.MEANWHILE])
        _install(image, of_console)
        _wait_for_other_images(built, pulled)
    print(demo.summary(time.monotonic() - started, first_backup.summary(), console.summary()))


def _prepare_machine() -> None:
    with step("Blackhole routes: nothing leaves the machine"):
        network.check_ranges()
        network.blackholes()
    with step("Debian packages") as this:
        missing = machine.missing_packages()
        if missing:
            machine.install(missing)
        machine.load_modules()
        this.note(f"installed {' '.join(missing)}" if missing else "all there")
    for folder in (STATE, LOGS, RECORDS, CACHE):
        folder.mkdir(parents=True, exist_ok=True)
    (STATE / "checkout").write_text(f"{CHECKOUT}\n")


def _build_binaries() -> None:
    for binary in (*build.ALL, *(monitoring_programs.ALL if WITH_MONITORING else ())):
        with step(f"Program {binary.name} {binary.version}") as this:
            this.note("built" if binary.ensure() else "cached")
    build.link(BIN)


def _start_cluster() -> None:
    with step(f"Network: {len(NODES)} nodes on a bridge"):
        network.ensure()
        links.heal_if_cut()
    with step("Certificates") as this:
        this.note("made" if pki.ensure() else "there")
    with step("etcd, API server, controller manager, scheduler"):
        control_plane.start()
    with step("DNS and image registry"):
        host_services.start_dns()
        host_services.start_registry()
    with step("S3 service"):
        s3.start()
    with step("Pause image"):
        pause.ensure()
    with step("Storage classes, volumes and L4 addresses"):
        addons.apply_storage_classes()
        addons.start_controller()
    with step("Nodes: containerd, kubelet, kube-proxy"):
        nodes.start()
        nodes.wait_ready()
        nodes.forget_others()


def _bring_images() -> tuple[str, str]:
    """Names of Moorage's own image and of the console's."""
    for stand_in in stand_ins.FIRST:
        with step(f"Image {stand_in.image}") as this:
            this.note("built" if stand_ins.ensure(stand_in) else "there")
    with step("Image of Moorage") as this:
        image, new = moorage_image.build_and_push()
        this.note(f"{image}{'' if new else ' (there)'}")
    with step("Image of the console") as this:
        of_console, new = console_image.build_and_push()
        this.note(f"{of_console}{'' if new else ' (there)'}")
    of_monitoring = _monitoring_images() if WITH_MONITORING else []
    with step("Images onto the nodes"):
        preload.pull(NODES, [image, of_console, *of_monitoring, *(stand_in.image for stand_in in stand_ins.FIRST)])
    return image, of_console


def _monitoring_images() -> list[str]:
    with step("Images of Prometheus and Alertmanager") as this:
        this.note("pushed" if monitoring_images.ensure() else "there")
    return list(monitoring_images.IMAGES)


def _wait_for_other_images(built: Sequence[Future[bool]], pulled: Future[None]) -> None:
    for stand_in, is_new in zip(stand_ins.MEANWHILE, built, strict=True):
        with step(f"Image {stand_in.image}, brought onto the nodes meanwhile") as this:
            this.note("built" if is_new.result() else "there")
            pulled.result()


def _install(image: str, of_console: str) -> None:
    with step("Python environment for the CLI and the tests"):
        install.prepare_environment()
    with step("Moorage, by its chart"):
        install.install_chart(image, of_console, with_monitoring=WITH_MONITORING)
    with step("Console shows its page"):
        console.wait_ready()
    with step("Backup store s3"):
        backup_store.ensure()
    with step("Service demo is green") as this:
        this.note("deployed" if demo.deploy() else "was there")
        demo.wait_green(image)
    with step("First backup of demo is verified") as this:
        this.note("taken" if first_backup.ensure() else "was there")

"""`python3 -m devcluster COMMAND`: the development cluster's command line."""

import argparse
import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from devcluster import console, down, faults, host_services, links, machine, members, s3, up
from devcluster.config import KUBECONFIG, STATE
from devcluster.imaging import console_image, moorage_image
from devcluster.shell import CommandError


def main() -> None:
    arguments = _parser().parse_args()
    try:
        if arguments.command == "kubeconfig":
            print(KUBECONFIG)
        elif arguments.command == "password":
            print(console.first_password())
        elif arguments.command == "status":
            lines, all_run = faults.status()
            print("\n".join(lines))
            sys.exit(0 if all_run else 1)
        else:
            machine.check()
            with _one_at_a_time():
                _run(arguments)
    except (CommandError, OSError) as error:
        sys.exit(f"devcluster: {error}")
    except KeyboardInterrupt:
        sys.exit("\ndevcluster: interrupted; the same command again goes on from here")


def _run(given: argparse.Namespace) -> None:
    match given.command:
        case "up":
            up.up()
        case "down":
            down.down()
        case "clean":
            down.clean()
        case "image":
            host_services.start_registry()
            print(moorage_image.build_and_push()[0])
            print(console_image.build_and_push()[0])
        case "node":
            (faults.stop_node if given.action == "stop" else faults.start_node)(given.node)
        case "cut":
            links.cut(given.one, given.other, one_way=given.one_way)
        case "heal":
            links.heal(given.one, given.other)
        case "kill":
            print(f"the engine of {members.kill_engine(given.service, given.pod)} was killed")
        case "s3":
            _break_s3(given.action)
        case "fill":
            print(f"{members.fill(given.claim) / 2**20:.0f} MiB taken; no room is left in {given.claim}")
        case "empty":
            members.empty(given.claim)
        case name:
            (faults.stop_process if given.action == "stop" else faults.start_process)(name)


def _break_s3(action: str) -> None:
    match action:
        case "freeze":
            s3.freeze()
        case "fill":
            print(f"{s3.fill() / 2**20:.0f} MiB taken; no room is left in the S3 service")
        case _:
            (faults.stop_process if action == "stop" else faults.start_process)(s3.NAME)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m devcluster", description="A real three-node Kubernetes on this machine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, does in (
        ("up", "build what is missing, start what does not run"),
        ("down", "stop everything that was started, keep the data"),
        ("clean", "down, and remove the data"),
        ("kubeconfig", "print the path of the kubeconfig"),
        ("image", "build and push this checkout's images; print their names"),
        ("password", "print the first password of the console's administrator"),
        ("status", "what runs; exit code 1 when something that should does not"),
    ):
        commands.add_parser(name, help=does)
    _add_faults(commands)
    return parser


def _add_faults(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    node = commands.add_parser("node", help="stop a node as a power cut does, or start it")
    node.add_argument("action", choices=("stop", "start"))
    node.add_argument("node")
    cut = commands.add_parser("cut", help="drop all traffic between two of n1 n2 n3 host; `all` as the second: every other")
    cut.add_argument("one")
    cut.add_argument("other")
    cut.add_argument("--one-way", action="store_true", help="only what the first sends to the second")
    heal = commands.add_parser("heal", help="take cuts back: all, one end's, or those between two")
    heal.add_argument("one", nargs="?")
    heal.add_argument("other", nargs="?")
    kill = commands.add_parser("kill", help="`kill -9` of the engine of a service's primary")
    kill.add_argument("service", help="NAME, or NAMESPACE/NAME")
    kill.add_argument("--pod", help="this Pod's engine instead of the primary's")
    for name, does in (("fill", "take all room of a claim's volume (StorageClass limited)"), ("empty", "give the room back")):
        commands.add_parser(name, help=does).add_argument("claim", help="NAME, or NAMESPACE/NAME")
    for name in faults.HOST_PROCESSES:
        more = {"s3": ("freeze", "fill")}.get(name, ())
        does = "kill the S3 service, start it, let it hang or take its disk's room" if more else f"kill the {name}, or start it"
        commands.add_parser(name, help=does).add_argument("action", choices=("stop", "start", *more))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two of these commands at once would undo each other's work."""
    STATE.parent.mkdir(parents=True, exist_ok=True)
    with STATE.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another devcluster command to end …", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()

"""`python -m tests.chaos`: faults on the running cluster, one after the other, and a table of what came of them."""

import argparse
import itertools
import random
import sys
import time
from collections.abc import Iterator

from devcluster.shell import run as run_command
from tests.chaos import bench, kit, table
from tests.chaos.faults import Fault, all_faults, find
from tests.chaos.result import Result
from tests.chaos.runner import REPORTS, Chosen, run


def main() -> None:
    given = _parser().parse_args()
    kit.choose(given.engine)
    REPORTS.mkdir(parents=True, exist_ok=True)
    if given.list:
        print("\n".join(f"{fault.label(target)}\t{fault.does}" for fault in _tried() for target in fault.targets))
        return
    for label in given.fault or []:
        fault, _ = find(label)
        if why := kit.chosen().without.get(fault.name):
            sys.exit(f"{fault.name} is not tried with {kit.chosen().engine}: {why}")
    if given.clean:
        bench.remove()
        return
    if given.up:
        run_command("python3", "-m", "devcluster", "up")
    started = time.monotonic()
    results: list[Result] = []
    failed = False
    bench.deploy()
    try:
        for chosen, seed in _wanted(given):
            results.append(_one(chosen, seed, keep=given.keep))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    except Exception as error:  # what was found so far is told all the same
        print(f"no more runs: the cluster is not right again: {type(error).__name__}: {error}", file=sys.stderr)
        failed = True
    print(table.text(results))
    red = sum(not r.is_green for r in results)
    closing = f"{red} failed, {len(results) - red} passed in {time.monotonic() - started:.2f}s"
    print(f"{f' {closing} ':=^100}")
    sys.exit(1 if red or failed or not results else 0)


def _one(chosen: list[Chosen], seed: int, *, keep: bool) -> Result:
    print(f"{' '.join(c.label for c in chosen)} --seed {seed} … ", end="", flush=True)
    result = run(chosen, seed, keep=keep)
    print(table.line(result), flush=True)
    return result


def _wanted(given: argparse.Namespace) -> Iterator[tuple[list[Chosen], int]]:
    if given.pairs:
        yield from _pairs(given.seed, given.minutes)
        return
    labels = given.fault or []
    if given.first_wave:
        labels = [fault.label(target) for fault in _tried() for target in fault.targets]
    if not labels:
        sys.exit("nothing to do: name faults with --fault NAME:TARGET, or say --first-wave or --pairs")
    chosen = [Chosen(*find(label)) for label in labels]
    until = time.monotonic() + given.minutes * 60
    for number, one in itertools.product(range(given.times), chosen):
        if time.monotonic() > until:
            return
        yield [one], given.seed + number


def _tried() -> list[Fault]:
    """With the engine that was chosen."""
    return [fault for fault in all_faults().values() if fault.name not in kit.chosen().without]


def _pairs(seed: int, minutes: float) -> Iterator[tuple[list[Chosen], int]]:
    """Two at random, of those that can stand beside each other, for as long as was asked for; at least one pair."""
    able = [f for f in _tried() if f.pairs]
    until = time.monotonic() + minutes * 60
    for number in itertools.count(seed):
        dice = random.Random(number)  # noqa: S311 - dice, not a secret
        first, second = dice.sample(able, 2)
        yield [Chosen(first, dice.choice(first.targets)), Chosen(second, dice.choice(second.targets))], number
        if time.monotonic() > until:
            return


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--engine", choices=sorted(kit.KITS), default="mongodb", help="the engine that is tried")
    parser.add_argument("--fault", action="append", help="NAME:TARGET, such as crash:primary; may be given several times")
    parser.add_argument("--first-wave", action="store_true", help="every fault with every target that it takes")
    parser.add_argument("--pairs", action="store_true", help="random pairs of faults, until --minutes are over")
    parser.add_argument("--times", type=int, default=1, help="how often each fault; the seed goes up by one each time")
    parser.add_argument("--minutes", type=float, default=600.0, help="no run begins after so many minutes")
    parser.add_argument("--seed", type=int, default=1, help="draws victims, moments and durations; the same seed draws the same")
    parser.add_argument("--keep", action="store_true", help="keep histories and logs of runs that are green, too")
    parser.add_argument("--list", action="store_true", help="every fault, its targets and what it does")
    parser.add_argument("--up", action="store_true", help="first have the cluster run this checkout (`make up`)")
    parser.add_argument("--clean", action="store_true", help="remove the service that runs are tried on")
    return parser


if __name__ == "__main__":
    main()

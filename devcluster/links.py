"""Cutting nodes apart and healing them: rules at the switch, one per direction.

The ends are the nodes and `host`, which is where the API server, DNS and the registry are.
"""

from collections.abc import Collection

from devcluster.config import NODES, STATE, SWITCH
from devcluster.shell import run, succeeds

Cut = tuple[str, str]  # frames from the first end to the second are dropped
CUTS = STATE / "cuts"
HOST = "host"


def ends() -> tuple[str, ...]:
    return (*(node.name for node in NODES), HOST)


def pairs(one: str, other: str, *, one_way: bool) -> set[Cut]:
    """The directions that a cut between two ends takes away; `all` stands for every other end."""
    known = ends()
    for name in (one, other):
        if name not in known and not (name == "all" and name is other):
            raise SystemExit(f"there is no {name!r} to cut: the ends are {', '.join(known)}, and `all` as the second")
    others = [end for end in known if end != one] if other == "all" else [other]
    there = {(one, far) for far in others}
    return there if one_way else there | {(far, one) for far in others}


def ruleset(cuts: Collection[Cut]) -> str:
    """The switch's whole rule set, replaced in one step."""
    rules = [f'    iifname "{source}" oifname "{target}" counter drop' for source, target in sorted(cuts)]
    head = ["table bridge moorage", "delete table bridge moorage"]
    body = ["table bridge moorage {", "  chain cuts {", "    type filter hook forward priority 0;", *rules, "  }", "}"]
    return "\n".join([*head, *(body if cuts else []), ""])


def cut(one: str, other: str, *, one_way: bool = False) -> None:
    _apply(_standing() | pairs(one, other, one_way=one_way))


def heal(one: str | None = None, other: str | None = None) -> None:
    """Take back the cuts between two ends, all cuts of one end, or all cuts."""
    if one is None:
        _apply(set())
    else:
        _apply(_standing() - pairs(one, other or "all", one_way=False))


def heal_if_cut() -> None:
    """For `up`: whatever a test left cut is whole again."""
    if _standing() or succeeds(*_NFT, "list", "table", "bridge", "moorage"):
        heal()


_NFT = ("nsenter", f"--net=/run/netns/{SWITCH}", "nft")


def _standing() -> set[Cut]:
    if not CUTS.exists():
        return set()
    return {(words[0], words[1]) for line in CUTS.read_text().splitlines() if len(words := line.split()) == 2}


def _apply(cuts: set[Cut]) -> None:
    run(*_NFT, "-f", "-", stdin=ruleset(cuts))
    CUTS.write_text("".join(f"{source} {target}\n" for source, target in sorted(cuts)))

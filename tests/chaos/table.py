"""`python -m tests.chaos.table`: docs/reliability.md, from the results of real runs and from nothing else."""

import json
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.chaos import kit
from tests.chaos.faults import Fault, all_faults, find
from tests.chaos.faults.fault import Named
from tests.chaos.result import Result

MEASURED = Path("docs/reliability.jsonl")
DOCUMENT = Path("docs/reliability.md")
COLUMNS = (
    "fault",
    "target",
    "what happens",
    "budget",
    "gap: median",
    "worst",
    "green again after",
    "named after",
    "runs",
    "green",
)
VERDICTS = {
    "V1": "no acknowledged write is lost",
    "V2": "never two primaries that both acknowledge",
    "V3": "the time without an acknowledged write is within its budget",
    "V4": "green again without a human, and all members hold the same",
    "V5": "named within 10 s",
    "V6": "nothing of use is thrown away, and nothing at all while others are not well",
}
WITHOUT_A_LINE = """Two red runs of 2026-11-27 have no line any more, and are not in the counts: `api-down:primary` with seed 2
(V2, by an error of the harness) and `crash:primary` with seed 641813 (V3: 2.90 s; six seconds after the first green the other
secondary "could not find member to sync from" until the dead one was back)."""


def line(result: Result) -> str:
    """One run, for the terminal."""
    red = [f"{name}: {'; '.join(found)}" for name, found in result.findings.items()]
    figures = f"gap {_s(result.gap_seconds)} green {_s(result.green_seconds)} named {_s(result.named_seconds)}"
    return f"{'ok' if result.is_green else 'RED'}  {figures}  load {result.load}" + "".join(f"\n    {why[:600]}" for why in red)


def text(results: Sequence[Result]) -> str:
    """The table at the end of some runs, for the terminal."""
    rows = [f"{'fault':<34}{'runs':>5}{'green':>6}{'gap':>8}{'worst':>8}{'to green':>9}"]
    for label in dict.fromkeys(r.fault for r in results):
        mine = [r for r in results if r.fault == label]
        gap, worst = _median(r.gap_seconds for r in mine), _worst(r.gap_seconds for r in mine)
        green = _median(r.green_seconds for r in mine)
        rows.append(f"{label:<34}{len(mine):>5}{sum(r.is_green for r in mine):>6}{gap:>8}{worst:>8}{green:>9}")
    return "\n".join(rows)


def read(path: Path) -> list[Result]:
    return [Result(**json.loads(found)) for found in _lines(path)]


def merged(before: Sequence[str], fresh: Sequence[str]) -> list[str]:
    """Every run counts, a red one also when the same fault was green later. A run that is there already is not added again."""
    known = set(before)
    return [*before, *(found for found in dict.fromkeys(fresh) if found not in known)]


def _lines(path: Path) -> list[str]:
    return [found for found in path.read_text().splitlines() if found.strip()] if path.exists() else []


def document(results: Sequence[Result]) -> str:
    """The whole page: MongoDB's table, and MySQL's below as soon as there is a run."""
    mongodb = [r for r in results if r.engine == "mongodb"]
    single = [r for r in mongodb if "+" not in r.fault]
    pairs = [r for r in mongodb if "+" in r.fault]
    rows = _table(single, list(all_faults().values()))
    return "\n".join([_head(single, pairs), *rows, "", _reds(mongodb), _notes(), "", *_of_mysql(results)])


def _of_mysql(results: Sequence[Result]) -> list[str]:
    """Its budgets, and which faults are not tried with it, are in `tests/chaos/kit.py`."""
    mine = [r for r in results if r.engine == "mysql"]
    if not mine:
        return []
    with kit.trying("mysql"):
        faults = [fault for name, fault in all_faults().items() if name not in kit.chosen().without]
        rows = _table([r for r in mine if "+" not in r.fault], faults)
        without = [f"- `{name}` is not tried: {why}." for name, why in kit.chosen().without.items()]
        without += [f"- `{label}` is named within {most:g} s: {why}." for label, (most, why) in kit.chosen().named_later.items()]
    red = _reds(mine).replace("## Runs", "### Runs").replace(f"{WITHOUT_A_LINE}\n", "")
    return ["## MySQL", "", *rows, "", *without, "", red]


def _table(single: Sequence[Result], faults: Sequence[Fault]) -> list[str]:
    rows = [
        f"| {' | '.join(COLUMNS)} |",
        "|" + "---|" * len(COLUMNS),
    ]
    for fault in faults:
        for target in fault.targets:
            mine = [r for r in single if r.fault == fault.label(target)]
            budget = f"{fault.budget_seconds(target):g} s" + (" after it" if fault.gap_since_heal else "")
            named = _median(r.named_seconds for r in mine) if isinstance(fault.named, Named) else "nothing to name"
            figures = [_median(r.gap_seconds for r in mine), _worst(r.gap_seconds for r in mine)]
            figures += [_median(r.green_seconds for r in mine), named if mine else "–"]
            verdict = _verdict(mine)
            does = f"{fault.does} → {fault.happens}" if target == fault.targets[0] else "the same"
            cells = [f"`{fault.name}`", target, does, budget, *figures, str(len(mine)), verdict]
            rows.append(f"| {' | '.join(cells)} |")
    return rows


def _head(single: Sequence[Result], pairs: Sequence[Result]) -> str:
    days = sorted({r.when[:10] for r in (*single, *pairs)})
    when = f"{days[0]} to {days[-1]}" if len(days) > 1 else (days[0] if days else "never")
    verdicts = "\n".join(f"- **{name}**: {what}." for name, what in VERDICTS.items())
    red = sum(not r.is_green for r in pairs)
    loads = sorted(r.load for r in (*single, *pairs))
    busy = f"{loads[0]:g} to {loads[-1]:g}, in the middle {statistics.median(loads):g}" if loads else "not known"
    images = len({r.image for r in (*single, *pairs)})
    were = "was" if red == 1 else "were"
    beside = f"\nBesides, {len(pairs)} random pairs of faults were tried; {red} of them {were} red.\n" if pairs else ""
    return f"""# Reliability, measured

What was broken on purpose on the development cluster (2 cores, three nodes), what came of it, and how often. This page is written
by `python -m tests.chaos.table` from `docs/reliability.jsonl`, one line for each run ({when}); nobody edits it. Every run
counts, so a row mixes what was tried ({images} states of the code); below stands which runs were red, and what came of it since.

While a fault stands, clients write and read all the time through the service's address with `w: majority`. The gap is the longest
time between two acknowledged writes. Afterwards six things must hold, or the run is red:

{verdicts}

`green again after` is counted from the moment when the fault was over; 0 s: the service was green all the time, or again so
soon that nobody saw it. A gap `after it` is counted from there, too: while the fault stands too many members are away for any
service. A budget is what we want to keep, from what the best of the field do. All times are medians where nothing else is said.
The machine also does other work: its load average was {busy} when runs began, on two cores. Times are the longer for it.
A run that broke off by itself says nothing of the six; it is not green, and is called `not judged`.
{beside}"""


def _verdict(mine: Sequence[Result]) -> str:
    if not mine:
        return "not measured yet"
    green = sum(r.is_green for r in mine)
    if green == len(mine):
        return "all"
    broken = sorted({name for r in mine for name, holds in r.verdicts.items() if not holds})
    return f"**{green} of {len(mine)}** ({', '.join(broken)})"


def _reds(results: Sequence[Result]) -> str:
    red = [r for r in results if not r.is_green]
    lines = [
        f"- `{r.fault}`, seed {r.seed}, {r.when[:16].replace('T', ' ')}, {_tried(r)}: {_plain(r)}{_since(r, results)}"
        for r in red
    ]
    return "\n".join(["## Runs that were red", "", *(lines or ["None."]), "", WITHOUT_A_LINE, ""])


def _tried(result: Result) -> str:
    return f"image `{result.image}`, load {result.load:g}" if result.image else f"load {result.load:g}"


def _since(red: Result, results: Sequence[Result]) -> str:
    """What came of the same fault later; what somebody found out about this run."""
    later = [r for r in results if r.fault == red.fault and r.when > red.when]
    green = sum(r.is_green for r in later)
    told = f"Since then {green} of {len(later)} runs were green." if later else "Not tried again."
    return "".join(f" {said}" for said in (told, _mended(red, later), red.note) if said)


def _mended(red: Result, later: Sequence[Result]) -> str:
    """What the same seed was green with in the end; empty when it was not, or was never tried again."""
    last = max((r for r in later if r.seed == red.seed), key=lambda r: r.when, default=None)
    if last is None or not last.is_green:
        return ""
    return f"Green since with the same seed{f', image `{last.image}`' if last.image else ''}."


def _plain(result: Result) -> str:
    said = "; ".join(f"{name}: {found[0][:300]}" for name, found in result.findings.items()).replace("|", "/").replace("\n", " ")
    return f"{said}."


def _notes() -> str:
    rows = []
    for fault in all_faults().values():
        if not isinstance(fault.named, Named):
            rows.append(f"- `{fault.name}`: nothing has to be named: {fault.named.why}.")
        elif fault.named.why_longer:
            rows.append(f"- `{fault.name}`: named within {fault.named.within_seconds:g} s: {fault.named.why_longer}.")
        if fault.why_via:
            rows.append(f"- `{fault.name}`: its clients use the replica-set URI: {fault.why_via}.")
    return "## What is measured otherwise, and why\n\n" + "\n".join(rows)


def _median(values: Iterable[float | None]) -> str:
    known = [v for v in values if v is not None]
    return _s(statistics.median(known)) if known else "–"


def _worst(values: Iterable[float | None]) -> str:
    found = list(values)
    return "endless" if any(v is None for v in found) else _s(max(found, default=None))  # type: ignore[type-var]


def _s(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s" if value >= 10 else f"{value:.2g} s"


def main() -> None:
    """Without an argument: writes the page anew. With `add FILE`: first adds the results of that file."""
    if sys.argv[1:2] == ["add"]:
        MEASURED.write_text("".join(f"{line}\n" for line in merged(_lines(MEASURED), _lines(Path(sys.argv[2])))))
    results = read(MEASURED)
    for result in results:
        for label in result.fault.split("+"):
            find(label)
    DOCUMENT.write_text(document(results))
    print(text(results))


if __name__ == "__main__":
    main()

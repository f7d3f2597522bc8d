"""The page of figures holds what was measured, and says what was not."""

from dataclasses import replace
from pathlib import Path

from tests.chaos.result import NOT_JUDGED, Result
from tests.chaos.table import DOCUMENT, MEASURED, document, merged, read

ROOT = Path(__file__).resolve().parents[3]
GREEN = Result("crash:primary", 1, "2026-01-01T00:00:00+00:00", {"V1": True}, {}, 0.5, 3.0, 0.4, "status: …", 900, 1.0)
RED = Result(
    "crash:primary", 2, "2026-01-01T00:00:00+00:00", {"V1": False}, {"V1": ["17 is lost"]}, None, None, None, "", 900, 1.0
)


def row(text: str, fault: str) -> list[str]:
    return next(line for line in text.splitlines() if line.startswith(f"| `{fault}` | primary")).split(" | ")


def test_a_fault_that_never_ran_says_so_and_has_no_figure() -> None:
    assert row(document([GREEN]), "freeze")[-6:] == ["–", "–", "–", "–", "0", "not measured yet |"]


def test_a_red_run_is_counted_named_and_its_endless_gap_is_the_worst() -> None:
    text = document([GREEN, RED])
    assert row(text, "crash")[-6:] == ["0.5 s", "endless", "3 s", "0.4 s", "2", "**1 of 2** (V1) |"]
    assert "`crash:primary`, seed 2, 2026-01-01 00:00, load 1: V1: 17 is lost." in text


def test_the_committed_page_is_the_one_of_the_committed_results() -> None:
    assert (ROOT / DOCUMENT).read_text() == document(read(ROOT / MEASURED))


def test_a_run_that_was_red_counts_also_when_the_same_seed_is_green_later() -> None:
    first, other, again = (
        f'{{"fault": "crash:primary", "seed": {seed}, "gap": {gap}}}' for seed, gap in ((1, 9), (2, 1), (1, 2))
    )
    assert merged([first, other], [again]) == [first, other, again]


def test_results_that_are_added_twice_count_once() -> None:
    assert merged(["a", "b"], ["b", "c", "c"]) == ["a", "b", "c"]


def test_what_came_of_a_red_run_later_and_what_was_found_out_stands_beside_it() -> None:
    later = replace(GREEN, seed=2, when="2026-01-02T00:00:00+00:00")
    text = document([replace(RED, note="The harness read too early.", image="abc"), later])
    assert "`crash:primary`, seed 2, 2026-01-01 00:00, image `abc`, load 1: V1: 17 is lost." in text
    assert "Since then 1 of 1 runs were green. Green since with the same seed. The harness read too early." in text
    assert "Not tried again." in document([GREEN, RED])


def test_a_red_run_whose_seed_was_green_later_names_what_it_was_green_with() -> None:
    later = replace(GREEN, seed=2, when="2026-01-02T00:00:00+00:00", image="def")
    assert "Green since with the same seed, image `def`." in document([RED, later])
    red_again = replace(RED, when="2026-01-03T00:00:00+00:00")
    assert "Green since" not in document([RED, later, red_again])
    assert "Green since" not in document([RED, replace(later, seed=3)])


def test_red_runs_whose_lines_are_gone_are_told_of_all_the_same() -> None:
    assert "`crash:primary` with seed 641813" in document([])


def test_a_run_that_broke_off_is_red_and_accuses_nobody() -> None:
    broke = replace(RED, verdicts={NOT_JUDGED: False}, findings={NOT_JUDGED: ["KeyError: 'spec'"]})
    text = document([GREEN, broke])
    assert row(text, "crash")[-2:] == ["2", "**1 of 2** (not judged) |"]
    assert "not judged: KeyError: 'spec'." in text

"""What several tests want from a cold cache is made by one of them."""

import multiprocessing
from pathlib import Path

from devcluster.once import alone_at


def _make(folder: str) -> None:
    made = Path(folder, "made")
    with alone_at(made):
        if not made.exists():
            with Path(folder, "makers").open("a") as makers:
                makers.write("one\n")
            made.mkdir()


def test_of_many_that_want_it_at_once_one_makes_it(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.map(_make, [str(tmp_path)] * 8, chunksize=1)
    assert (tmp_path / "makers").read_text() == "one\n"

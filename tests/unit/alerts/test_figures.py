"""The page of alerts that were caused holds what was measured."""

from dataclasses import replace
from pathlib import Path

from tests.alerts.figures import DOCUMENT, MEASURED, Figure, document, ended, merged, read, write

ROOT = Path(__file__).resolve().parents[3]
LAG = Figure("MoorageMongodbLag", "shop/orders (orders-g1-1)", "it may not write", 120, 190, "2026-11-28")


def test_the_newest_figure_of_an_alert_counts() -> None:
    other = replace(LAG, about="shop/books (books-g1-0)")
    assert merged([LAG, other], [replace(LAG, told_seconds=170)]) == [replace(LAG, told_seconds=170), other]


def test_the_end_of_a_service_is_that_of_all_alerts_of_its_members() -> None:
    other = replace(LAG, about="shop/orders2")
    assert ended([LAG, other], "shop/orders", 300) == [replace(LAG, over_seconds=300), other]


def test_what_is_written_is_read_again_and_shown(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    write([LAG], tmp_path)
    write([replace(LAG, alert="MoorageStoreNotReady", about="shop/s3", over_seconds=31, joined=True)], tmp_path)
    assert [figure.about for figure in read(tmp_path / MEASURED)] == [LAG.about, "shop/s3"]
    page = (tmp_path / DOCUMENT).read_text()
    assert "| it may not write | 120 s | 190 s | – | 2026-11-28 |" in page
    assert "| it may not write | 120 s | 190 s (joined) | 31 s | 2026-11-28 |" in page


def test_a_page_without_figures_says_so() -> None:
    assert "| not measured yet |" in document([])
    assert "not measured yet" not in document([LAG])


def test_the_committed_page_is_the_one_of_the_committed_figures() -> None:
    assert (ROOT / DOCUMENT).read_text() == document(read(ROOT / MEASURED))

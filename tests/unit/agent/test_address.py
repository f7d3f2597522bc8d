"""Who may stand behind the address."""

from typing import Any

import pytest

from moorage.agent.endpoint import has_heir, is_vacant, term_of, why_not_claimable
from moorage.core import names


def _slice(holder: str = "", addresses: tuple[str, ...] = (), term: int = 0) -> dict[str, Any]:
    marks = {names.ANNOTATION_TERM: str(term), names.ANNOTATION_HOLDER: holder}
    return {"metadata": {"annotations": marks}, "endpoints": [{"addresses": [a]} for a in addresses]}


def test_a_slice_that_was_deleted_and_made_again_is_vacant() -> None:
    assert is_vacant(_slice())


def test_a_slice_that_a_member_stands_behind_is_not_vacant() -> None:
    assert not is_vacant(_slice("orders-g1-1", ("10.0.0.1",)))


def test_a_slice_that_does_not_exist_yet_is_not_vacant() -> None:
    assert not is_vacant(None)


@pytest.mark.parametrize("text", ["seven", "-1", "", " 7", "7.5"])
def test_what_somebody_wrote_in_place_of_a_term_stops_no_agent_and_the_next_claim_puts_it_right(text: str) -> None:
    marks = {names.ANNOTATION_TERM: text, names.ANNOTATION_HOLDER: "orders-g1-1"}
    assert why_not_claimable(marks, pod="orders-g1-0", term=3) is None
    assert term_of({"metadata": {"annotations": marks}}) == 0


def test_a_claim_of_an_older_term_loses() -> None:
    held = {names.ANNOTATION_TERM: "7", names.ANNOTATION_HOLDER: "orders-g1-1"}
    assert why_not_claimable(held, pod="orders-g1-0", term=6) is not None


def test_two_claims_of_one_term_do_not_both_win() -> None:
    held = {names.ANNOTATION_TERM: "7", names.ANNOTATION_HOLDER: "orders-g1-1"}
    assert why_not_claimable(held, pod="orders-g1-0", term=7) is not None
    assert why_not_claimable(held, pod="orders-g1-1", term=7) is None


def test_a_claim_of_a_later_term_wins() -> None:
    held = {names.ANNOTATION_TERM: "7", names.ANNOTATION_HOLDER: "orders-g1-1"}
    assert why_not_claimable(held, pod="orders-g1-0", term=8) is None


def test_only_another_members_later_claim_is_an_heir() -> None:
    assert has_heir(_slice("orders-g1-1", ("10.0.0.1",), term=8), pod="orders-g1-0", term=7)
    assert not has_heir(_slice("orders-g1-0", ("10.0.0.0",), term=8), pod="orders-g1-0", term=7)
    assert not has_heir(_slice("", (), term=8), pod="orders-g1-0", term=7)
    assert not has_heir(None, pod="orders-g1-0", term=7)


def test_a_copy_from_before_the_own_claim_shows_no_heir() -> None:
    assert not has_heir(_slice("orders-g1-1", ("10.0.0.1",), term=6), pod="orders-g1-0", term=7)


def test_a_claim_of_a_generation_that_does_not_serve_loses_however_late_its_term() -> None:
    assert why_not_claimable({names.ANNOTATION_GENERATION: "2"}, pod="orders-g1-0", term=99, generation=1) is not None
    assert why_not_claimable({names.ANNOTATION_GENERATION: "2"}, pod="orders-g2-0", term=1, generation=2) is None


def test_an_address_from_before_generations_is_the_first_ones() -> None:
    assert why_not_claimable({}, pod="orders-g1-0", term=1, generation=1) is None
    assert why_not_claimable({}, pod="orders-g2-0", term=1, generation=2) is not None

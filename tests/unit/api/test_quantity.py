"""Quantities mean what Kubernetes means by them."""

import pytest

from moorage.api import quantity


@pytest.mark.parametrize(("text", "value"), [("1Gi", 2**30), ("20Gi", 20 * 2**30), ("1.5Ki", 1536), ("3G", 3 * 10**9)])
def test_a_size_is_counted_in_bytes(text: str, value: int) -> None:
    assert quantity.to_bytes(text) == value


def test_half_a_core_is_half() -> None:
    assert quantity.parse("500m") * 2 == 1


@pytest.mark.parametrize("text", ["", "Gi", "1 Gi", "-1Gi", "1Zi"])
def test_what_is_no_quantity_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="allowed is a number"):
        quantity.parse(text)

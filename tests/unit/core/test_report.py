"""A report survives its way through the annotation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.core.report import MemberReport, Role, from_json
from moorage.core.volume import Level, VolumeState

texts = st.text(max_size=20)
volumes = st.builds(VolumeState, st.integers(0, 2**30), st.integers(0, 100), st.sampled_from(Level), st.integers(0, 72))
reports = st.builds(
    MemberReport,
    role=st.sampled_from(Role),
    term=st.integers(0, 2**40),
    peers_down=st.tuples(texts),
    message=texts,
    volume=volumes,
)


@given(reports)
def test_what_an_agent_wrote_is_what_the_operator_reads(report: MemberReport) -> None:
    assert from_json(report.to_json()) == report


def test_a_field_of_a_later_version_is_ignored() -> None:
    assert from_json('{"role":"primary","mood":"good"}') == MemberReport(role=Role.PRIMARY)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"role":"king"}', '{"role":"primary","term":"x"}', "null"])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a member's report"):
        from_json(text)

"""How the development cluster hands its image to the chart, with the real helm."""

from devcluster.config import BIN
from devcluster.install import CHART, chart_values
from devcluster.shell import run


def test_a_tag_of_digits_alone_stays_text() -> None:
    image = "ghcr.io/moorage/moorage:881576289414"
    rendered = run(BIN / "helm", "template", "--kube-version=1.30.0", CHART, *chart_values(image))
    assert f"image: {image}\n" in rendered

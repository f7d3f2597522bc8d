"""Certificates and their authority are renewed under a running group: nobody is restarted, and nobody is cut."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from moorage.certificates import draw_authority, draw_certificate
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, Life, running
from tests.mysql.mysql_writers import numbers, prepare
from tests.ports import HOST


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


async def renewed(group: Group, **files: str) -> None:
    """As the kubelet changes the mounted files, and each agent has its engine told."""
    for name, text in files.items():
        (group.places.tls / name.replace("_", ".")).write_text(text)
    for life in group.lives:
        await life.member.reload_certificates()


def shown(group: Group, life: Life) -> str:
    """The certificate that a client is shown now."""
    with group.client(life) as client:
        found: str = client._sock.getpeercert()["serialNumber"]
        return found


async def test_a_new_authority_takes_over_while_clients_stay_and_members_still_join(tmp_path: Path) -> None:
    async with running(tmp_path) as group:
        prepare(group)
        now = datetime.now(UTC)
        authority = draw_authority("orders", "shop", now)
        drawn = draw_certificate(authority, "orders", "shop", {HOST}, now)
        before = {life.pod: shown(group, life) for life in group.lives}
        first, (second, _) = group.primary(), group.secondaries()
        with group.client(first, "app") as client, client.cursor() as cursor:
            old = (group.places.tls / "ca.crt").read_text()
            await renewed(group, ca_crt=old + authority["ca.crt"])
            await renewed(group, tls_crt=drawn["tls.crt"], tls_key=drawn["tls.key"])
            await renewed(group, ca_crt=authority["ca.crt"])
            assert all(shown(group, life) != before[life.pod] for life in group.lives)
            cursor.execute("INSERT INTO app.numbers VALUES (1)")
            group.kill(second)
            await group.until("the others know", lambda: second.pod in first.report.peers_down)
            cursor.execute("INSERT INTO app.numbers VALUES (2)")
            await group.until_well()
        assert group.primary() is first
        assert numbers(group, second) == {1, 2}

"""What a MySQL member says of itself, who takes over, what is kept out: pure rules."""

from dataclasses import replace

import pytest

from moorage.core.report import Role
from moorage.engines.mysql import keyless
from moorage.engines.mysql.engine import ENGINE
from moorage.engines.mysql.globals import is_same
from moorage.engines.mysql.gtid import parse
from moorage.engines.mysql.joining import Found, donor_of, is_still_listed, why_differs, why_not_known, why_too_far_behind
from moorage.engines.mysql.ledger import Ledger, ledger_of
from moorage.engines.mysql.membership import is_later, why_needed
from moorage.engines.mysql.naming import Address, Naming, server_id, split
from moorage.engines.mysql.reporting import Known, report_of
from moorage.engines.mysql.sight import Look, Position
from moorage.engines.mysql.succession import heirs
from moorage.engines.mysql.topology import binlog_seconds, connections_max, pool_bytes, redo_bytes
from moorage.engines.mysql.view import Seen, View, compatibility_of, peers_down, view_of
from tests.unit.build import service

PODS = tuple(f"orders-g1-{i}" for i in range(3))
LEDGER = Ledger("3f1b6e0a-0000-4000-8000-000000000001", 4, PODS[0], 2, PODS)
GIB = 2**30


def view(*states: str, me: int = 0, primary: int = 0, queues: tuple[int, ...] = (0, 0, 0)) -> View:
    """Member by member; an empty word: the group does not list it."""
    seen = [Seen(f"u{i}", PODS[i], s, i == primary, queues[i]) for i, s in enumerate(states) if s]
    return View(f"u{me}", tuple(seen))


def known(found: View, ledger: Ledger | None = LEDGER, *, me: int = 0, **more: object) -> Known:
    look = Look(found, "9.7.4", is_read_only=False, is_offline=False, ledger=ledger)
    chosen: dict[str, object] = {"is_leading": True, "has_data": True, **more}
    return Known(pod=PODS[me], look=look, ledger=ledger, **chosen)  # type: ignore[arg-type]


WELL = view("ONLINE", "ONLINE", "ONLINE")


def test_a_primary_says_so_only_with_a_majority_and_a_term_of_its_own() -> None:
    report = report_of(known(WELL))
    assert (report.role, report.term, report.configuration, report.voters, report.peers_down) == (Role.PRIMARY, 4, "4:2", 3, ())
    assert report_of(known(WELL, is_leading=False)).role is Role.CATCHING_UP
    alone = report_of(known(view("ONLINE", "UNREACHABLE", "UNREACHABLE")))
    assert alone.role is Role.CATCHING_UP
    assert alone.message == "it hears 1 of 3 members of its group, which is no majority"


def test_a_member_that_lets_no_client_in_yet_is_called_neither_primary_nor_secondary() -> None:
    """It came back from where it was thrown out of, and its agent opens it in a moment."""
    for me in (0, 1):
        found = known(replace(WELL, uuid=f"u{me}"), me=me, is_leading=False)
        assert found.look is not None
        report = report_of(replace(found, look=replace(found.look, is_offline=True)))
        assert (report.role, report.message) == (Role.CATCHING_UP, "it is back in its group, and lets clients in in a moment")


def test_a_member_that_the_group_lost_is_said_to_be_down_by_the_others() -> None:
    assert report_of(known(view("ONLINE", "ONLINE", ""))).peers_down == (PODS[2],)
    assert report_of(known(view("ONLINE", "ONLINE", "UNREACHABLE"))).peers_down == (PODS[2],)
    assert peers_down(WELL, PODS) == ()


def test_one_that_still_receives_what_it_lacks_has_no_vote_that_counts() -> None:
    found = view("ONLINE", "ONLINE", "RECOVERING", me=2)
    assert report_of(known(found, me=2)).role is Role.CATCHING_UP
    assert report_of(known(replace(found, uuid="u0"))).voters == 2


def test_a_member_outside_of_any_group_says_what_it_holds_and_whom_it_met_last() -> None:
    found = known(view("OFFLINE"), position="x:1-9", companions=PODS[:2])
    report = report_of(found)
    assert (report.role, report.position, report.companions, report.configured) == (Role.APART, "x:1-9", PODS[:2], PODS)
    assert report_of(known(WELL, position="x:1-9", companions=PODS)).position == "", "it changes all the time"


def test_whoever_is_counted_no_more_is_not_part_of_it_and_who_never_was_is_empty() -> None:
    assert report_of(known(view("OFFLINE"), replace(LEDGER, counted=PODS[1:]), position="x:1")).role is Role.REMOVED
    assert report_of(known(view("OFFLINE"), None, has_data=False)).role is Role.UNINITIALIZED
    assert report_of(known(view("ONLINE"), None)).role is Role.UNINITIALIZED, "the first group is made, its members not noted yet"
    copying = report_of(known(view("OFFLINE"), None, has_data=False, copies_from=PODS[1]))
    assert (copying.role, copying.message) == (Role.CATCHING_UP, f"it copies everything from {PODS[1]}")


def test_the_one_with_least_to_catch_up_takes_over() -> None:
    found = view("ONLINE", "ONLINE", "ONLINE", queues=(0, 9, 2))
    assert [m.pod for m in heirs(found)] == [PODS[2], PODS[1]]
    assert [m.pod for m in heirs(view("ONLINE", "RECOVERING", "ONLINE"))] == [PODS[2]]


def found_at(ordinal: int, held: str, purged: str = "", *, primary: int = 0) -> Found:
    seen = Look(view("ONLINE", "ONLINE", "ONLINE", me=ordinal, primary=primary), "9.7.4", False, False, LEDGER)
    return Found(PODS[ordinal], seen, Position(parse(held), parse(""), parse(purged)))


A, B = "3f1b6e0a-0000-4000-8000-000000000001", "00000000-0000-0000-0000-0000000000ab"


def test_a_copy_comes_from_a_secondary_where_there_is_one() -> None:
    both = [found_at(0, f"{A}:1-9"), found_at(1, f"{A}:1-9")]
    assert getattr(donor_of(both), "pod", "") == PODS[1]
    assert getattr(donor_of(both[:1]), "pod", "") == PODS[0]
    assert donor_of([]) is None


def test_a_member_asks_to_be_let_in_only_when_its_former_self_is_gone() -> None:
    assert is_still_listed(PODS[2], [found_at(0, ""), found_at(1, "")])
    assert not is_still_listed("orders-g1-3", [found_at(0, "")])


def test_transactions_that_the_group_does_not_have_keep_a_member_out_by_name() -> None:
    mine = Position(parse(f"{A}:1-8,{B}:1-2"), parse(""), parse(""))
    assert why_differs(mine, [found_at(0, f"{A}:1-9")]) == f"it holds 2 transactions ({B}:1-2) that its group does not have"
    assert why_differs(mine, [found_at(0, f"{A}:1-9"), found_at(1, f"{A}:1-9,{B}:1-2")]) == ""


def test_what_a_member_only_received_counts_as_held() -> None:
    mine = Position(parse(f"{A}:1-8"), parse(f"{A}:9-12"), parse(""))
    assert "4 transactions" in why_differs(mine, [found_at(0, f"{A}:1-8")])


def test_one_whose_logs_nobody_has_any_more_is_too_far_behind() -> None:
    mine = Position(parse(f"{A}:1-3"), parse(""), parse(""))
    gone, kept = found_at(0, f"{A}:1-9", f"{A}:1-5"), found_at(1, f"{A}:1-9", f"{A}:1-2")
    alone = replace(gone, look=replace(gone.look, view=view("ONLINE", "", "")))
    assert why_too_far_behind(mine, [alone])
    assert why_too_far_behind(mine, [gone, kept]) == ""
    assert why_too_far_behind(mine, []) == "", "nobody answers: nobody says so"


def test_nobody_is_called_too_far_behind_while_those_who_may_have_the_logs_cannot_say_so_yet() -> None:
    mine = Position(parse(f"{A}:1-3"), parse(""), parse(""))
    gone = found_at(0, f"{A}:1-9", f"{A}:1-5")
    recovering = replace(gone, look=replace(gone.look, view=view("RECOVERING", "", "")))
    assert why_too_far_behind(mine, [recovering]) == "", "it formed the group again, and first applies what it had received"
    with_others = replace(gone, look=replace(gone.look, view=view("ONLINE", "ONLINE", "")))
    assert why_too_far_behind(mine, [with_others]) == "", "the other one did not answer"


def test_nothing_is_held_against_a_member_while_not_everybody_who_serves_answers() -> None:
    """One that receives itself what it lacks knows neither what the group holds nor what it still has."""
    all_there = [found_at(i, "") for i in range(3)]
    seen = view("ONLINE", "RECOVERING", "", me=1)
    newcomer = replace(found_at(1, ""), look=replace(found_at(1, "").look, view=seen))
    waits = "it waits for an answer of orders-g1-2, since it has to know first what its group holds"
    assert why_not_known(all_there) == ""
    assert why_not_known(all_there[:2]) == waits
    assert why_not_known([newcomer]) == waits.replace("orders-g1-2", "orders-g1-0")
    assert not why_not_known([newcomer, replace(found_at(0, ""), look=replace(newcomer.look, view=replace(seen, uuid="u0")))])
    assert why_not_known([]) == "it waits until a member of its group has applied all that it received"


def test_marks_are_compared_by_term_and_then_by_version() -> None:
    assert is_later("5:1", "4:9")
    assert is_later("4:10", "4:9")
    assert not is_later("4:9", "4:9")


def test_a_member_is_not_emptied_that_counts_again_or_leads() -> None:
    look = Look(WELL, "9.7.4", is_read_only=False, is_offline=False, ledger=LEDGER)
    assert why_needed(look, PODS[0], "4:1") == "the cluster was changed since, and counts it"
    assert why_needed(look, PODS[0], "4:2") == "it is the primary by now"
    outside = replace(look, view=view("OFFLINE", me=1), ledger=replace(LEDGER, counted=PODS[:1]))
    assert why_needed(outside, PODS[1], "4:2") == ""


def test_rows_of_the_engine_become_members_by_their_addresses() -> None:
    naming = Naming(PODS[0], "{pod}.orders-members.shop.svc.cluster.local")
    host = "orders-g1-1.orders-members.shop.svc.cluster.local"
    rows: list[dict[str, object]] = [
        {"uuid": "u0", "host": "", "port": None, "state": "OFFLINE", "role": "", "version": "", "waiting": None, "applies": None},
        {
            "uuid": "u1",
            "host": host,
            "port": 3306,
            "state": "ONLINE",
            "role": "PRIMARY",
            "version": "9.7.4",
            "waiting": 1,
            "applies": 2,
        },
    ]
    found = view_of("u0", rows, naming)
    assert [(m.pod, m.state, m.is_primary, m.queue) for m in found.members] == [
        (PODS[0], "OFFLINE", False, 0),
        (PODS[1], "ONLINE", True, 3),
    ]
    assert [m.version for m in found.members] == ["", "9.7.4"]
    assert view_of("u0", [{**rows[0], "uuid": ""}], naming).state == "OFFLINE"


def test_data_that_one_newer_member_has_opened_does_not_go_back_although_the_primary_is_older() -> None:
    def of(*versions: str) -> View:
        return View("u0", tuple(Seen(f"u{i}", PODS[i], "ONLINE", i == 0, version=v) for i, v in enumerate(versions)))

    assert compatibility_of(of("8.4.3", "8.4.3", "8.4.3"), "") == "8.4"
    half_done = compatibility_of(of("8.4.3", "9.7.1", "8.4.3"), "8.4")
    assert half_done == "9.7"
    assert compatibility_of(of("8.4.3", "8.4.3"), half_done) == "9.7", "the newer one is away, and its data is what it is"
    assert compatibility_of(of("9.7.1", "10.7.0"), "") == "10.7", "by number, not by letter"
    assert report_of(known(WELL, compatibility="9.7")).compatibility == "9.7"
    assert report_of(known(view("ONLINE", "ONLINE", "ONLINE", me=1), me=1, compatibility="9.7")).compatibility == ""


def test_a_ledger_names_who_is_counted() -> None:
    row = {"group_name": A, "term": 4, "holder": PODS[0], "version": 2, "writes_stopped": 0}
    assert ledger_of([{**row, "pod": PODS[1]}, {**row, "pod": PODS[0]}]) == replace(LEDGER, counted=PODS[:2])
    assert ledger_of([{**row, "pod": None}]) is None, "restored data counts nobody: a new cluster begins on it"
    assert ledger_of([]) is None


def test_members_are_named_by_their_pods() -> None:
    naming, arguments = split(PODS[1], ("--moorage-host={pod}.m.shop.svc", "--innodb-x=1"))
    assert naming.own == Address(f"{PODS[1]}.m.shop.svc", 3306)
    assert arguments == ("--innodb-x=1",)
    assert PODS[1] not in naming.siblings()
    assert naming.pod_at(Address(f"{PODS[2]}.m.shop.svc", 3306)) == PODS[2]
    assert naming.pod_at(Address("elsewhere", 3306)) == ""


@pytest.mark.parametrize("memory_gib", [1, 2, 4, 16, 64])
def test_what_memory_is_given_never_exceeds_what_there_is(memory_gib: int) -> None:
    memory = memory_gib * GIB
    assert pool_bytes(memory) % (128 * 2**20) == 0
    assert pool_bytes(memory) + 640 * 2**20 <= memory
    assert 100 <= connections_max(memory) <= 4000


def test_small_volumes_keep_less_of_their_logs() -> None:
    assert binlog_seconds(2 * GIB) < binlog_seconds(100 * GIB)
    assert redo_bytes(2 * GIB) == 102 * 2**20
    assert redo_bytes(1000 * GIB) == 8 * GIB


def test_no_two_members_have_one_server_id_also_of_two_generations() -> None:
    ids = [server_id(f"orders-g{g}-{i}") for g in range(1, 5) for i in range(8)]
    assert len(set(ids)) == len(ids)
    assert min(ids) == 1


def test_settings_that_would_cost_what_is_promised_are_refused_with_the_reason() -> None:
    card = ENGINE.card
    assert card.why_parameters_refused({"sync_binlog": "0"}) == (
        "parameter 'sync_binlog' is not for people to set: a confirmed write could be lost with a member's power"
    )
    assert card.why_parameters_refused({"group_replication_force_members": "x"}) == (
        "parameter 'group_replication_force_members' is not for people to set: "
        "the promises of the service rest on how its group is set up"
    )
    assert card.why_parameters_refused({"max_connections": "5"}) == "parameter 'max_connections' is '5'; allowed: 10 to 9999"
    assert "allowed: 10 to 9999" in (card.why_parameters_refused({"max_connections": "10000"}) or "")
    assert "SYSTEM (which is UTC)" in (card.why_parameters_refused({"time_zone": "Asia/Shanghai"}) or "")
    assert card.why_parameters_refused({"max_connections": "500", "time_zone": "+08:00"}) is None
    assert "a multiple of 1024" in (card.why_parameters_refused({"max_allowed_packet": "1048577"}) or "")
    assert "allowed: ON or OFF" in (card.why_parameters_refused({"slow_query_log": "1"}) or "")


def test_nothing_that_is_refused_can_be_set() -> None:
    assert not {p.name for p in ENGINE.card.parameters} & set(ENGINE.card.parameters_refused)


def test_no_secret_and_no_number_of_members_is_among_the_arguments() -> None:
    mine = service(engine="mysql", parameters={"back_log": "200"})
    three, five = (ENGINE.topology.engine_arguments(mine, n) for n in (3, 5))
    assert three == five, "a change of size restarts nobody"
    assert "--back-log=200" in three
    assert not [a for a in three if "password" in a.lower()]
    assert three[0] == "--moorage-host={pod}.orders-members.shop.svc.cluster.local"


def test_the_secret_has_an_entry_for_each_driver() -> None:
    found = ENGINE.topology.binding(service(engine="mysql"), 3, "app", "p-w_1", "10.89.1.1")
    assert found["uri"] == "mysql://app:p-w_1@10.89.1.1:3306/app"
    assert found["jdbc-uri"].startswith("jdbc:mysql://10.89.1.1:3306/app?user=app&password=p-w_1&sslMode=REQUIRED")
    assert {"python-uri", "go-uri", "node-uri", "database"} < set(found)


def test_each_driver_that_can_check_whom_it_talks_to_has_an_entry_for_that() -> None:
    found = ENGINE.topology.binding(service(engine="mysql"), 3, "app", "p/w", "")
    assert found["tls-uri"] == "mysql://app:p%2Fw@orders.shop.svc.cluster.local:3306/app?ssl-mode=VERIFY_IDENTITY"
    assert found["tls-go-uri"].startswith("app:p/w@tcp(orders.shop.svc.cluster.local:3306)/app?tls=moorage"), (
        "as its driver reads it"
    )
    assert found["tls-node-uri"].endswith("ssl=%7B%22rejectUnauthorized%22%3Atrue%7D")
    assert found["tls-python-uri"].endswith("ssl_check_hostname=true"), "its reader adds ssl_ca"


def test_what_a_running_mysqld_is_told_is_no_argument_of_its_start() -> None:
    asked = {"time_zone": "+08:00", "max_connections": "77", "back_log": "200"}
    mine = service(engine="mysql", parameters=asked)
    assert ENGINE.card.live_settings(mine) == {"time_zone": "+08:00", "max_connections": "77"}
    assert not [a for a in ENGINE.topology.engine_arguments(mine, 3) if "zone" in a or a == "--max-connections=77"]


def test_mysqld_has_what_it_was_asked_for_also_where_it_writes_it_in_another_way() -> None:
    assert is_same("0.5", "0.500000")
    assert is_same("utf8mb4_bin", "utf8mb4_bin")
    assert is_same("TRADITIONAL", "STRICT_TRANS_TABLES,TRADITIONAL")
    assert not is_same("", "STRICT_TRANS_TABLES")
    assert not is_same("gbk", "utf8mb4")
    assert not is_same("20", "2")


def test_tables_without_a_primary_key_are_named_as_people_know_them() -> None:
    assert keyless.sentence([]) == ""
    one, begins = keyless.sentence(["app.größe"]), "tables have no primary key, and take no writes in a group"
    assert one.startswith("a table has no primary key, and takes no writes in a group: app.größe; give each one")
    many = keyless.sentence([f"app.t{n}" for n in range(7)])
    assert many.startswith(f"{begins}: app.t0, app.t1, app.t2, app.t3, app.t4 and 2 more;")

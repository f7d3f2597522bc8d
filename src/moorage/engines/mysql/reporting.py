"""From what is known of a member to its report. Pure."""

from dataclasses import dataclass

from moorage.core.report import MemberReport, Role
from moorage.engines.mysql.ledger import Ledger
from moorage.engines.mysql.sight import Look
from moorage.engines.mysql.view import ONLINE, RECOVERING, peers_down

NO_GROUP = "it finds no group that counts it"


@dataclass(frozen=True)
class Known:
    """One look at the own engine, and what belongs to it."""

    pod: str = ""
    look: Look | None = None
    ledger: Ledger | None = None
    is_leading: bool = False
    """It is primary, takes writes, and the term is its own."""
    has_data: bool = False
    position: str = ""
    """What it holds, while it is in no group."""
    companions: tuple[str, ...] = ()
    is_joining: bool = False
    copies_from: str = ""
    compatibility: str = ""
    """Series of the newest mysqld that its group was seen with."""
    why_not: str = ""
    """Why it could not join a group."""


def report_of(known: Known) -> MemberReport:
    role, message = _role(known)
    ledger, look = known.ledger, known.look
    report = MemberReport(role=role, message=message, has_data=known.has_data, engine_version=look.version if look else "")
    if ledger is None or look is None or role in (Role.UNINITIALIZED, Role.REMOVED):
        return report
    recovering = [m for m in look.view.with_state(RECOVERING) if m.pod in ledger.counted]
    return MemberReport(
        role=role,
        term=ledger.term,
        has_data=known.has_data,
        engine_version=look.version,
        peers_down=peers_down(look.view, ledger.counted) if look.view.is_in_group else (),
        configured=ledger.counted,
        configuration=ledger.mark,
        compatibility=known.compatibility if role is Role.PRIMARY else "",
        voters=len(ledger.counted) - len(recovering),
        message=message,
        position=known.position if role is Role.APART else "",
        companions=known.companions if role is Role.APART else (),
    )


def _role(known: Known) -> tuple[Role, str]:
    """The role, and a sentence when it serves nobody."""
    look, ledger = known.look, known.ledger
    if look is None:
        return Role.DOWN, "the engine was not asked yet"
    state, view = look.view.state, look.view
    if known.copies_from:
        return Role.CATCHING_UP, f"it copies everything from {known.copies_from}"
    if state == ONLINE and not view.has_majority:
        heard = len(view.with_state(ONLINE, RECOVERING))
        return Role.CATCHING_UP, f"it hears {heard} of {len(view.members)} members of its group, which is no majority"
    if state == ONLINE and ledger is None:
        return Role.UNINITIALIZED, ""
    if state == ONLINE and look.is_offline:
        return Role.CATCHING_UP, "it is back in its group, and lets clients in in a moment"
    if view.is_primary:
        return (Role.PRIMARY, "") if known.is_leading else (Role.CATCHING_UP, "it was elected and takes writes in a moment")
    if state == ONLINE:
        return Role.SECONDARY, ""
    if state == RECOVERING:
        return Role.CATCHING_UP, "it receives from the others what it lacks"
    return _outside(known, state)


def _outside(known: Known, state: str) -> tuple[Role, str]:
    ledger = known.ledger
    if ledger is None:
        return Role.UNINITIALIZED, ""
    if known.pod not in ledger.counted:
        return Role.REMOVED, ""
    if known.is_joining:
        return Role.CATCHING_UP, "it joins the group"
    if not known.position:
        return Role.CATCHING_UP, f"it leaves its group, in which it was {state}"
    return Role.APART, known.why_not or NO_GROUP

"""Money that is moved between accounts: none is made, none vanishes, nobody owes. Pure.

Calls: `transfer` asks for {id, from, to, amount}; `read` answers {account: balance}; `final-read` answers {balances,
ledger}, where the ledger holds the id of every transfer that took place: the sum alone would not notice one that is lost whole.
"""

from typing import Any

from tests.chaos.checkers.verdict import Verdict, some
from tests.chaos.history import Call, History


def check_bank(history: History, *, accounts: int, balance: int) -> Verdict:
    """`accounts` named "0", "1", … began with `balance` each."""
    calls = history.calls()
    transfers = {call.asked["id"]: call for call in calls if call.f == "transfer"}
    reads = [call for call in calls if call.f == "read" and call.type == "ok"]
    finals = [call for call in calls if call.f == "final-read" and call.type == "ok"]
    findings = [
        wrong for read in reads if (wrong := _wrong(f"a read of process {read.process}", read.answered, accounts, balance))
    ]
    lost: set[int] = set()
    for read in finals:
        findings += _of_final(read, transfers, accounts, balance)
        lost |= {n for n, call in transfers.items() if call.type == "ok"} - set(read.answered["ledger"])
    if not finals:
        findings.append("There is no final read: nothing is proven.")
    if not any(call.type == "ok" for call in transfers.values()):
        findings.append("No transfer was acknowledged: nothing is proven.")
    figures = {
        "transfers_attempted": len(transfers),
        "transfers_acknowledged": sum(call.type == "ok" for call in transfers.values()),
        "transfers_lost": len(lost),
        "totals_read": len(reads),
        "bank_final_reads": len(finals),
    }
    return Verdict.of(findings, figures)


def _wrong(who: str, balances: dict[str, int], accounts: int, balance: int) -> str | None:
    total = accounts * balance
    if set(balances) != {str(n) for n in range(accounts)}:
        return f"{who} finds the accounts {', '.join(sorted(balances))}, not all {accounts}."
    if sum(balances.values()) != total:
        return f"{who} finds {sum(balances.values())} in all, not {total}: {balances}."
    if min(balances.values()) < 0:
        return f"{who} finds an account below zero: {balances}."
    return None


def _of_final(read: Call, transfers: dict[int, Call], accounts: int, balance: int) -> list[str]:
    balances, ledger = read.answered["balances"], read.answered["ledger"]
    findings = [wrong] if (wrong := _wrong(f"the final read of {read.node}", balances, accounts, balance)) else []
    acknowledged = {n for n, call in transfers.items() if call.type == "ok"}
    refused = {n for n, call in transfers.items() if call.type == "fail"}
    if lost := sorted(acknowledged - set(ledger)):
        findings.append(f"{read.node} has lost {len(lost)} acknowledged transfers: {some(lost)}.")
    if phantoms := sorted(set(ledger) - transfers.keys()):
        findings.append(f"{read.node} has {len(phantoms)} transfers that nobody tried: {some(phantoms)}.")
    if revived := sorted(set(ledger) & refused):
        findings.append(f"{read.node} has {len(revived)} transfers that were refused: {some(revived)}.")
    if len(ledger) > len(set(ledger)):
        findings.append(f"{read.node} has transfers more than once.")
    expected = _balances([transfers[n].asked for n in set(ledger) if n in transfers], accounts, balance)
    if not findings and expected != balances:
        findings.append(f"{read.node} holds {balances}, but its ledger makes {expected}: a transfer was done by halves or twice.")
    return findings


def _balances(transfers: list[dict[str, Any]], accounts: int, balance: int) -> dict[str, int]:
    found = {str(n): balance for n in range(accounts)}
    for transfer in transfers:
        found[transfer["from"]] -= transfer["amount"]
        found[transfer["to"]] += transfer["amount"]
    return found

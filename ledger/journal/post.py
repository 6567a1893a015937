"""Post entries: check, number, log and write them as one, under the trust's lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import compress
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, Connection, String, bindparam, case, func, select

from ledger.budget.available import available, takes
from ledger.errors import Problem, Refused
from ledger.events import load_events
from ledger.journal.draft import Draft, content_hash, discreet
from ledger.journal.facts import Facts
from ledger.journal.gates import applies
from ledger.journal.head import Head, believed_head, leave, lock_head, lock_head_and_find
from ledger.journal.place import Intent, Posted, place
from ledger.journal.public_view import entry_ref
from ledger.journal.rules import check
from ledger.journal.text_rules import can_be_kept
from ledger.journal.write import Rows, write_believed, write_rows
from ledger.journal.write_behind import WriteBehind
from ledger.store.tables import entry, invoice_use, posting
from ledger.trust.act import Act
from ledger.trust.setup import Setup, held_setup, load_setup

if TYPE_CHECKING:
    from ledger.resolutions.decided import Decision

__all__ = ["Intent", "Posted", "Progress", "known_keys", "post", "post_many", "read_facts", "write_intents"]

Progress = Callable[[int, int], None]
_KEYS_A_QUERY = 5_000
_DECIDED_BY_SETUP = ("reference", "setting")
"""Kinds of gates that ask nothing of the books."""


def post(conn: Connection, trust_id: int, draft: Draft, act: Act) -> Posted:
    """Post one entry. Raises :class:`~ledger.errors.Refused` with every problem found."""
    intent = Intent(discreet(draft))
    return _post_believing(conn, trust_id, intent, act) or write_intents(conn, trust_id, [intent], act)[0]


def _post_believing(conn: Connection, trust_id: int, intent: Intent, act: Act) -> Posted | None:
    """Try to post without asking first, on the belief that the head is as this process left it.

    On PostgreSQL this saves a round trip. None if it did not work out, for whatever reason: then the
    trust is locked and the facts are read, and only they may refuse.
    """
    if conn.dialect.name != "postgresql" or not _is_plain(intent.draft):
        return None
    head = believed_head(conn, trust_id)
    setup = None if head is None else held_setup(conn, trust_id, head.setup_version)
    if head is None or setup is None or not _asks_setup_only(intent.draft, setup):
        return None
    facts = Facts(setup=setup, today=act.today, closed=head.closed, balances={})
    if check(intent.draft, facts, kept=True):
        return None
    rows, believed = Rows.of(conn), head.before
    posted = place(setup, head, intent, act, {}, rows)
    if not write_believed(conn, rows, head.move()):
        return None
    leave(conn, trust_id, believed, head.before)
    return posted


def _is_plain(draft: Draft) -> bool:
    """Whether one statement takes a draft, if nothing but head and set-up decides about it."""
    event = load_events().get(draft.event)
    return (
        event is not None
        and can_be_kept(draft)
        and not draft.invoices
        and not any(line.details for line in draft.lines)
    )


def _asks_setup_only(draft: Draft, setup: Setup) -> bool:
    """Whether no gate that the draft has to pass asks the books, a decision or a budget."""
    gates = load_events()[draft.event].gates
    return all(gate.kind in _DECIDED_BY_SETUP or not applies(gate, draft, setup) for gate in gates)


def post_many(
    conn: Connection, trust_id: int, drafts: Iterable[Draft], act: Act, *, progress: Progress | None = None
) -> list[Posted]:
    """Post entries all or nothing, in the order given; tens of thousands at once are fine.

    A key seen before with the same content gives the first entry back and writes nothing for it.
    Runs in the caller's transaction, which must be a writing one. ``progress`` is told how many are done
    of how many; it must leave the connection alone. Raises :class:`~ledger.errors.Refused`.
    """
    return write_intents(
        conn, trust_id, [Intent(discreet(draft)) for draft in drafts], act, progress=progress
    )


def write_intents(
    conn: Connection,
    trust_id: int,
    intents: Sequence[Intent],
    act: Act,
    *,
    internal: bool = False,
    progress: Progress | None = None,
) -> list[Posted]:
    """The single way entries reach the database; ``internal`` for corrections and closings."""
    keepable = [can_be_kept(intent.draft) for intent in intents]
    askable = list(compress(intents, keepable))
    head, known = _lock(conn, trust_id, [intent.draft.key for intent in askable])
    setup = load_setup(conn, trust_id, head.setup_version)
    facts = read_facts(conn, setup, head, [intent.draft for intent in intents], act, internal=internal)
    uses = _invoice_uses(conn, trust_id, askable)
    _refuse_problems(intents, keepable, facts, known, uses)
    return _write(conn, setup, head, intents, act, known, uses, progress)


def _lock(
    conn: Connection, trust_id: int, keys: Sequence[str]
) -> tuple[Head, dict[str, tuple[Posted, bytes]]]:
    """Lock the trust, then look the keys up: what is read after the lock can't change any more."""
    if len(keys) == 1:
        head, found = lock_head_and_find(conn, trust_id, keys[0])
        if found is None:
            return head, {}
        place = Posted(found.seq, entry_ref(found.book, found.fiscal_year, found.number), already=True)
        return head, {keys[0]: (place, found.content_hash)}
    head = lock_head(conn, trust_id)
    return head, known_keys(conn, trust_id, keys)


_KEY_COLUMNS = select(
    entry.c.idempotency_key,
    entry.c.seq,
    entry.c.book,
    entry.c.fiscal_year,
    entry.c.number,
    entry.c.content_hash,
).where(entry.c.trust_id == bindparam("t"))
_MANY_KEYS = _KEY_COLUMNS.where(entry.c.idempotency_key.in_(bindparam("k", expanding=True)))
_MANY_KEYS_AS_ARRAY = _KEY_COLUMNS.where(
    entry.c.idempotency_key == func.any(bindparam("k", type_=ARRAY(String)))
)


def known_keys(conn: Connection, trust_id: int, keys: Sequence[str]) -> dict[str, tuple[Posted, bytes]]:
    """Which keys are used already: by which entry, with what content."""
    known: dict[str, tuple[Posted, bytes]] = {}
    many = _MANY_KEYS_AS_ARRAY if conn.dialect.name == "postgresql" else _MANY_KEYS
    for start in range(0, len(keys), _KEYS_A_QUERY):
        chunk = list(keys[start : start + _KEYS_A_QUERY])
        for key, seq, book, year, number, digest in conn.execute(many, {"t": trust_id, "k": chunk}):
            known[key] = (Posted(seq, entry_ref(book, year, number), already=True), digest)
    return known


def read_facts(
    conn: Connection, setup: Setup, head: Head, drafts: Sequence[Draft], act: Act, *, internal: bool
) -> Facts:
    """What the rules need to know besides the drafts; read under the trust's lock."""
    events = load_events()
    used = {(draft.book, draft.event) for draft in drafts}
    gates = [(book, gate) for book, event in used if event in events for gate in events[event].gates]
    asked = {(book, gate.subject) for book, gate in gates if gate.kind == "zero_balance"}
    balances = {account: _net(conn, setup.trust_id, book, account) for book, account in asked}
    named = {code for draft in drafts if draft.references and (code := takes(draft)[0])}
    return Facts(
        setup=setup,
        today=act.today,
        closed=head.closed,
        balances=balances,
        decisions=_decisions(conn, setup.trust_id, drafts),
        budget=available(conn, setup.trust_id, named, on=act.today) if named else {},
        behind=_behind(conn, setup.trust_id, act) if "as_evaluated" in {g.kind for _, g in gates} else "",
        internal=internal,
    )


def _behind(conn: Connection, trust_id: int, act: Act) -> str:
    """Why what is owed to the trustee does not agree with the evaluation."""
    from ledger.evaluation.pay import accrued_behind  # it uses this package

    found = accrued_behind(conn, trust_id, act.today)
    return found.sentence if found else ""


def _decisions(conn: Connection, trust_id: int, drafts: Sequence[Draft]) -> Mapping[str, Decision]:
    """The owners' decisions that gates of these drafts will ask for."""
    events = load_events()
    named = {
        number
        for draft in drafts
        if draft.event in events
        for gate in events[draft.event].gates
        if gate.kind == "resolution" and (number := draft.references.get(gate.subject, "").strip())
    }
    if not named:
        return {}
    from ledger.resolutions.decided import published_decisions  # it uses this package

    return published_decisions(conn, trust_id, named)


def _net(conn: Connection, trust_id: int, book: str, account: str) -> int:
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    query = select(func.coalesce(func.sum(signed), 0)).where(
        posting.c.trust_id == trust_id, posting.c.book == book, posting.c.account == account
    )
    return int(conn.execute(query).scalar_one())


def _invoice_uses(
    conn: Connection, trust_id: int, intents: Sequence[Intent]
) -> dict[str, tuple[int, int, bool]]:
    """Per invoice already used: last use number, its entry's seq, whether that entry was reversed."""
    numbers = sorted({number for intent in intents for number in intent.draft.invoices})
    uses: dict[str, tuple[int, int, bool]] = {}
    if not numbers:
        return uses
    reversal = entry.alias()
    for start in range(0, len(numbers), _KEYS_A_QUERY):
        statement = (
            select(invoice_use.c.invoice, invoice_use.c.use_no, invoice_use.c.seq, reversal.c.seq)
            .outerjoin(
                reversal,
                (reversal.c.trust_id == invoice_use.c.trust_id) & (reversal.c.reverses == invoice_use.c.seq),
            )
            .where(
                invoice_use.c.trust_id == trust_id,
                invoice_use.c.invoice.in_(numbers[start : start + _KEYS_A_QUERY]),
            )
            .order_by(invoice_use.c.use_no)
        )
        for number, use_no, seq, reversed_by in conn.execute(statement):
            uses[number] = (use_no, seq, reversed_by is not None)
    return uses


def _refuse_problems(
    intents: Sequence[Intent],
    keepable: Sequence[bool],
    facts: Facts,
    known: Mapping[str, tuple[Posted, bytes]],
    uses: Mapping[str, tuple[int, int, bool]],
) -> None:
    problems: list[Problem] = []
    seen: dict[str, Draft] = {}
    invoices: set[str] = set()
    reversed_here = {intent.reverses for intent in intents if intent.reverses is not None}
    balances = dict(facts.balances)  # as they will be when the batch has come this far
    taken: Counter[str] = Counter()
    facts = replace(facts, balances=balances, taken=taken)
    for no, (intent, can_be_asked) in enumerate(zip(intents, keepable, strict=True), start=1):
        draft = intent.draft
        if not can_be_asked:
            here = check(draft, facts)
        elif draft.key in known or draft.key in seen:
            found = _key_problem(draft, known, seen)
            here = [found] if found else []
        else:
            seen[draft.key] = draft
            here = [*check(draft, facts, kept=True), *_invoice_problems(draft, uses, invoices, reversed_here)]
            for line in draft.lines if balances else ():
                if line.account in balances:
                    balances[line.account] += line.signed
            if facts.budget:
                code, fen = takes(draft)
                taken[code] += fen
        if len(intents) > 1:
            here = [Problem(p.code, p.message, f"第 {no} 张凭证 {p.where}".strip()) for p in here]
        problems.extend(here)
    if problems:
        raise Refused(problems)


def _key_problem(
    draft: Draft, known: Mapping[str, tuple[Posted, bytes]], seen: Mapping[str, Draft]
) -> Problem | None:
    earlier = known[draft.key][1] if draft.key in known else content_hash(seen[draft.key])
    if earlier == content_hash(draft):
        return None
    place = known[draft.key][0].ref if draft.key in known else "本批中的另一张凭证"
    return Problem(
        "key_conflict", f"防重复编号“{draft.key}”已用于{place}，但内容不同；请核对是否重复入账", "防重复编号"
    )


def _invoice_problems(
    draft: Draft, uses: Mapping[str, tuple[int, int, bool]], invoices: set[str], reversed_here: set[int]
) -> list[Problem]:
    problems = []
    for number in draft.invoices:
        used = uses.get(number)
        taken = used is not None and not used[2] and used[1] not in reversed_here
        if taken or number in invoices:
            problems.append(Problem("duplicate_invoice", f"发票 {number} 已经入过账，不能重复报销", "发票"))
        invoices.add(number)
    return problems


def _write(
    conn: Connection,
    setup: Setup,
    head: Head,
    intents: Sequence[Intent],
    act: Act,
    known: Mapping[str, tuple[Posted, bytes]],
    uses: Mapping[str, tuple[int, int, bool]],
    progress: Progress | None,
) -> list[Posted]:
    results: list[Posted] = []
    fresh: dict[str, Posted] = {}
    rows, found = Rows.of(conn), head.before
    with WriteBehind(conn) as behind:
        for done, intent in enumerate(intents, start=1):
            key = intent.draft.key
            if key in known:
                results.append(known[key][0])
            elif key in fresh:
                results.append(Posted(fresh[key].seq, fresh[key].ref, already=True))
            else:
                fresh[key] = place(setup, head, intent, act, uses, rows)
                results.append(fresh[key])
            if rows.full:
                behind.send(rows, head.move())
                rows = Rows.of(conn)
                if progress is not None:
                    progress(done, len(intents))
    if rows.count:
        write_rows(conn, rows, head.move())
    leave(conn, setup.trust_id, found, head.before)
    return results

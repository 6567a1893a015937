"""Post entries: check, number, log and write them as one, under the trust's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ARRAY, Connection, String, bindparam, case, func, select

from ledger.errors import Problem, Refused
from ledger.events import load_events
from ledger.journal.draft import Draft, content_hash
from ledger.journal.head import Head, lock_head, lock_head_and_find
from ledger.journal.public_view import LEAF_KIND, entry_ref, leaf_bytes, public_entry
from ledger.journal.rules import Facts, can_be_kept, check
from ledger.journal.sealing import SALT_BYTES
from ledger.journal.write import Rows, write_rows
from ledger.log.tree import leaf_hash
from ledger.store.tables import (
    entry,
    entry_document,
    entry_reference,
    entry_salt,
    invoice_use,
    leaf,
    posting,
    posting_detail,
)
from ledger.trust.act import Act
from ledger.trust.setup import Setup, load_setup

Progress = Callable[[int, int], None]
_KEYS_A_QUERY = 5_000


@dataclass(frozen=True, slots=True)
class Posted:
    """Where an entry stands: its place in the log and its public name.

    ``already`` is true when the same key with the same content had been posted before.
    """

    seq: int
    ref: str
    already: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """A draft with the places of the entries it reverses or amends; made by this package only."""

    draft: Draft
    reverses: int | None = None
    amends: int | None = None
    reverses_ref: str = ""
    amends_ref: str = ""


def post(conn: Connection, trust_id: int, draft: Draft, act: Act) -> Posted:
    """Post one entry. Raises :class:`~ledger.errors.Refused` with every problem found."""
    return post_many(conn, trust_id, [draft], act)[0]


def post_many(
    conn: Connection, trust_id: int, drafts: Iterable[Draft], act: Act, *, progress: Progress | None = None
) -> list[Posted]:
    """Post entries all or nothing, in the order given; tens of thousands at once are fine.

    A key seen before with the same content gives the first entry back and writes nothing for it.
    Runs in the caller's transaction, which must be a writing one. Raises
    :class:`~ledger.errors.Refused`.
    """
    return write_intents(conn, trust_id, [Intent(draft) for draft in drafts], act, progress=progress)


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
    askable = [intent for intent in intents if can_be_kept(intent.draft)]
    head, known = _lock(conn, trust_id, [intent.draft.key for intent in askable])
    setup = load_setup(conn, trust_id, head.setup_version)
    facts = read_facts(conn, setup, head, [intent.draft for intent in intents], act, internal=internal)
    uses = _invoice_uses(conn, trust_id, askable)
    _refuse_problems(intents, facts, known, uses)
    return _write(conn, setup, head, intents, act, known, uses, progress)


def _lock(
    conn: Connection, trust_id: int, keys: Sequence[str]
) -> tuple[Head, dict[str, tuple[Posted, bytes]]]:
    """Lock the trust, then look the keys up: what is read after the lock can't change any more."""
    if conn.dialect.name == "postgresql" and len(keys) == 1:
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
_ONE_KEY = _KEY_COLUMNS.where(entry.c.idempotency_key == bindparam("k"))
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
        statement, wanted = (_ONE_KEY, chunk[0]) if len(chunk) == 1 else (many, chunk)
        for key, seq, book, year, number, digest in conn.execute(statement, {"t": trust_id, "k": wanted}):
            known[key] = (Posted(seq, entry_ref(book, year, number), already=True), digest)
    return known


def read_facts(
    conn: Connection, setup: Setup, head: Head, drafts: Sequence[Draft], act: Act, *, internal: bool
) -> Facts:
    """What the rules need to know besides the drafts; read under the trust's lock."""
    events = load_events()
    asked = {
        (draft.book, gate.subject)
        for draft in drafts
        if draft.event in events
        for gate in events[draft.event].gates
        if gate.kind == "zero_balance"
    }
    balances = {account: _net(conn, setup.trust_id, book, account) for book, account in asked}
    return Facts(setup=setup, today=act.today, closed=head.closed, balances=balances, internal=internal)


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
    facts: Facts,
    known: Mapping[str, tuple[Posted, bytes]],
    uses: Mapping[str, tuple[int, int, bool]],
) -> None:
    problems: list[Problem] = []
    seen: dict[str, bytes] = {}
    invoices: set[str] = set()
    reversed_here = {intent.reverses for intent in intents if intent.reverses is not None}
    balances = dict(facts.balances)  # as they will be when the batch has come this far
    facts = replace(facts, balances=balances)
    for no, intent in enumerate(intents, start=1):
        draft = intent.draft
        if not can_be_kept(draft):
            here = check(draft, facts)
        elif draft.key in known or draft.key in seen:
            found = _key_problem(draft, known, seen)
            here = [found] if found else []
        else:
            seen[draft.key] = content_hash(draft)
            here = [*check(draft, facts), *_invoice_problems(draft, uses, invoices, reversed_here)]
            for line in draft.lines if balances else ():
                if line.account in balances:
                    balances[line.account] += line.signed
        if len(intents) > 1:
            here = [Problem(p.code, p.message, f"第 {no} 张凭证 {p.where}".strip()) for p in here]
        problems.extend(here)
    if problems:
        raise Refused(problems)


def _key_problem(
    draft: Draft, known: Mapping[str, tuple[Posted, bytes]], seen: Mapping[str, bytes]
) -> Problem | None:
    earlier = known[draft.key][1] if draft.key in known else seen[draft.key]
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
    rows = Rows()
    for done, intent in enumerate(intents, start=1):
        key = intent.draft.key
        if key in known:
            results.append(known[key][0])
        elif key in fresh:
            results.append(Posted(fresh[key].seq, fresh[key].ref, already=True))
        else:
            fresh[key] = _place(setup, head, intent, act, uses, rows)
            results.append(fresh[key])
        if rows.full:
            write_rows(conn, rows, head)
            rows = Rows()
            if progress is not None:
                progress(done, len(intents))
    if len(rows):
        write_rows(conn, rows, head)
    return results


def _place(
    setup: Setup, head: Head, intent: Intent, act: Act, uses: Mapping[str, tuple[int, int, bool]], rows: Rows
) -> Posted:
    """Give the entry its number and its leaf, and lay out its rows."""
    draft, trust_id = intent.draft, setup.trust_id
    seq, year = head.tree.size, draft.date.year
    number = head.next_number(draft.book, year)
    salt = act.entropy(SALT_BYTES)
    view = public_entry(
        slug=setup.slug,
        chart=setup.chart,
        seq=seq,
        number=number,
        posted_at=act.now,
        draft=draft,
        reverses=intent.reverses_ref,
        amends=intent.amends_ref,
        salt=salt,
    )
    body = leaf_bytes(view)
    hashes = head.tree.append(leaf_hash(body))
    rows.add(leaf, (trust_id, seq, LEAF_KIND, body, hashes))
    rows.add(entry, _entry_row(trust_id, seq, number, intent, act))
    for line_no, line in enumerate(draft.lines, start=1):
        rows.add(posting, _posting_row(trust_id, seq, line_no, draft, line))
        if line.details:
            rows.extend(
                posting_detail,
                (
                    (trust_id, seq, line_no, no, detail.unit, detail.amount, detail.basis)
                    for no, detail in enumerate(line.details, start=1)
                ),
            )
    for doc_no, item in enumerate(draft.documents, start=1):
        rows.add(
            entry_document,
            (trust_id, seq, doc_no, item.kind, item.title, item.number, item.original, item.public),
        )
    rows.extend(entry_reference, ((trust_id, seq, kind, ref) for kind, ref in draft.references.items()))
    rows.extend(
        invoice_use,
        ((trust_id, invoice, uses.get(invoice, (0,))[0] + 1, seq) for invoice in draft.invoices),
    )
    rows.add(entry_salt, (trust_id, seq, salt))
    return Posted(seq, str(view["ref"]))


def _entry_row(trust_id: int, seq: int, number: int, intent: Intent, act: Act) -> tuple[Any, ...]:
    draft = intent.draft
    return (
        trust_id,
        seq,
        draft.book,
        draft.date.year,
        number,
        draft.date,
        draft.original_date,
        act.now,
        draft.event,
        draft.summary,
        draft.counterparty,
        draft.counterparty_public,
        draft.memo,
        draft.preparer,
        draft.reviewer,
        draft.key,
        content_hash(draft),
        intent.reverses,
        intent.amends,
        len(draft.lines),
        draft.total,
    )


def _posting_row(trust_id: int, seq: int, line_no: int, draft: Draft, line: Any) -> tuple[Any, ...]:
    return (
        trust_id,
        seq,
        line_no,
        draft.book,
        line.account,
        line.fund,
        line.side,
        line.amount,
        draft.date,
        line.unit or None,
        line.vendor or None,
        line.contract or None,
        line.project or None,
        line.bank_account or None,
        line.party or None,
        line.site or None,
        line.counter_fund or None,
        len(line.details),
    )

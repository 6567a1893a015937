"""What the database itself enforces: nothing posted is changed, every entry balances and is whole.

The first lock is rights: on PostgreSQL the application's role ``mingzhang_app`` may only insert and
select on append-only tables. The second lock is triggers, on both engines, which stop the owner too.
A distributed PostgreSQL that refuses triggers keeps the first lock and the public log.

An entry is written as a whole: details, postings and the entry in one transaction. On SQLite row
triggers need them in that order, the entry last; on PostgreSQL statement triggers look at the
finished statement. Afterwards no line can be added.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP_ROLE = "mingzhang_app"

# table -> every set of columns by which INSERT OR REPLACE could push an old row out
APPEND_ONLY: dict[str, tuple[tuple[str, ...], ...]] = {
    "deed": (("version",),),
    "setting": (("name", "effective_on"),),
    "fee_standard": (("use_kind", "effective_on"),),
    "entry": (("seq",), ("book", "fiscal_year", "number"), ("idempotency_key",), ("reverses",)),
    "posting": (("seq", "line_no"),),
    "posting_detail": (("seq", "line_no", "detail_no"),),
    "entry_document": (("seq", "doc_no"),),
    "entry_reference": (("seq", "kind"),),
    "invoice_use": (("invoice", "use_no"),),
    "document": (("sha256",),),
    "leaf": (("seq",),),
    "checkpoint": (("size",),),
    "log_key": ((),),
    "period_close": (("book", "period"),),
    "period_balance": (("book", "period", "account", "fund", "bank_account"),),
    "statement": (("period", "version"),),
    "bank_file": (("bank_account", "sha256"),),
    "bank_line": (("bank_account", "line_key"),),
    "bank_match": (("bank_account", "line_key", "seq"),),
    "bank_balance": (("bank_account", "as_of", "sha256"),),
}
WITHOUT_ROWID = ("entry", "posting", "posting_detail", "period_balance")
INSERT_AND_CLOSE: dict[str, tuple[str, ...]] = {
    "account": ("book", "code"),
    "dimension_value": ("dimension", "code"),
}
INSERT_ONLY = ("trust", "unit", "contract", "bank_account")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")


# -- SQLite ------------------------------------------------------------------------------------------


def _sqlite_refuse(table: str, action: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} BEGIN "
        f"SELECT RAISE(ABORT, 'append-only: {action} on {table} refused'); END"
    )


def _sqlite_refuse_replace(table: str, keys: tuple[tuple[str, ...], ...]) -> None:
    """A row may be pushed out by any of its keys, the hidden rowid among them (-1 if none was given).

    One trigger a key: an OR over several keys would make SQLite scan the trust.
    """
    clashes = [" AND ".join(f"{column} = NEW.{column}" for column in ("trust_id", *key)) for key in keys]
    if table not in WITHOUT_ROWID:
        clashes.append("rowid = NEW.rowid")
    for no, clash in enumerate(clashes):
        op.execute(
            f"CREATE TRIGGER {table}_no_replace_{no} BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {clash}) BEGIN "
            f"SELECT RAISE(ABORT, 'append-only: REPLACE on {table} refused: UNIQUE'); END"
        )


def _sqlite() -> None:
    for table, keys in APPEND_ONLY.items():
        _sqlite_refuse(table, "UPDATE")
        _sqlite_refuse(table, "DELETE")
        _sqlite_refuse_replace(table, keys)
    _sqlite_refuse("entry_salt", "UPDATE")  # a salt can be destroyed, not exchanged
    _sqlite_refuse_replace("entry_salt", (("seq",),))
    for table, key in INSERT_AND_CLOSE.items():
        _sqlite_refuse(table, "DELETE")
        _sqlite_refuse_replace(table, (key,))
        columns = op.get_bind().exec_driver_sql(f"SELECT name FROM pragma_table_info('{table}')").scalars()
        changed = " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in columns if c != "closed_on")
        op.execute(
            f"CREATE TRIGGER {table}_only_closes BEFORE UPDATE ON {table} WHEN {changed} "
            f"OR OLD.rowid <> NEW.rowid BEGIN "
            f"SELECT RAISE(ABORT, 'append-only: {table} can be closed, not changed'); END"
        )
    op.execute("""
        CREATE TRIGGER posting_detail_not_late BEFORE INSERT ON posting_detail
        WHEN EXISTS (SELECT 1 FROM posting WHERE trust_id = NEW.trust_id AND seq = NEW.seq
                     AND line_no = NEW.line_no)
        BEGIN SELECT RAISE(ABORT, 'late detail refused: the line is already posted'); END
    """)
    op.execute("""
        CREATE TRIGGER posting_not_late BEFORE INSERT ON posting
        WHEN EXISTS (SELECT 1 FROM entry WHERE trust_id = NEW.trust_id AND seq = NEW.seq)
        BEGIN SELECT RAISE(ABORT, 'late line refused: the entry is already posted'); END
    """)
    op.execute("""
        CREATE TRIGGER posting_details_add_up BEFORE INSERT ON posting
        WHEN (
            SELECT count(*) <> NEW.detail_count OR (count(*) > 0 AND sum(amount) <> NEW.amount)
            FROM posting_detail
            WHERE trust_id = NEW.trust_id AND seq = NEW.seq AND line_no = NEW.line_no)
        BEGIN SELECT RAISE(ABORT, 'details do not add up to their line'); END
    """)
    op.execute("""
        CREATE TRIGGER entry_whole_and_balanced BEFORE INSERT ON entry
        BEGIN
          SELECT RAISE(ABORT, 'entry refused: lines missing, of another day or book')
          WHERE (SELECT count(*) FROM posting WHERE trust_id = NEW.trust_id AND seq = NEW.seq
                 -- "+" keeps the planner on the primary key instead of the index by day
                 AND +book = NEW.book AND +business_date = NEW.business_date) <> NEW.line_count;
          SELECT RAISE(ABORT, 'entry refused: numbered in another year than its day')
          WHERE CAST(substr(NEW.business_date, 1, 4) AS INTEGER) <> NEW.fiscal_year;
          SELECT RAISE(ABORT, 'entry refused: not balanced in every fund')
          WHERE EXISTS (SELECT 1 FROM posting WHERE trust_id = NEW.trust_id AND seq = NEW.seq
                        GROUP BY fund HAVING sum(CASE side WHEN 'D' THEN amount ELSE -amount END) <> 0);
          SELECT RAISE(ABORT, 'entry refused: the period is closed')
          WHERE NEW.business_date <= (SELECT max(ends_on) FROM period_close
                                      WHERE trust_id = NEW.trust_id AND book = NEW.book);
        END
    """)


# -- PostgreSQL --------------------------------------------------------------------------------------


def _by_key_only(function: str) -> None:
    """Plan the guard's queries as key look-ups: a plan made while the table was empty stays in the
    session and would scan the whole table for every entry later."""
    for method in ("seqscan", "hashjoin", "mergejoin"):
        op.execute(f"ALTER FUNCTION {function}() SET enable_{method} = off")


def _always(table: str, trigger: str) -> None:
    """Fire also under ``session_replication_role = replica``."""
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def _postgresql() -> None:
    op.execute("""
        CREATE FUNCTION mz_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'append-only: % on % refused', TG_OP, TG_TABLE_NAME
              USING ERRCODE = 'restrict_violation';
        END $$
    """)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION mz_refuse_change()"
        )
        _always(table, f"{table}_no_change")
    op.execute(  # a salt can be destroyed, not exchanged
        "CREATE TRIGGER entry_salt_no_change BEFORE UPDATE OR TRUNCATE ON entry_salt "
        "FOR EACH STATEMENT EXECUTE FUNCTION mz_refuse_change()"
    )
    _always("entry_salt", "entry_salt_no_change")
    op.execute("""
        CREATE FUNCTION mz_only_closes() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF to_jsonb(OLD) - 'closed_on' IS DISTINCT FROM to_jsonb(NEW) - 'closed_on' THEN
            RAISE EXCEPTION 'append-only: % can be closed, not changed', TG_TABLE_NAME
              USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END $$
    """)
    for table in INSERT_AND_CLOSE:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION mz_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_only_closes BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION mz_only_closes()"
        )
        _always(table, f"{table}_no_change")
        _always(table, f"{table}_only_closes")
    _entry_guard()
    _late_line_guards()
    _lock_function()
    _grants()


def _entry_guard() -> None:
    op.execute("""
        CREATE FUNCTION mz_entry_whole_and_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE bad record;
        BEGIN
          SELECT f.seq INTO bad FROM (
              SELECT e.trust_id, e.seq, e.line_count, p.fund, count(p.line_no) AS lines,
                     sum(CASE p.side WHEN 'D' THEN p.amount ELSE -p.amount END) AS net,
                     bool_and(p.book = e.book AND p.business_date = e.business_date) AS agrees
              FROM fresh e LEFT JOIN posting p ON p.trust_id = e.trust_id AND p.seq = e.seq
              GROUP BY e.trust_id, e.seq, e.line_count, p.fund) f
          GROUP BY f.trust_id, f.seq, f.line_count
          HAVING sum(f.lines) <> f.line_count OR bool_or(f.net <> 0) OR NOT bool_and(f.agrees)
          LIMIT 1;
          IF FOUND THEN
            RAISE EXCEPTION 'entry % refused: lines missing, of another day or book, or a fund not balanced',
                            bad.seq USING ERRCODE = 'check_violation';
          END IF;
          IF EXISTS (SELECT 1 FROM posting p JOIN fresh e ON p.trust_id = e.trust_id AND p.seq = e.seq
                     WHERE (
                       SELECT count(*) <> p.detail_count OR (count(*) > 0 AND sum(d.amount) <> p.amount)
                       FROM posting_detail d WHERE d.trust_id = p.trust_id AND d.seq = p.seq
                         AND d.line_no = p.line_no)) THEN
            RAISE EXCEPTION 'details do not add up to their line' USING ERRCODE = 'check_violation';
          END IF;
          IF EXISTS (SELECT 1 FROM fresh WHERE extract(year FROM business_date) <> fiscal_year) THEN
            RAISE EXCEPTION 'entry refused: numbered in another year than its day'
              USING ERRCODE = 'check_violation';
          END IF;
          IF EXISTS (SELECT 1 FROM fresh e WHERE e.business_date <= (
                       SELECT max(c.ends_on) FROM period_close c
                       WHERE c.trust_id = e.trust_id AND c.book = e.book)) THEN
            RAISE EXCEPTION 'entry refused: the period is closed' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NULL;
        END $$
    """)
    _by_key_only("mz_entry_whole_and_balanced")
    op.execute(
        "CREATE TRIGGER entry_whole_and_balanced AFTER INSERT ON entry REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION mz_entry_whole_and_balanced()"
    )
    _always("entry", "entry_whole_and_balanced")


def _late_line_guards() -> None:
    op.execute("""
        CREATE FUNCTION mz_posting_not_late() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT 1 FROM (SELECT DISTINCT trust_id, seq FROM fresh) f
                     JOIN entry e ON e.trust_id = f.trust_id AND e.seq = f.seq
                     WHERE e.line_count <> (SELECT count(*) FROM posting p
                                            WHERE p.trust_id = f.trust_id AND p.seq = f.seq)) THEN
            RAISE EXCEPTION 'late line refused: the entry is already posted'
              USING ERRCODE = 'check_violation';
          END IF;
          RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE FUNCTION mz_posting_detail_not_late() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT 1 FROM (SELECT DISTINCT trust_id, seq, line_no FROM fresh) f
                     JOIN posting p ON p.trust_id = f.trust_id AND p.seq = f.seq
                                   AND p.line_no = f.line_no
                     WHERE p.detail_count <> (SELECT count(*) FROM posting_detail d
                                              WHERE d.trust_id = f.trust_id AND d.seq = f.seq
                                                AND d.line_no = f.line_no)) THEN
            RAISE EXCEPTION 'late detail refused: the line is already posted'
              USING ERRCODE = 'check_violation';
          END IF;
          RETURN NULL;
        END $$
    """)
    for table in ("posting", "posting_detail"):
        _by_key_only(f"mz_{table}_not_late")
        op.execute(
            f"CREATE TRIGGER {table}_not_late AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh "
            f"FOR EACH STATEMENT EXECUTE FUNCTION mz_{table}_not_late()"
        )
        _always(table, f"{table}_not_late")


def _lock_function() -> None:
    """Lock a trust, then look an idempotency key up: two statements, so the second sees what was
    committed while the first waited; one round trip for the client."""
    op.execute("""
        CREATE FUNCTION mz_lock_trust(a_trust bigint, a_key text)
        RETURNS TABLE (trust_id bigint, size bigint, frontier bytea, numbers text, closed text,
                       setup_version bigint, seq bigint, book varchar, fiscal_year smallint,
                       number bigint, content_hash bytea)
        LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM 1 FROM trust_head h WHERE h.trust_id = a_trust FOR UPDATE;
          RETURN QUERY
            SELECT h.trust_id, h.size, h.frontier, h.numbers, h.closed, h.setup_version,
                   e.seq, e.book, e.fiscal_year, e.number, e.content_hash
            FROM trust_head h
            LEFT JOIN entry e ON e.trust_id = h.trust_id AND e.idempotency_key = a_key
            WHERE h.trust_id = a_trust;
        END $$
    """)
    for method in ("seqscan", "hashjoin", "mergejoin"):
        op.execute(f"ALTER FUNCTION mz_lock_trust(bigint, text) SET enable_{method} = off")


def _grants() -> None:
    op.execute(f"""
        DO $$ BEGIN
          IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
            CREATE ROLE {APP_ROLE} NOLOGIN;
          END IF;
          IF NOT pg_has_role(current_user, '{APP_ROLE}', 'MEMBER') THEN
            EXECUTE format('GRANT {APP_ROLE} TO %I', current_user);
          END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
    """)
    schema = op.get_bind().exec_driver_sql("SELECT current_schema()").scalar_one()
    op.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO {APP_ROLE}')
    tables = (*APPEND_ONLY, *INSERT_AND_CLOSE, *INSERT_ONLY, "trust_head", "entry_salt")
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(tables)} TO {APP_ROLE}")
    op.execute(f"GRANT SELECT ON alembic_version TO {APP_ROLE}")
    op.execute(f"GRANT UPDATE ON trust_head TO {APP_ROLE}")
    op.execute(f"GRANT DELETE ON entry_salt TO {APP_ROLE}")
    for table in INSERT_AND_CLOSE:
        op.execute(f"GRANT UPDATE (closed_on) ON {table} TO {APP_ROLE}")

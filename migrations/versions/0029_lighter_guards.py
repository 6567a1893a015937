"""The guards of entries ask one plain question first.

Nearly every entry touches one fund and carries no households' parts: one pass over its lines says that it
is whole and balanced. Whatever does not pass is looked at as before (migration 0002), by fund and by part,
and refused with the same words. What is refused and what is let in stays the same.

Scalar subqueries are never turned into joins: of what 0002 rules out for the plans of these functions only
sequential scans are left.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _entry_guard()
        _late_line_guard()
    else:
        _sqlite()


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")


def _sqlite() -> None:
    op.execute("DROP TRIGGER entry_whole_and_balanced")
    op.execute("""
        CREATE TRIGGER entry_whole_and_balanced BEFORE INSERT ON entry
        WHEN (SELECT count(*) = NEW.line_count AND min(fund) = max(fund)
                     AND min(book = NEW.book AND business_date = NEW.business_date)
                     AND sum(CASE side WHEN 'D' THEN amount ELSE -amount END) = 0
              FROM posting WHERE trust_id = NEW.trust_id AND seq = NEW.seq) IS NOT TRUE
          OR CAST(substr(NEW.business_date, 1, 4) AS INTEGER) <> NEW.fiscal_year
          OR NEW.business_date <= (SELECT max(ends_on) FROM period_close
                                   WHERE trust_id = NEW.trust_id AND book = NEW.book)
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


def _entry_guard() -> None:
    op.execute("""
        CREATE OR REPLACE FUNCTION mz_entry_whole_and_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE bad record;
        BEGIN
          IF NOT EXISTS (
              SELECT FROM fresh e WHERE (
                  SELECT count(*) = e.line_count AND min(p.fund) = max(p.fund)
                         AND bool_and(p.book = e.book AND p.business_date = e.business_date
                                      AND p.detail_count = 0)
                         AND sum(CASE p.side WHEN 'D' THEN p.amount ELSE -p.amount END) = 0
                  FROM posting p WHERE p.trust_id = e.trust_id AND p.seq = e.seq) IS NOT TRUE
                OR (SELECT count(*) FROM posting_detail d WHERE d.trust_id = e.trust_id AND d.seq = e.seq) > 0
                OR extract(year FROM e.business_date) <> e.fiscal_year
                OR e.business_date <= (SELECT max(c.ends_on) FROM period_close c
                                       WHERE c.trust_id = e.trust_id AND c.book = e.book)) THEN
            RETURN NULL;
          END IF;
          SELECT e.seq INTO bad FROM fresh e WHERE (
              SELECT count(*) = e.line_count
                     AND bool_and(p.book = e.book AND p.business_date = e.business_date)
              FROM posting p WHERE p.trust_id = e.trust_id AND p.seq = e.seq) IS NOT TRUE
            OR (SELECT bool_or(f.net <> 0) FROM (
                  SELECT sum(CASE p.side WHEN 'D' THEN p.amount ELSE -p.amount END) AS net
                  FROM posting p WHERE p.trust_id = e.trust_id AND p.seq = e.seq GROUP BY p.fund) f)
          LIMIT 1;
          IF FOUND THEN
            RAISE EXCEPTION 'entry % refused: lines missing, of another day or book, or a fund not balanced',
                            bad.seq USING ERRCODE = 'check_violation';
          END IF;
          IF EXISTS (SELECT FROM fresh e WHERE (
                       SELECT bool_or((
                         SELECT count(*) <> p.detail_count OR (count(*) > 0 AND sum(d.amount) <> p.amount)
                         FROM posting_detail d WHERE d.trust_id = p.trust_id AND d.seq = p.seq
                           AND d.line_no = p.line_no))
                       FROM posting p WHERE p.trust_id = e.trust_id AND p.seq = e.seq)) THEN
            RAISE EXCEPTION 'details do not add up to their line' USING ERRCODE = 'check_violation';
          END IF;
          IF EXISTS (SELECT FROM fresh WHERE extract(year FROM business_date) <> fiscal_year) THEN
            RAISE EXCEPTION 'entry refused: numbered in another year than its day'
              USING ERRCODE = 'check_violation';
          END IF;
          IF EXISTS (SELECT FROM fresh e WHERE e.business_date <= (
                       SELECT max(c.ends_on) FROM period_close c
                       WHERE c.trust_id = e.trust_id AND c.book = e.book)) THEN
            RAISE EXCEPTION 'entry refused: the period is closed' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NULL;
        END $$
    """)
    _by_index_only("mz_entry_whole_and_balanced")


def _late_line_guard() -> None:
    op.execute("""
        CREATE OR REPLACE FUNCTION mz_posting_not_late() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT FROM fresh f WHERE (
                       SELECT e.line_count <> (SELECT count(*) FROM posting p
                                               WHERE p.trust_id = e.trust_id AND p.seq = e.seq)
                       FROM entry e WHERE e.trust_id = f.trust_id AND e.seq = f.seq)) THEN
            RAISE EXCEPTION 'late line refused: the entry is already posted'
              USING ERRCODE = 'check_violation';
          END IF;
          RETURN NULL;
        END $$
    """)
    _by_index_only("mz_posting_not_late")


def _by_index_only(function: str) -> None:
    """A plan made while the table was empty stays in the session and would scan all of it for every entry."""
    op.execute(f"ALTER FUNCTION {function}() SET enable_seqscan = off")

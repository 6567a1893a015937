"""Ten thousand owners vote at the same time: no ballot is lost, none counts twice, and it can be recounted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

from sqlalchemy import Engine, func, select

from ledger.errors import Refused
from ledger.records import places_of
from ledger.resolutions.codes import issue_codes
from ledger.resolutions.opening import open_vote
from ledger.resolutions.recount import recount
from ledger.resolutions.turnout import participation
from ledger.store.engine import open_engine, reading, writing
from ledger.store.tables import ballot
from ledger.verify.books import verify_books
from tests.resolutions.assembly import MEMBER, OPENS, assemble
from tests.resolutions.crowd import Vote, settle, vote_all, vote_together
from tests.servers import Database

OWNERS, AGAIN = 10_000, 300


def test_ten_thousand_owners_vote_at_once(database: Database) -> None:
    engine = open_engine(database.url)
    assembly = assemble(engine)
    with writing(engine) as conn:
        settle(conn, assembly.trust_id, OWNERS)
    number = assembly.noticed()
    roll = assembly.do(open_vote, number, day=OPENS)
    letters = assembly.do(issue_codes, number, day=OPENS, actor=MEMBER)
    assert roll.total.people == OWNERS + 6
    random = Random(7)
    votes: list[tuple[str, Vote]] = []
    said: dict[int, str] = {}
    areas = {letter.voter: letter.area for letter in letters}
    theirs = [letter for letter in letters if letter.units[0].startswith("9-")]
    for letter in [*theirs, *random.sample(theirs, AGAIN)]:
        choice = random.choice(["agree", "agree", "against", "abstain"])
        votes.append((f"q{letter.units[0][2:]}", (letter.voter, choice, letter.code)))
        said[letter.voter] = choice
    leaves = vote_together(database.url, assembly.trust_id, number, votes, processes=2)
    assert len(set(leaves)) == OWNERS + AGAIN, "each ballot has a leaf of its own"

    with reading(engine) as conn:
        count = conn.scalar(select(func.count()).select_from(ballot))
        subjects = [f"{number}/{no}" for no in range(1, OWNERS + AGAIN + 1)]
        published = places_of(conn, assembly.trust_id, "ballot", subjects)
        turnout = participation(conn, assembly.trust_id, number)
    assert count == len(published) == turnout.ballots == OWNERS + AGAIN
    assert sorted(published.values()) == sorted(leaves)
    assert turnout.took_part.people == OWNERS

    (item,) = assembly.close(number).items
    for option, counted in (("agree", item.agreed), ("against", item.against), ("abstain", item.abstained)):
        voters = [voter for voter, choice in said.items() if choice == option]
        assert (counted.people, counted.area) == (len(voters), sum(areas[voter] for voter in voters))
    assembly.publish(number)
    assert assembly.ask(recount, number).problems == ()
    with reading(engine) as conn:
        assert {f.code for f in verify_books(conn, assembly.trust_id, None).findings} == {
            "checkpoint.missing"
        }
    engine.dispose()


def test_no_ballot_slips_in_after_the_count(engine: Engine) -> None:
    """Twenty people vote at the last moment while the chair, whose clock is ahead, closes."""
    assembly = assemble(engine)
    with writing(engine) as conn:
        settle(conn, assembly.trust_id, 20)
    number = assembly.opened()
    voters = [(f"q{n:06d}", assembly.voter(number, f"9-{n:06d}")) for n in range(1, 21)]

    def vote(who: str, voter: int) -> bool:
        one: Vote = (voter, "agree", assembly.codes[voter])
        try:
            return bool(vote_all(engine, assembly.trust_id, number, [(who, one)]))
        except Refused as error:
            assert error.codes == {"vote_over"}
            return False

    with ThreadPoolExecutor(8) as pool:
        first = [pool.submit(vote, *one) for one in voters[:10]]
        closing = pool.submit(assembly.close, number)
        last = [pool.submit(vote, *one) for one in voters[10:]]
        result = closing.result()
        counted = sum(job.result() for job in (*first, *last))
    with reading(engine) as conn:
        kept = conn.scalar(select(func.count()).select_from(ballot))
    assert (result.ballots, result.items[0].agreed.people) == (kept, counted)
    assert assembly.ask(recount, number).problems == ()

"""Passwords are hashed slowly, compared honestly, and refused when everyone would guess them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.identity.passwords import hash_password, normal, password_fits, problems_of

CHEAP = (1, 8, 1)


@settings(max_examples=30)
@given(st.text(min_size=10, max_size=60), st.text(min_size=10, max_size=60))
def test_only_the_password_itself_fits(password: str, other: str) -> None:
    hashed = hash_password(password, CHEAP)
    assert password_fits(hashed, password, CHEAP)
    assert password_fits(hashed, other, CHEAP) == (normal(other) == normal(password))


def test_two_hashes_of_one_password_differ_and_do_not_show_it() -> None:
    first, second = (hash_password("correct horse battery", CHEAP) for _ in range(2))
    assert first != second
    assert first.startswith("$argon2id$")
    assert "correct" not in first


def test_a_hash_says_what_it_cost() -> None:
    assert "m=16,t=2,p=1" in hash_password("correct horse battery", (2, 16, 1))


def test_nobody_has_no_password() -> None:
    assert not password_fits("", "nobody's password", CHEAP)
    assert not password_fits("not a hash", "nobody's password", CHEAP)


def test_full_width_letters_are_the_same_password() -> None:
    assert password_fits(hash_password("ｈｅｌｌｏ　world　１２", CHEAP), "hello world 12", CHEAP)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("短密码", "password_short"),
        ("123456789", "password_short"),
        ("x" * 129, "password_long"),
        ("1234567890", "password_common"),
        ("PASSWORD123", "password_common"),
        ("1212121212", "password_common"),
        ("abcdefghijkl", "password_common"),
        ("9876543210", "password_common"),
        ("kuaiji-de-mima", "password_personal"),
    ],
)
def test_a_password_everyone_tries_is_refused(password: str, code: str) -> None:
    assert [problem.code for problem in problems_of(password, "kuaiji")] == [code]


@pytest.mark.parametrize("password", ["正好十个汉字也可以的吧", "correct horse battery", "a1b2c3d4e5"])
def test_a_sentence_will_do(password: str) -> None:
    assert problems_of(password, "kuaiji") == []

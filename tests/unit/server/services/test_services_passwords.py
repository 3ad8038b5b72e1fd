"""Passwords: their hashes, what is refused as a new one, and how guesses are slowed."""

from __future__ import annotations

import threading

import pytest

from weft.errors import ConfigError, Unavailable
from weft.server.services.users.attempts import Attempts, Source
from weft.server.services.users.password_rules import check_new_password
from weft.server.services.users.passwords import MAX_WAITING, Cost, Passwords

CHEAP = Cost(memory_kib=64, passes=1)
GOOD = "correct horse battery"


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(CHEAP)


def test_a_password_is_hashed_with_argon2id_and_a_salt(passwords: Passwords) -> None:
    first, second = (passwords.hash(GOOD).result(30) for _ in range(2))
    assert first != second
    assert first.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert passwords.check(GOOD, first).result(30) == (True, None)
    assert not passwords.check(GOOD + "x", first).result(30).is_right


def test_the_same_password_typed_in_another_form_of_unicode_is_right(passwords: Passwords) -> None:
    stored = passwords.hash("Gänse über Äcker").result(30)
    assert passwords.check("Ga\u0308nse u\u0308ber A\u0308cker", stored).result(30).is_right


def test_a_cheaper_hash_is_replaced_at_sign_in_and_only_with_the_right_password(
    passwords: Passwords,
) -> None:
    stored = passwords.hash(GOOD).result(30)
    dearer = Passwords(Cost(memory_kib=128, passes=2))
    assert dearer.check("wrong", stored).result(30) == (False, None)
    is_right, new_hash = dearer.check(GOOD, stored).result(30)
    assert is_right
    assert new_hash is not None
    assert new_hash.startswith("$argon2id$v=19$m=128,t=2,p=1$")
    assert dearer.check(GOOD, new_hash).result(30) == (True, None)


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=64,t=1,p=1$x$y"])
def test_no_hash_is_equal_to_no_password(passwords: Passwords, stored: str | None) -> None:
    assert not passwords.check("", stored).result(30).is_right
    assert not passwords.check(GOOD, stored).result(30).is_right


def test_an_unknown_name_costs_a_whole_check_of_the_same_parameters() -> None:
    # The dummy is a valid hash: it is computed, not refused early.
    passwords = Passwords(CHEAP)
    argon = passwords._argon()
    assert not argon.check_needs_rehash(passwords._dummy)


def test_waiting_checks_are_bounded_and_the_next_is_told_when_to_come_back(
    passwords: Passwords,
) -> None:
    blocked = threading.Event()
    passwords._thread.submit(blocked.wait, 60)
    waiting = [passwords.check(GOOD, None) for _ in range(MAX_WAITING - 1)]
    with pytest.raises(Unavailable) as refused:
        passwords.hash(GOOD)
    assert refused.value.retry_after_secs
    blocked.set()
    for check in waiting:
        assert not check.result(30).is_right
    assert passwords.hash(GOOD).result(30)


# --- rules -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "GpT7w-9kQzLm",  # of a password manager
        "x" * 4 + " my cat eats books " + "y" * 230,
        "пароль из четырёх слов",
        "mein Hund bellt laut",
        "829471630582",
    ],
)
def test_good_passwords_are_taken_without_rules_of_composition(password: str) -> None:
    check_new_password(password, about=("ada", "Ada Lovelace", "ada@lab.example"))


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short words", "12 characters"),
        ("x y " * 100, "at most 256"),
        ("password1234", "guessed"),
        ("Password-2026!", "guessed"),
        ("123456789012", "guessed"),
        ("qwertyuiop12", "guessed"),
        ("1q2w3e4r5t6y", "guessed"),
        ("aaaaaaaaaaaaaa", "guessed"),
        ("abababababab", "guessed"),
        ("zyxwvutsrqponm", "guessed"),
        ("ada.lovelace.1815", "guessed"),
        ("lovelaceada@lab", "guessed"),
        ("iloveyou1234!", "guessed"),
        ("weftweftweft", "guessed"),
    ],
)
def test_passwords_that_others_try_first_are_refused(password: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        check_new_password(password, about=("ada", "Ada Lovelace", "ada@lab.example"))


# --- slowing -----------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.secs = 1000.0

    def __call__(self) -> float:
        return self.secs


def test_each_further_failure_doubles_the_wait_up_to_a_limit() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    source = Source("192.0.2.7")
    waits: list[float] = []
    for _ in range(20):
        while wait_secs := attempts.begin("ada", source):
            waits.append(wait_secs)
            clock.secs += wait_secs
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == 900
    clock.secs += 3601
    assert attempts.begin("ada", source) == 0


def test_many_tries_at_the_same_moment_count_each() -> None:
    attempts = Attempts(Clock())
    begun = [attempts.begin("Ada", Source("192.0.2.7")) == 0 for _ in range(100)]
    assert sum(begun) == 5
    assert attempts.begin("ada", Source("192.0.2.7")) > 0, "case makes no other account"


def test_an_attack_on_an_account_does_not_slow_the_browser_of_its_owner() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for n in range(2000):
        attempts.begin("ada", Source(f"198.51.100.{n % 250}"))
        clock.secs += 0.1
    attacked = attempts.begin("ada", Source("203.0.113.1"))
    assert 0 < attacked <= 60, "another device of the owner waits a minute at most"
    assert attempts.begin("ada", Source("203.0.113.1", device="4f2a")) == 0


def test_a_copied_cookie_of_a_device_is_slowed_too() -> None:
    attempts = Attempts(Clock())
    source = Source("192.0.2.7", device="4f2a")
    assert sum(attempts.begin("ada", source) == 0 for _ in range(50)) == 8


def test_one_address_that_tries_many_accounts_is_slowed() -> None:
    attempts = Attempts(Clock())
    begun = [attempts.begin(f"user{n}", Source("192.0.2.7")) == 0 for n in range(200)]
    assert sum(begun) == 50
    assert attempts.begin("user1", Source("192.0.2.8")) == 0


def test_the_right_password_ends_the_wait_of_its_account_only() -> None:
    attempts = Attempts(Clock())
    source = Source("192.0.2.7")
    for _ in range(4):
        attempts.begin("ada", source)
        attempts.begin("bob", source)
    assert attempts.begin("ada", source) == 0
    attempts.succeed("ada", source)
    assert [attempts.begin("ada", source) for _ in range(5)] == [0] * 5
    assert attempts.begin("bob", source) == 0
    assert attempts.begin("bob", source) > 0

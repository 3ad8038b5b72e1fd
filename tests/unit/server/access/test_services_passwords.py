"""Passwords: their hashes, what is refused as a new one, and how guesses are slowed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from at_length import at_length
from weft.errors import ConfigError, Unavailable
from weft.server.services.users.attempts import Attempts, Source
from weft.server.services.users.password_rules import check_new_password
from weft.server.services.users.passwords import MAX_WAITING, Cost, Passwords
from weft.server.storage.metadata import MetadataStore
from weft.server.storage.metadata.database.schema import failed_try
from weft.server.storage.metadata.people import sign_in

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
        self.secs = 10_000.0

    def __call__(self) -> int:
        return int(self.secs * 1_000_000)


class Tries:
    """Tries of passwords, by the clock `clock`; `n_writes` transactions wrote."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.metadata = MetadataStore(f"sqlite:///{folder}/metadata.db")
        self._attempts = Attempts(self.metadata, self.clock, "sign-in")

    def fail(self, account: str, source: Source) -> float:
        """Try a wrong password; the seconds to wait if it may not begin."""
        attempt = self._attempts.begin(account, source)
        if attempt.wait_secs == 0:
            with self.metadata.write() as tx:
                self._attempts.fail(tx, attempt)
        self._attempts.end(attempt)
        return attempt.wait_secs

    def begin(self, account: str, source: Source) -> float:
        """Begin a try that takes long."""
        return self._attempts.begin(account, source).wait_secs

    def succeed(self, account: str, source: Source) -> float:
        """Try the right password."""
        attempt = self._attempts.begin(account, source)
        if attempt.wait_secs == 0:
            self._attempts.succeed(attempt)
        self._attempts.end(attempt)
        return attempt.wait_secs


@pytest.fixture
def tries(tmp_path: Path) -> Iterator[Tries]:
    tries = Tries(tmp_path)
    yield tries
    tries.metadata.close()


HERE = Source("192.0.2.7")


def test_each_further_failure_doubles_the_wait_up_to_a_limit(tries: Tries) -> None:
    waits: list[float] = []
    for _ in range(20):
        while wait_secs := tries.fail("ada", HERE):
            waits.append(wait_secs)
            tries.clock.secs += wait_secs
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == 900
    tries.clock.secs += 3601
    assert tries.fail("ada", HERE) == 0


def test_many_tries_at_the_same_moment_count_each(tries: Tries) -> None:
    begun = [tries.begin("Ada", HERE) == 0 for _ in range(100)]
    assert sum(begun) == 1 + 5, "the first is counted once it has failed"
    assert tries.begin("ada", HERE) > 0, "case makes no other account"


def test_an_attack_on_an_account_does_not_slow_the_browser_of_its_owner(tries: Tries) -> None:
    for n in range(400):
        tries.fail("ada", Source(f"198.51.100.{n % 250}"))
        tries.clock.secs += 0.5
    attacked = tries.begin("ada", Source("203.0.113.1"))
    assert 0 < attacked <= 60, "another device of the owner waits a minute at most"
    assert tries.begin("ada", Source("203.0.113.1", device="4f2a")) == 0


def test_a_copied_cookie_of_a_device_is_slowed_too(tries: Tries) -> None:
    source = Source("192.0.2.7", device="4f2a")
    assert sum(tries.fail("ada", source) == 0 for _ in range(50)) == 8


def test_one_address_that_tries_many_accounts_is_slowed(tries: Tries) -> None:
    begun = [tries.fail(f"user{n}", HERE) == 0 for n in range(100)]
    assert sum(begun) == 50
    assert tries.fail("user1", Source("192.0.2.8")) == 0


def test_the_right_password_ends_the_wait_of_its_account_only(tries: Tries) -> None:
    for _ in range(4):
        tries.fail("ada", HERE)
        tries.fail("bob", HERE)
    assert tries.succeed("ada", HERE) == 0
    assert [tries.fail("ada", HERE) for _ in range(5)] == [0] * 5
    assert tries.fail("bob", HERE) == 0
    assert tries.fail("bob", HERE) > 0


def test_a_sign_in_without_a_mistake_writes_nothing(tries: Tries) -> None:
    assert tries.succeed("ada", HERE) == 0
    with tries.metadata.read() as tx:
        assert tx.connection.execute(select(func.count()).select_from(failed_try)).scalar() == 0
        changes = tx.connection.exec_driver_sql("PRAGMA data_version").scalar()
    tries.succeed("ada", HERE)
    with tries.metadata.read() as tx:
        assert tx.connection.exec_driver_sql("PRAGMA data_version").scalar() == changes


@at_length
def test_counts_are_bounded_and_end_by_themselves(
    tries: Tries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "MAX_SOURCES", 2000)
    table = tries.metadata.sign_in

    def count() -> int:
        with tries.metadata.read() as tx:
            query = select(func.count()).select_from(failed_try)
            return tx.connection.execute(query).scalar_one()

    with tries.metadata.write() as tx:
        for n in range(200):
            table.add_failure(tx, [f"{n}.{part}" for part in range(15)], n + 1, 0)
    assert 2000 <= count() < 2000 + 100 * 15
    with tries.metadata.write() as tx:
        table.add_failure(tx, ["new"], 10_000, 9_000)
    assert count() == 1

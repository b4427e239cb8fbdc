"""Secrets that are too easy, and what is kept of the others."""

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from emscontrol.clinic.staff.secrets import HASHER, hash_secret, is_outdated, nobodys, require_hard, verify_secret
from emscontrol.core.errors import BookError, UsageError
from tests.clinic.staff.conftest import CHEAP, PIN


@pytest.mark.parametrize(
    "easy",
    [
        "",
        "1",
        "48029",
        "000000",
        "777777",
        "123456",
        "654321",
        "890123",
        "135791",
        "121212",
        "123123",
        "1111111111",
        "short",
        "correct h",
        "aaaaaaaaaaaa",
        "abababababab",
        "x" * 201,
        "therapist-anna",
    ],
)
def test_an_easy_secret_is_refused(easy: str) -> None:
    with pytest.raises(UsageError):
        require_hard(easy, "Therapist-Anna")


@pytest.mark.parametrize("hard", [PIN, "112233", "19580304", "four ponies sing", "Öl und Salz täglich"])
def test_a_hard_one_is_taken(hard: str) -> None:
    require_hard(hard, "anna")


def test_only_the_secret_itself_opens_its_hash() -> None:
    kept = hash_secret("Müller geht baden", CHEAP)
    assert verify_secret(kept, "Müller geht baden", CHEAP)
    assert verify_secret(kept, "Mu\u0308ller geht baden", CHEAP)  # as another keyboard composes it
    assert not verify_secret(kept, "Muller geht baden", CHEAP)
    assert hash_secret(PIN, CHEAP) != hash_secret(PIN, CHEAP)


def test_a_hash_that_was_damaged_is_told() -> None:
    with pytest.raises(BookError, match="damaged"):
        verify_secret("nothing", PIN, CHEAP)


def test_the_default_is_argon2id_as_rfc_9106_recommends_it() -> None:
    told = extract_parameters(nobodys())
    assert (told.type, told.memory_cost, told.time_cost, told.parallelism) == (Type.ID, 65536, 3, 4)
    assert not is_outdated(nobodys(), HASHER)


def test_the_hash_of_nobody_costs_what_a_real_one_costs() -> None:
    other = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    assert extract_parameters(nobodys(other)) == extract_parameters(hash_secret(PIN, other))
    assert not verify_secret(nobodys(CHEAP), PIN, CHEAP)


def test_a_hash_with_other_parameters_is_outdated() -> None:
    assert is_outdated(hash_secret(PIN, CHEAP), PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert not is_outdated(hash_secret(PIN, CHEAP), CHEAP)

"""Tokens open the door for their owner, as far as their role goes and as long as they hold."""

import pytest

from presenter import tokens
from presenter.errors import InputError


def test_a_token_is_known_by_its_secret_and_only_its_digest_is_kept(tmp_path):
    shown = tokens.create(tmp_path, "ada", "maker")
    token = tokens.check(tmp_path, shown)
    assert (token.owner, token.role) == ("ada", "maker")
    secret = shown.split("_", 2)[2]
    assert all(secret not in path.read_text() for path in (tmp_path / "tokens").iterdir())


def test_a_role_includes_the_lower_ones(tmp_path):
    token = tokens.check(tmp_path, tokens.create(tmp_path, "ada", "maker"))
    assert [token.may(role) for role in tokens.ROLES] == [True, True, False]


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "", lambda t: "../" + t]
)
def test_a_wrong_token_is_nobodys(tmp_path, change):
    assert tokens.check(tmp_path, change(tokens.create(tmp_path, "ada"))) is None


def test_a_revoked_or_expired_token_is_worthless(tmp_path):
    shown = tokens.create(tmp_path, "ada")
    (known,) = tokens.kept(tmp_path)
    tokens.revoke(tmp_path, known.id)
    assert tokens.check(tmp_path, shown) is None
    assert tokens.check(tmp_path, tokens.create(tmp_path, "ada", days=-1)) is None
    with pytest.raises(InputError, match="E-TOKEN-UNKNOWN"):
        tokens.revoke(tmp_path, known.id)


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 61])
def test_an_owner_has_a_plain_name(tmp_path, name):
    with pytest.raises(InputError, match="E-TOKEN-OWNER"):
        tokens.create(tmp_path, name)

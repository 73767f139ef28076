"""Who acts: the name that stands under a decision, and the account it was taken with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person who decides. `login` is that of his account; empty at the terminal, where nobody
    signs in.

    Two accounts may bear one name: they are the same person only if both name and login are equal.
    """

    name: str
    login: str = ""

    def may_be(self, other: Actor) -> bool:
        """Whether both may be one person: of one account, or, where one of them did not sign in, of
        one name.
        """
        if self.login and other.login:
            return self.login == other.login
        return self.name == other.name

"""The parts a working day needs, as the tests of actions have them."""

from tests.actions.conftest import app, enrolled, group_text  # noqa: F401

"""Commands in a home of their own, as the tests of the command line call them."""

from tests.cli.conftest import emscontrol as emscontrol

"""`python -m tests.integration.local.standin.alpha migrate|serve`."""

from tests.integration.local.standin.service import run

run("alpha")

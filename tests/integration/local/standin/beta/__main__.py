"""`python -m tests.integration.local.standin.beta migrate|serve`."""

from tests.integration.local.standin.service import run

run("beta")

"""A plugin of pytest: the tests run with one mutant put in, that of the environment variable."""

import os

from tests.mutation.mutants import function_of, mutants, source

VARIABLE = "HUITOU_MUTANT"
"""Names a module and the number of one of its mutants: sim.books 12."""


def pytest_configure() -> None:
    module, number = os.environ[VARIABLE].split()
    mutant = list(mutants(source(module)))[int(number)]
    function_of(module, mutant.path).__code__ = mutant.code

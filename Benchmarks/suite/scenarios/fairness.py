"""To come."""


def run(bench):
    """To come."""


def steps(bench):
    """."""


def chain(bench):
    """."""

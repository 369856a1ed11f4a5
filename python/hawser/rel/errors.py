"""What rel's callbacks may raise."""


class AbortBranch(Exception):
    """Leave the present callback; everything else goes on."""

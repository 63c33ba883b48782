"""What stops the embedded deployment: one clear line for the operator, with what to do."""


class LocalDeploymentError(Exception):
    """The deployment cannot go on; the message says why and what to do, and never holds a secret."""

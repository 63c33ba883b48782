"""The word by which a service says why it is not ready, for the server and for whoever asks it; it loads nothing else."""

NOT_READY_KEY = "comity-not-ready"
"""In the trailing metadata of a health answer: a line for each part that does not work, with what to do."""

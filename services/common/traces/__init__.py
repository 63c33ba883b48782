"""Traces: which call led to which event, job and further call. ``context`` is always on, ``spans`` only when asked for."""

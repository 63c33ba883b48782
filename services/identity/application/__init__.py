"""One file per thing a caller may want of identity; no protobuf, no SQL."""

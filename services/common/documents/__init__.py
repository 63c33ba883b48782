"""Documents: fonts, the page frame, canonical data and the store of frozen bytes. It renders; it never signs."""

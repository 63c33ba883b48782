"""Ways to courts' own systems. ``desk`` is the embedded one."""

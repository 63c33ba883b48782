"""One dispute, driven through the public API as its people would: from filing to a ruling, or to another end.

To be read in this order: ``journey`` (the whole way), ``moves`` (what every stage needs), then the stages ``filing``,
``consent``, ``meeting``, ``agreement``, ``court``, ``closing``, and ``other_ends``.
"""

from services.cli.journey.journey import Journey
from services.cli.journey.papers import Papers

__all__ = ["Journey", "Papers"]

"""How Comity is run: `local` on one machine, images and charts elsewhere."""

"""The secrets of identity and what is made with them: code hashes, tokens, and the folder they are kept in."""

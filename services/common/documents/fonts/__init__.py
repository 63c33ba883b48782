"""The fonts every document is printed with: Noto Sans SC, SIL Open Font License 1.1 (see OFL.txt)."""

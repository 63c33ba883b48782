"""The fonts every document is printed with, SIL Open Font License 1.1: Noto Sans SC (OFL.txt), Latin letters of Noto Sans
(OFL-NotoSans.txt), rare Han characters of Hanazono Mincho (OFL-Hanazono.txt)."""

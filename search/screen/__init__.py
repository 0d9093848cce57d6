"""The screen that `naidi` opens without arguments: hits while you type, with a preview. Needs the package textual (extra `tui`)."""

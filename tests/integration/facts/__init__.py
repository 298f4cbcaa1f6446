"""The reader of live facts on several lab hosts."""

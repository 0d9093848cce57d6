"""Small cases of what a person who searches in Russian expects, for any engine. A folder `cases` has them, as TOML."""

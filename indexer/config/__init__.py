"""Where the index is, and what the user has set: `naidi.toml`, the user's own file, the environment."""

"""What is told to an agent that asked for something that cannot be: what is wrong, and what to do instead."""

from __future__ import annotations


class ToolError(Exception):
    """The answer to a call that cannot be carried out. Its text is for the agent."""

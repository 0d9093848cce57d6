"""`naidi mcp`: tools for agents, programs that search and read on somebody's behalf.

`search_tool`, `read_tool` and `count_tools` answer, without knowing the protocol. `declared` says what the tools are called and
take. `service` brings both together, `protocol` speaks MCP by the official SDK, and `over_http` serves it over HTTP.
"""

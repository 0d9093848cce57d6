"""Speaks the Model Context Protocol, by its official SDK: tools, and documents as resources.

The low-level server of the SDK is used: what it declares is what `declared` says, word for word, and an error is an answer.
"""

from __future__ import annotations

from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from .answers import Answer
from .declared import TOOLS
from .errors import ToolError
from .quoting import SCHEME
from .service import Service

_THREADS = 4
_TEMPLATE = f"{SCHEME}{{id}}"


def server_of(service: Service, version: str) -> Server[Any]:
    """A server for any transport.

    Parameters:
      service: answers the calls.
      version: of naidi.
    """
    limiter: list[anyio.CapacityLimiter] = []

    async def in_thread(function: Any, *arguments: Any) -> Any:
        if not limiter:
            limiter.append(anyio.CapacityLimiter(_THREADS))  # needs the event loop
        return await anyio.to_thread.run_sync(function, *arguments, limiter=limiter[0])

    async def list_tools(context: Any, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=declared_tools())

    async def call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        return _result(await in_thread(service.call, params.name, params.arguments))

    async def list_resources(context: Any, params: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        # An index may have a million documents, and clients ask for all pages. They are found by `search`.
        return types.ListResourcesResult(resources=[])

    async def list_templates(
        context: Any, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        template = types.ResourceTemplate(
            name="document",
            uri_template=_TEMPLATE,
            description="The text of a document. The id is percent-encoded.",
            mime_type="text/plain",
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(context: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        address = str(params.uri)
        if not address.startswith(SCHEME):
            raise MCPError(code=types.INVALID_PARAMS, message=f"the address of a document begins with {SCHEME}")
        try:
            text = await in_thread(service.text_of, address)
        except ToolError as error:
            raise MCPError(code=types.INVALID_PARAMS, message=str(error)) from error
        contents = types.TextResourceContents(uri=params.uri, mime_type="text/plain", text=text)
        return types.ReadResourceResult(contents=[contents])

    async def complete(context: Any, params: types.CompleteRequestParams) -> types.CompleteResult:
        values: list[str] = []
        if isinstance(params.ref, types.ResourceTemplateReference) and params.ref.uri == _TEMPLATE:
            values = await in_thread(service.ids_like, params.argument.value)
        return types.CompleteResult(completion=types.Completion(values=values))

    server: Server[Any] = Server(
        "naidi",
        version=version,
        title="naidi",
        instructions=service.instructions(),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_completion=complete,
    )
    # What is searched for is told to nobody, also where telemetry is set up for other programs.
    server.middleware.clear()
    return server


def declared_tools() -> list[types.Tool]:
    """The tools, as the protocol has them."""
    reads_only = types.ToolAnnotations(read_only_hint=True, open_world_hint=False)
    return [
        types.Tool(name=tool.name, description=tool.description, input_schema=tool.schema, annotations=reads_only)
        for tool in TOOLS
    ]


def _result(answer: Answer) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(text=answer.text)],
        structured_content=answer.values,
        is_error=answer.is_error,
    )


async def serve_stdio(server: Server[Any]) -> None:
    """Serve the process that started this one, until it closes the pipe. Nothing else is written to stdout meanwhile."""
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())

"""The plugin. One function with type hints for each tool; its docstring is what models read."""

from typing import Annotated

from bulkhead import Field, tool


@tool(read_only=True)
def greet(who: Annotated[str, Field(description="Who is greeted", min_length=1)]) -> str:
    """Greets somebody by name."""
    return f"Hello, {who}!"

"""The bindings that componentize-py makes, under one name each in either world."""

from __future__ import annotations

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import completions, prompts, resources, tools
from wit_world.imports import atomics, host
from wit_world.imports import wasi_config_store as config
from wit_world.imports import wasi_keyvalue_store as keyvalue

try:
    # Its name where the world has `wasi:http/types` as well.
    from wit_world.imports import bulkhead_plugin_types as types
except ImportError:
    from wit_world.imports import types

__all__ = [
    "Err",
    "atomics",
    "completions",
    "config",
    "exports",
    "host",
    "keyvalue",
    "prompts",
    "resources",
    "tools",
    "types",
]

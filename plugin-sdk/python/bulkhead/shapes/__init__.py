"""What a JSON value has to look like, made from Python's type hints.

A shape writes the JSON Schema of its values and turns JSON into them. Values come from a host that
has checked them against the schema; shapes check again, so that tests without a host see the same.
"""

from .base import Shape
from .fields import Entry, Fields
from .hints import fields_of, shape_of
from .limits import Field
from .plain import plain

__all__ = ["Entry", "Field", "Fields", "Shape", "fields_of", "plain", "shape_of"]

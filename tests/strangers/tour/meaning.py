"""What a schema means, whichever way a language's tools write it down."""

# The limits of what a language's own type can hold are no bounds that an author set.
NATURAL = {
    "minimum": {-(2**63), -(2**53) + 1, -(2**31), -(2**15), -(2**7)},
    "maximum": {2**63 - 1, 2**64 - 1, 2**53 - 1, 2**32 - 1, 2**31 - 1, 2**16 - 1, 2**15 - 1, 2**8 - 1},
}
KEPT = ("minLength", "maxLength", "minItems", "maxItems", "pattern", "enum", "const", "default")


def of(schema: dict, whole: dict | None = None, bounds: bool = True) -> dict:
    """Types, members, what is required, defaults and bounds of `schema`; words and formats say nothing new."""
    whole = whole if whole is not None else schema
    while (at := schema.get("$ref", "")).startswith("#/"):
        found = whole
        for step in at[2:].split("/"):
            found = found[step]
        schema = {**{key: value for key, value in schema.items() if key != "$ref"}, **found}
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        parts = [of(choice, whole, bounds) for choice in choices]
        merged = {key: value for part in parts for key, value in part.items()}
        return {**merged, "type": sorted({kind for part in parts for kind in part.get("type", [])})}
    meant = {key: schema[key] for key in KEPT if key in schema}
    kinds = schema.get("type", [])
    meant["type"] = sorted([kinds] if isinstance(kinds, str) else kinds)
    if bounds:
        meant |= limits(schema)
    if members := schema.get("properties"):
        meant["properties"] = {name: of(member, whole, bounds) for name, member in members.items()}
    if required := schema.get("required"):
        meant["required"] = sorted(required)
    return meant


def limits(schema: dict) -> dict:
    found = {key: schema[key] for key in ("minimum", "maximum") if key in schema and schema[key] not in NATURAL[key]}
    if "exclusiveMinimum" in schema:
        found["minimum"] = schema["exclusiveMinimum"] + 1
    if "exclusiveMaximum" in schema:
        found["maximum"] = schema["exclusiveMaximum"] - 1
    return found

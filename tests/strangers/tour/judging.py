"""Whether what was seen is what a case expects."""

import json

import meaning
from driving import Seen

# A missing resource has a code of its own in revisions before 2026-07-28.
CODES = {"not found": {-32002, -32602}, "invalid": {-32602}}
NULL = {"null": True}


def fault(case: dict, seen: Seen) -> str:
    """What is wrong, empty if nothing is."""
    faults = [seen.wrong, ended(case, seen), *(check(case, seen) for check in (answer, around, form, listing))]
    return "; ".join(fault for fault in faults if fault)


def differs(what: str, expected: object, seen: object) -> str:
    return "" if expected == seen else f"expected {what} {short(expected)}, saw {short(seen)}"


def short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) < 400 else f"{text[:400]}… ({len(text)} characters)"


def told(seen: Seen) -> str:
    return short({key: value for key, value in vars(seen).items() if value})


def ended(case: dict, seen: Seen) -> str:
    """Whether it ended well, or in the kind of error that it should."""
    if "exact" in case:
        given = seen.text if isinstance(case["exact"], str) else seen.structured
        return "" if seen.is_error or seen.code else differs("an error, or exactly", case["exact"], given)
    if "refused" in case:
        return "" if seen.code in CODES[case["refused"]] else f"expected {case['refused']}, saw {told(seen)}"
    if "fails" in case:
        tells = seen.is_error and case["fails"] in (seen.text or "")
        return "" if tells else f"expected a tool error with {case['fails']!r}, saw {told(seen)}"
    return f"failed: {short(seen.text or '')}" if seen.is_error or seen.code is not None else ""


def answer(case: dict, seen: Seen) -> str:
    for words in case.get("without", []):
        if words in (seen.text or ""):
            return f"it tells {words!r}: {short(seen.text or '')}"
    if "structured" in case:
        expected = {key: None if value == NULL else value for key, value in case["structured"].items()}
        return differs("the structure", expected, seen.structured) or differs("its text", expected, parsed(seen.text))
    if "text" in case:
        return differs("the text", case["text"], seen.text)
    return differs("the values", case["values"], seen.values) if "values" in case else ""


def parsed(text: str | None) -> object:
    try:
        return json.loads(text or "")
    except ValueError:
        return text


def around(case: dict, seen: Seen) -> str:
    """What the call did besides answering."""
    if "fetched" in case and (found := differs("requests for", case["fetched"], seen.fetched)):
        return found
    if "said" in case and (found := differs("lines", [("info", line) for line in case["said"]], seen.lines)):
        return found
    return progress(case["progress"], seen.steps) if "progress" in case else ""


def progress(to: int, steps: list) -> str:
    """Each step says where it is; none comes twice or out of order, and a few come whole."""
    numbers = [step[0] for step in steps]
    if any(step != (number, to, str(int(number))) for step, number in zip(steps, numbers, strict=True)):
        return f'expected steps (k, {to}, "k"), saw {steps}'
    if numbers != sorted(set(numbers)) or not numbers or numbers[-1] > to:
        return f"expected rising steps up to {to}, saw {numbers}"
    return differs("the steps", list(range(1, to + 1)), numbers) if to <= 10 else ""


def form(case: dict, seen: Seen) -> str:
    if "asked" not in case:
        return ""
    if len(seen.asked) != 1:
        return f"expected one form, saw {len(seen.asked)}"
    asked, expected = seen.asked[0], case["asked"]
    shown = meaning.of(asked.requested_schema)
    return differs("the message", expected["message"], asked.message) or differs(
        "the form", meaning.of(expected["form"]), shown
    )


def listing(case: dict, seen: Seen) -> str:
    if "list" in case:
        return differs("the listing", case["same"], seen.listed)
    if "contract" not in case:
        return ""
    told, kind = seen.listed
    contract = told["contract"]
    if kind == "requests":
        asked = {key: value for key, value in told["requests"].items() if value and key != "limits"}
        asked |= {"http": [request(one) for one in asked.get("http", [])]}
        return differs("requests", case["same"][0], asked)
    if kind == "rest":
        return differs("contract", case["same"], rest(contract))
    found = {tool["name"]: offered(tool) for tool in contract["tools"]}
    wanted = {tool["name"]: offered(tool) for tool in case["same"]}
    faults = [differs(f"{name} as", wanted[name], found.get(name)) for name in wanted]
    return "; ".join(filter(None, [*faults, differs("tools", sorted(wanted), sorted(found))]))


def request(asked: dict) -> dict:
    """What is asked for: the reason is each author's own, and every path is what no path says too."""
    told = {key: value for key, value in asked.items() if key != "why"}
    return {key: value for key, value in told.items() if (key, value) != ("paths", ["/*"])}


def offered(tool: dict) -> dict:
    """What a tool takes, gives and claims. Bounds of what it gives bind nobody; a hint that is not said is no claim."""
    hints = {key: value for key, value in tool.get("annotations", {}).items() if key.endswith("Hint") and value}
    output = tool.get("outputSchema")
    gives = meaning.of(output, bounds=False) if output else None
    return {"takes": meaning.of(tool["inputSchema"]), "gives": gives, "claims": hints}


def rest(contract: dict) -> list[dict]:
    def names(prompt: dict, required: bool) -> list[str]:
        return [one["name"] for one in prompt.get("arguments", []) if bool(one.get("required")) is required]

    prompts = [
        {"prompt": p["name"], "required": names(p, True), "optional": names(p, False)} for p in contract["prompts"]
    ]
    resources = [{"resource": r["uri"], "mimeType": r.get("mimeType")} for r in contract["resources"]]
    templates = [{"template": t["uriTemplate"], "mimeType": t.get("mimeType")} for t in contract["resourceTemplates"]]
    return prompts + resources + templates

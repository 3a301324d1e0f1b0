"""Write src/model/trace_types.ts: the types of a trace, from their one schema, src/dragoman/explain/trace.schema.json.

python web/write_trace_types.py > web/src/model/trace_types.ts
"""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).resolve().parent.parent / "src" / "dragoman" / "explain" / "trace.schema.json"
WIDTH = 120

HEAD = """/** The types of a trace: `web/write_trace_types.py` writes them from `dragoman/explain/trace.schema.json`. */

/** Numbers with a shape, end to end, the last dimension running fastest; -Infinity where JSON has null. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
"""
PLAIN = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}


def type_of(schema: dict[str, Any]) -> str:
    """Return a schema as a TypeScript type."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix("#/$defs/")
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "oneOf" in schema:
        return " | ".join(type_of(one) for one in schema["oneOf"])
    kind = schema["type"]
    if isinstance(kind, list):
        return " | ".join(PLAIN[one] for one in kind)
    if kind == "array":
        item = type_of(schema["items"])
        if "minItems" in schema:
            return f"readonly [{', '.join([item] * schema['minItems'])}]"
        return f"readonly ({item})[]" if " " in item else f"readonly {item}[]"
    return "Readonly<Record<string, unknown>>" if kind == "object" else PLAIN[kind]


def comment(words: str, indent: str) -> Iterator[str]:
    """Write a description, on one line where it fits."""
    if len(line := f"{indent}/** {words} */") <= WIDTH:
        yield line
        return
    yield f"{indent}/**"
    yield from textwrap.wrap(words, WIDTH, initial_indent=f"{indent} * ", subsequent_indent=f"{indent} * ")
    yield f"{indent} */"


def interface(name: str, schema: dict[str, Any]) -> Iterator[str]:
    """Write an object's type; every property is required, as in the schema."""
    assert list(schema["properties"]) == schema["required"], name
    yield ""
    yield from comment(schema["description"], "")
    yield f"export interface {name} {{"
    for own, inner in schema["properties"].items():
        yield from comment(inner["description"], "  ")
        yield f"  readonly {own}: {type_of(inner)};"
    yield "}"


def written() -> str:
    """Return the whole file."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    lines = [*interface(schema["title"], schema)]
    for name, inner in schema["$defs"].items():
        if name != "Tensor":  # whose values are no JSON in memory
            lines += interface(name, inner)
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(written(), end="")

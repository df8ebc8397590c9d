"""Turns the vendor's model of CodePipeline into JSON Schema (draft 2020-12).

usage: codepipeline.py WHEEL OUTPUT

Every shape becomes a definition. Structures are closed, so that an unknown member is a defect, and patterns hold
for the whole text, as the service applies them. "operations" names input, output and errors of each operation.
"""

import gzip
import json
import sys
import zipfile

MODEL = "botocore/data/codepipeline/2015-07-09/service-2.json.gz"
LIMITS = {
    "string": ("minLength", "maxLength"),
    "list": ("minItems", "maxItems"),
    "map": ("minProperties", "maxProperties"),
    "integer": ("minimum", "maximum"),
    "long": ("minimum", "maximum"),
}
TYPES = {
    "string": "string",
    "blob": "string",
    "boolean": "boolean",
    "integer": "integer",
    "long": "integer",
    "double": "number",
    "float": "number",
    "timestamp": "number",
    "list": "array",
    "map": "object",
    "structure": "object",
}


def reference(member):
    return {"$ref": "#/$defs/" + member["shape"]}


def definition(shape):
    kind = shape["type"]
    schema = {"type": TYPES[kind]}
    low, high = LIMITS.get(kind, (None, None))
    if low and "min" in shape:
        schema[low] = shape["min"]
    if high and "max" in shape:
        schema[high] = shape["max"]
    if "enum" in shape:
        schema["enum"] = shape["enum"]
    if "pattern" in shape:
        schema["pattern"] = "^(?:" + shape["pattern"] + ")$"
    if kind == "list":
        schema["items"] = reference(shape["member"])
    if kind == "map":
        schema["propertyNames"] = reference(shape["key"])
        schema["additionalProperties"] = reference(shape["value"])
    if kind == "structure":
        schema["properties"] = {name: reference(member) for name, member in shape["members"].items()}
        schema["required"] = shape.get("required", [])
        schema["additionalProperties"] = False
    return schema


def operation(described):
    return {
        "input": described.get("input", {}).get("shape"),
        "output": described.get("output", {}).get("shape"),
        "errors": [error["shape"] for error in described.get("errors", [])],
    }


def main():
    wheel, output = sys.argv[1:]
    with zipfile.ZipFile(wheel) as archive:
        model = json.loads(gzip.decompress(archive.read(MODEL)))
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "target": model["metadata"]["targetPrefix"],
        "operations": {name: operation(described) for name, described in model["operations"].items()},
        "$defs": {name: definition(shape) for name, shape in model["shapes"].items()},
    }
    with open(output, "w", encoding="utf-8") as file:
        json.dump(schema, file, sort_keys=True)


main()

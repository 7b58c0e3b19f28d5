#!/usr/bin/python3
"""Validates topologies by a JSON Schema.

    schema.py SCHEMA FILE...    prints "accepted FILE", "refused FILE" or "unreadable FILE" for each

Values have the types that a YAML 1.2 reader gives them, as in editors; PyYAML by itself reads YAML 1.1.
The schema itself is checked first.
"""
import json
import re
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """The core schema of YAML 1.2, and keys as they are written, which is all that JSON has."""

    yaml_implicit_resolvers = {}

    def construct_mapping(self, node, deep=False):
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}


def construct_map(loader, node):
    return loader.construct_mapping(node)


Loader.add_constructor("tag:yaml.org,2002:map", construct_map)
for kind, pattern, first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
    ("merge", r"^<<$", ["<"]),
):
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + kind, re.compile(pattern), first)
# Decimal, also with a zero in front; a float with an exponent and no dot is one, too.
Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))


def judge(validator, path):
    try:
        with open(path, "rb") as file:
            topology = yaml.load(file, Loader)
        json.dumps(topology)
    except (yaml.YAMLError, UnicodeError, RecursionError, ValueError, TypeError) as error:
        return "unreadable", error
    error = jsonschema.exceptions.best_match(validator.iter_errors(topology))
    return ("refused", error.message) if error else ("accepted", "")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    for path in sys.argv[2:]:
        verdict, why = judge(validator, path)
        print(verdict, path)
        print(f"{path}: {why}", file=sys.stderr)


main()

#!/usr/bin/python3
"""Renders templates as Home Assistant does: Jinja2 in a sandbox, with `value` and `value_json`.

Reads a JSON array of [template, payload] from the file that is named, prints a JSON array of {"text": ...} or
{"error": ...}. What is undefined must not be used: there, each use is a line in the log.
"""
import json
import sys

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)


def render(template, payload):
    known = {"value": payload}
    try:
        known["value_json"] = json.loads(payload)
    except ValueError:
        pass
    try:
        return {"text": environment.from_string(template).render(known).strip()}
    except Exception as fault:  # whatever a template can do wrong is told
        return {"error": f"{type(fault).__name__}: {fault}"}


with open(sys.argv[1], encoding="utf-8") as file:
    print(json.dumps([render(template, payload) for template, payload in json.load(file)]))

"""The JSON Schema of a sweep's configuration, made of `DISTRIBUTIONS` and the keys of W&B.

Keys of weft's own: `metrics`, `sampler`, `seed`, and `when` of a parameter.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from weft.sweeps.distributions import DISTRIBUTIONS

METHODS: Final = ("grid", "random", "bayes")
SAMPLERS: Final = ("tpe", "gp", "cmaes", "qmc")
GOALS: Final = ("minimize", "maximize")
IMPUTED: Final = ("latest", "best", "worst")

MAX_PARAMETERS: Final = 1000
MAX_VALUES: Final = 100_000
MAX_TEXT: Final = 10_000

Schema = dict[str, Any]


@cache
def schema() -> Schema:
    """The schema of a configuration in which each parameter names its distribution.

    >>> sorted(schema()["required"])
    ['method', 'parameters']
    """
    text: Schema = {"type": "string", "maxLength": MAX_TEXT}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of a sweep",
        "type": "object",
        "required": ["method", "parameters"],
        "additionalProperties": False,
        "properties": {
            "method": {"enum": list(METHODS), "description": "how parameter sets are chosen"},
            "metric": {"$ref": "#/$defs/metric"},
            "metrics": {
                "type": "array",
                "minItems": 2,
                "maxItems": 8,
                "items": {"$ref": "#/$defs/metric"},
                "description": "several metrics; the best runs are those of the Pareto front",
            },
            "parameters": {"$ref": "#/$defs/parameters"},
            "name": text | {"description": "the sweep's name for people"},
            "description": text,
            "program": text | {"description": "the script that `weft agent` starts"},
            "command": {
                "type": "array",
                "items": {"type": ["string", "number"]},
                "minItems": 1,
                "maxItems": 1000,
                "description": "the command line, with macros such as ${program} and ${args}",
            },
            "run_cap": {"type": "integer", "minimum": 1, "description": "maximum number of runs"},
            "early_terminate": {"$ref": "#/$defs/early_terminate"},
            "sampler": {
                "enum": list(SAMPLERS),
                "description": "of method bayes: tpe unless named; qmc: also of method random",
            },
            "seed": {
                "type": "integer",
                "minimum": 0,
                "maximum": 2**53,
                "description": "makes the parameter sets reproducible; random if missing",
            },
            "entity": text,
            "project": text,
            "controller": {
                "type": "object",
                "properties": {"type": {"enum": ["local", "cloud"]}},
                "description": "of W&B; ignored: the server schedules every sweep",
            },
            "apiVersion": {"type": "string", "description": "of W&B; ignored"},
            "kind": {"enum": ["sweep"]},
        },
        "$defs": {
            "metric": _METRIC,
            "early_terminate": _EARLY_TERMINATE,
            "parameters": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": MAX_PARAMETERS,
                "additionalProperties": {"$ref": "#/$defs/parameter"},
            },
            "parameter": _parameter(),
        },
    }


_METRIC: Final[Schema] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 1000},
        "goal": {"enum": list(GOALS), "default": "minimize"},
        "target": {"type": "number", "description": "a run that reaches it ends the sweep"},
        "impute": {
            "enum": list(IMPUTED),
            "default": "worst",
            "description": "how a run that failed counts for method bayes",
        },
        "impute_while_running": {
            "enum": [*IMPUTED, "false", False],
            "default": "false",
            "description": "of W&B; only false: a run counts once it has ended",
        },
    },
}

_EARLY_TERMINATE: Final[Schema] = {
    "type": "object",
    "required": ["type"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["hyperband", "asha"]},
        "min_iter": {
            "type": "integer",
            "minimum": 1,
            "description": "values of the metric before the first decision",
        },
        "max_iter": {
            "type": "integer",
            "minimum": 1,
            "description": "values of the metric in a whole run",
        },
        "s": {
            "type": "integer",
            "minimum": 1,
            "description": "how many decisions before max_iter",
        },
        "eta": {"type": "number", "exclusiveMinimum": 1, "default": 3},
        "strict": {"type": "boolean", "default": False},
    },
}


def _parameter() -> Schema:
    """The schema of a parameter: by its distribution, or nested parameters."""
    return {
        "type": "object",
        "if": {"required": ["parameters"]},
        "then": {
            "properties": {"parameters": {"$ref": "#/$defs/parameters"}},
            "additionalProperties": False,
        },
        "else": {
            "required": ["distribution"],
            "properties": {"distribution": {"enum": list(DISTRIBUTIONS)}},
            "allOf": [
                {
                    "if": {
                        "properties": {"distribution": {"const": name}},
                        "required": ["distribution"],
                    },
                    "then": {
                        "description": kind.summary,
                        "required": [
                            key for key, rule in kind.keys.items() if "default" not in rule
                        ],
                        "properties": {
                            "distribution": True,
                            "when": {"type": "object", "minProperties": 1},
                            **kind.keys,
                        },
                        "additionalProperties": False,
                    },
                }
                for name, kind in DISTRIBUTIONS.items()
            ],
        },
    }

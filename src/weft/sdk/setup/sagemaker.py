"""SageMaker's description of a training job: the config and the group of its runs. Reads a file.

Source: SageMaker's training toolkit, "Environment variables", and W&B's integration for SageMaker.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from weft.sdk.setup import SAGEMAKER_ENVIRONMENT, SAGEMAKER_PARAMETERS

PARAMETERS: Final = Path(SAGEMAKER_PARAMETERS)
JOB_NAME: Final = "TRAINING_JOB_NAME"


def sagemaker_inputs(complain: Callable[[str], object]) -> dict[str, Any]:
    """The inputs of a run in a training job: its hyperparameters and its environment.

    Outside of SageMaker they are empty. `complain` gets a sentence about what can't be read.

    >>> sagemaker_inputs(print)
    {}
    """
    inputs: dict[str, Any] = {}
    if PARAMETERS.exists():
        inputs["sagemaker_training_job_name"] = os.environ.get(JOB_NAME)
        try:
            parameters = _object(PARAMETERS.read_bytes())
            inputs |= {name: _number_or_text(value) for name, value in parameters.items()}
        except (OSError, msgspec.DecodeError) as error:
            complain(f"SageMaker's hyperparameters can't be read: {error}")
    environment = os.environ.get(SAGEMAKER_ENVIRONMENT)
    if environment:
        try:
            inputs |= _object(environment.encode())
        except msgspec.DecodeError as error:
            complain(f"{SAGEMAKER_ENVIRONMENT} is not JSON, so the config lacks it: {error}")
    return inputs


def _object(data: bytes) -> dict[str, Any]:
    return msgspec.json.decode(data, type=dict[str, Any])


def _number_or_text(value: Any) -> Any:
    """SageMaker gives each hyperparameter as a text, with quotes if it searches for the best."""
    if not isinstance(value, str):
        return value
    text = value.strip('"')
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    try:
        return float(text) if re.fullmatch(r"-?[.\d]+", text) else text
    except ValueError:
        return text


def sagemaker_group() -> str | None:
    """The group of the runs of a training job: its name."""
    is_job = SAGEMAKER_ENVIRONMENT in os.environ or PARAMETERS.exists()
    return os.environ.get(JOB_NAME) if is_job else None

"""A YAML file of settings read into its model, with an error that names file and field."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


def read_settings(path: Path, model: type[Model], error_class: type[Exception]) -> Model:
    """Return the file as a ``model``; an ``error_class`` says what is wrong, one line for each field."""
    try:
        return model.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise error_class(f"{path}: can't be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise error_class(f"{path}: is not YAML: {error}") from error
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, e['loc'])) or '(whole file)'}: {e['msg']}" for e in error.errors()]
        raise error_class("\n".join(lines)) from error

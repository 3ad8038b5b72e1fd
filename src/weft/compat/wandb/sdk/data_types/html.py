"""An inner path to Html."""

from weft import Html as Html

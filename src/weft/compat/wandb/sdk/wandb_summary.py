"""The class of summaries."""

from weft.sdk.dicts.summary import Summary as Summary

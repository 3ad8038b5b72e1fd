"""The formats of keys that begin with a prefix of their service, as a table. Pure.

`secret_formats` makes patterns of them. A prefix of two or three letters needs a long body, so
that names of variables and of files never match.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

_ALNUM: Final = "[A-Za-z0-9]"
_WORD: Final = r"[\w-]"
_HEX: Final = "[0-9a-fA-F]"
_BASE64: Final = "[A-Za-z0-9+/=_-]"


class ServiceKeys(msgspec.Struct, frozen=True):
    """Keys of one service.

    Attributes:
        kind: the service, which is what is counted.
        body: a character class.
        min_chars: the least number of characters of `body` after the prefix.
        prefixes: one of which each key begins with.
    """

    kind: str
    body: str
    min_chars: int
    prefixes: tuple[str, ...]

    @property
    def pattern(self) -> str:
        r"""A regular expression of these keys.

        >>> ServiceKeys("groq", "[a-z]", 40, ("gsk_",)).pattern
        '(?<!\\w)(?:gsk_)[a-z]{40,}'
        """
        prefixes = "|".join(map(re.escape, self.prefixes))
        return rf"(?<!\w)(?:{prefixes}){self.body}{{{self.min_chars},}}"


SERVICE_KEYS: Final = (
    ServiceKeys("age", "[A-Z0-9]", 40, ("AGE-SECRET-KEY-",)),
    ServiceKeys("buildkite", _ALNUM, 30, ("bkua_",)),
    ServiceKeys("cerebras", _ALNUM, 40, ("csk-",)),
    ServiceKeys("circleci", _WORD, 40, ("CCIPAT_",)),
    ServiceKeys("digitalocean", _HEX, 60, ("dop_v1_", "doo_v1_", "dor_v1_")),
    ServiceKeys("docker", _WORD, 20, ("dckr_pat_", "dckr_oat_")),
    ServiceKeys("doppler", _ALNUM, 40, ("dp.pt.", "dp.st.", "dp.sa.")),
    ServiceKeys("dynatrace", "[A-Z0-9.]", 60, ("dt0c01.", "dt0s01.")),
    ServiceKeys("elevenlabs", _HEX, 48, ("sk_",)),
    ServiceKeys("figma", _WORD, 36, ("figd_",)),
    ServiceKeys("fly", _BASE64, 60, ("fm2_", "fo1_")),
    ServiceKeys("grafana", _BASE64, 32, ("glsa_", "glc_")),
    ServiceKeys("groq", _ALNUM, 40, ("gsk_",)),
    ServiceKeys("huggingface", _ALNUM, 30, ("api_org_",)),
    ServiceKeys("jina", _ALNUM, 40, ("jina_",)),
    ServiceKeys("kaggle", _ALNUM, 30, ("KGAT_",)),
    ServiceKeys("langchain", _WORD, 40, ("lsv2_pt_", "lsv2_sk_")),
    ServiceKeys("linear", _ALNUM, 32, ("lin_api_", "lin_oauth_")),
    ServiceKeys("neon", _ALNUM, 60, ("napi_",)),
    ServiceKeys("netlify", _ALNUM, 36, ("nfp_",)),
    ServiceKeys("newrelic", _ALNUM, 27, ("NRAK-",)),
    ServiceKeys("notion", _ALNUM, 40, ("ntn_",)),
    ServiceKeys("onepassword", _BASE64, 60, ("ops_",)),
    ServiceKeys("perplexity", _ALNUM, 40, ("pplx-",)),
    ServiceKeys("pinecone", _WORD, 40, ("pcsk_",)),
    ServiceKeys("planetscale", r"[\w.-]", 32, ("pscale_tkn_", "pscale_pw_")),
    ServiceKeys("postman", _WORD, 50, ("PMAK-",)),
    ServiceKeys("prefect", _ALNUM, 36, ("pnu_", "pnb_")),
    ServiceKeys("replicate", _ALNUM, 36, ("r8_",)),
    ServiceKeys("rubygems", _HEX, 48, ("rubygems_",)),
    ServiceKeys("runpod", _ALNUM, 36, ("rpa_",)),
    ServiceKeys("sentry", _BASE64, 60, ("sntrys_", "sntryu_")),
    ServiceKeys("shopify", _HEX, 32, ("shpat_", "shpca_", "shppa_", "shpss_")),
    ServiceKeys("square", _WORD, 22, ("sq0atp-", "sq0csp-")),
    ServiceKeys("supabase", _HEX, 40, ("sbp_",)),
    ServiceKeys("tavily", _WORD, 28, ("tvly-",)),
    ServiceKeys("together", _WORD, 36, ("tgp_v1_",)),
    ServiceKeys("vault", _WORD, 24, ("hvs.", "hvb.", "hvr.")),
    ServiceKeys("xai", _ALNUM, 60, ("xai-",)),
)

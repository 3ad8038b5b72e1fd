# Authlib has no types.
"""The flow of OpenID Connect with one provider: authorization code with PKCE, state and nonce.

The server's requests to the provider may take seconds: call `begin`, `finish` and `check` in a
thread. Authlib is imported at the first sign-in, not at the server's start.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from weft.errors import Forbidden, Unavailable
from weft.server.services.users.oidc.person import Person, person_from
from weft.server.services.users.oidc.requests import Refusal, fetch_json
from weft.server.settings import OidcProvider

BEGUN_SECS: Final = 600.0
"""The time in which a person signs in at the provider."""

_METADATA_SECS: Final = 3600.0
_LEEWAY_SECS: Final = 120
_ALGORITHMS: Final = (
    "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split()  # noqa: SIM905
)
"""Signatures by the provider's own key. The others use the shared secret, or nothing."""

_AGAIN: Final = "start again from the sign-in page"


class Begun(msgspec.Struct, frozen=True, array_like=True):
    """A sign-in that a browser has begun. The browser keeps it, sealed, in a cookie.

    Attributes:
        path: the page that the browser asked for.
        link_user: the user whose account the identity is added to; None to sign in.
        invitation: the code of an invitation that the person follows.
        expires_secs: since 1970.
    """

    provider: str
    state: str
    nonce: str
    verifier: str
    path: str
    link_user: str | None
    invitation: str | None
    expires_secs: float


class Provider:
    """One provider. Thread-safe; its documents are fetched when they are needed, and kept.

    Attributes:
        lacks_groups: whether the last person came without the claim of groups.
    """

    def __init__(self, settings: OidcProvider, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.title = settings.title or settings.name
        self.lacks_groups = False
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: dict[str, Any] | None = None

    def begin(
        self,
        redirect_uri: str,
        *,
        path: str = "/",
        link_user: str | None = None,
        invitation: str | None = None,
    ) -> tuple[str, Begun]:
        """The address to send a browser to, and what to compare with its return."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        metadata = self._discover()
        begun = Begun(
            provider=self.settings.name,
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            path=path,
            link_user=link_user,
            invitation=invitation,
            expires_secs=self._clock() + BEGUN_SECS,
        )
        url: str = prepare_grant_uri(
            metadata["authorization_endpoint"],
            client_id=self.settings.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=" ".join(self.settings.scopes),
            state=begun.state,
            nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
        )
        return url, begun

    def finish(self, begun: Begun, redirect_uri: str, query: Mapping[str, str]) -> Person:
        """The person who has signed in, from the provider's answer in the query of an address.

        Forbidden if the answer is forged, late, or a refusal; Unavailable if the provider fails.
        """
        if not hmac.compare_digest(begun.state.encode(), query.get("state", "").encode()):
            raise Forbidden(f"this sign-in was begun in another browser or window; {_AGAIN}")
        if self._clock() > begun.expires_secs:
            raise Forbidden(f"this sign-in took more than {BEGUN_SECS / 60:.0f} minutes; {_AGAIN}")
        if query.get("error"):
            reason = query.get("error_description") or query["error"]
            raise Forbidden(f"{self.title} did not sign you in: {reason[:200]}")
        metadata = self._discover()
        # Another provider's answer would be sent to this one (RFC 9207).
        if query.get("iss", metadata["issuer"]) != metadata["issuer"] or not query.get("code"):
            raise Forbidden(f"the answer is not one of {self.title}; {_AGAIN}")
        token = self._fetch_token(metadata, begun, redirect_uri, query["code"])
        claims = self._verify(metadata, token, begun.nonce)
        person = person_from(self._with_user_info(metadata, token, claims), self.settings)
        self.lacks_groups = person.groups is None
        return person

    def check(self) -> dict[str, Any]:
        """Fetch the provider's documents, and return the one of its discovery; Unavailable if they
        are not there or not usable.
        """
        metadata = self._discover(is_new=True)
        self._fetch_keys(metadata)
        return metadata

    def _discover(self, *, is_new: bool = False) -> dict[str, Any]:
        with self._lock:
            cached = self._metadata
        if cached is not None and not is_new and self._clock() < cached[0]:
            return cached[1]
        issuer = self.settings.issuer.rstrip("/")
        try:
            metadata = fetch_json(
                f"{issuer}/.well-known/openid-configuration", name=f"the provider {self.title}"
            )
            self._check_metadata(metadata, issuer)
        except Refusal as error:
            raise Unavailable(f"the provider {self.title} refuses: {error}") from error
        except Unavailable:
            if cached is not None and not is_new:
                return cached[1]  # the addresses rarely change: the next request may do
            raise
        with self._lock:
            self._metadata = self._clock() + _METADATA_SECS, metadata
        return metadata

    def _check_metadata(self, metadata: dict[str, Any], issuer: str) -> None:
        name = str(metadata.get("issuer", ""))
        if name.rstrip("/") != issuer:
            raise Unavailable(
                f"the provider at {issuer} calls itself {name[:200]!r}: set its issuer to that"
            )
        schemes = {"https"} if issuer.startswith("https:") else {"http", "https"}
        for key in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
            if key not in metadata and key == "userinfo_endpoint":
                continue
            if urlsplit(str(metadata.get(key, ""))).scheme not in schemes:
                raise Unavailable(f"the document of {issuer} has no valid {key}")

    def _fetch_token(
        self, metadata: dict[str, Any], begun: Begun, redirect_uri: str, code: str
    ) -> dict[str, Any]:
        from authlib.oauth2.auth import ClientAuth
        from authlib.oauth2.rfc6749.parameters import prepare_token_request

        body: str = prepare_token_request(
            "authorization_code",
            redirect_uri=redirect_uri,
            code=code,
            code_verifier=begun.verifier,
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        auth: Any = ClientAuth(
            self.settings.client_id, self.settings.client_secret, self._auth_method(metadata)
        )
        url, headers, body = auth.prepare("POST", metadata["token_endpoint"], headers, body)
        try:
            return fetch_json(url, headers=headers, form=body, name=f"the provider {self.title}")
        except Refusal as error:
            if error.error in {"invalid_client", "unauthorized_client"}:
                raise Unavailable(
                    f"the provider {self.title} does not accept this server's client_id and "
                    "client_secret: an administrator has to correct the settings"
                ) from error
            raise Forbidden(
                f"{self.title} did not confirm the sign-in ({error}); {_AGAIN}"
            ) from error

    def _auth_method(self, metadata: dict[str, Any]) -> str:
        if self.settings.client_secret is None:
            return "none"
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return next((m for m in ("client_secret_basic", "client_secret_post") if m in methods),
                    "client_secret_basic")  # fmt: skip

    def _verify(
        self, metadata: dict[str, Any], token: dict[str, Any], nonce: str
    ) -> dict[str, Any]:
        """The claims of a token with a valid signature of the provider, for this sign-in."""
        from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError

        text = token.get("id_token")
        if not isinstance(text, str):
            raise Unavailable(f"{self.title} sent no id_token: has its client the scope openid?")
        try:
            try:
                return self._decoded(
                    metadata, token, nonce, self._keys or self._fetch_keys(metadata)
                )
            except (InvalidKeyIdError, BadSignatureError):
                # The provider may have new keys since they were fetched.
                return self._decoded(metadata, token, nonce, self._fetch_keys(metadata))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Forbidden(f"{self.title} sent an invalid token ({error}); {_AGAIN}") from error

    def _decoded(
        self, metadata: dict[str, Any], token: dict[str, Any], nonce: str, keys: dict[str, Any]
    ) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        key_set: Any = KeySet.import_key_set(keys)  # pyrefly: ignore[bad-argument-type]
        decoded = jwt.decode(
            token["id_token"],
            key=key_set,
            registry=JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False),
        )
        client_id = self.settings.client_id
        options: Any = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": client_id},
            "sub": {"essential": True},
        }
        parameters = {"nonce": nonce, "client_id": client_id}
        if isinstance(token.get("access_token"), str):
            parameters["access_token"] = token["access_token"]
        claims: Any = CodeIDToken(decoded.claims, decoded.header, options, parameters)
        claims.validate(now=int(self._clock()), leeway=_LEEWAY_SECS)
        return dict(claims)

    def _fetch_keys(self, metadata: dict[str, Any]) -> dict[str, Any]:
        try:
            keys = fetch_json(metadata["jwks_uri"], name=f"the provider {self.title}")
        except Refusal as error:
            raise Unavailable(f"the provider {self.title} refuses its keys: {error}") from error
        if not isinstance(keys.get("keys"), list):
            raise Unavailable(f"the provider {self.title} has no list of keys")
        self._keys = keys
        return keys

    def _with_user_info(
        self, metadata: dict[str, Any], token: dict[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        """Claims with those that the provider tells only at its endpoint for them."""
        groups = self.settings.groups_claim.partition(".")[0]
        is_whole = "email" in claims and "name" in claims and groups in claims
        url, access = metadata.get("userinfo_endpoint"), token.get("access_token")
        if is_whole or not isinstance(url, str) or not isinstance(access, str):
            return claims
        try:
            info = fetch_json(
                url,
                headers={"Authorization": f"Bearer {access}"},
                name=f"the provider {self.title}",
            )
        except (Refusal, Unavailable):
            return claims  # they are optional: the signed token names the person
        if info.get("sub") != claims["sub"]:
            return claims
        return info | claims

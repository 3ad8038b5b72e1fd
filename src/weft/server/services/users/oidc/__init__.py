"""Signing in by providers of OpenID Connect, such as Keycloak, Google or Entra ID.

provider    the flow with one provider: discovery, the address to send a browser to, the token
person      what a provider says about a person: name, mail, groups and their roles in teams
requests    requests to providers, in threads, bounded in time and size
"""

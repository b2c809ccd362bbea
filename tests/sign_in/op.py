"""An OpenID Connect provider on loopback, as a process: idpyoidc's own server, which shares no code with our client.

`python op.py FOLDER CLIENT_BASE` prints its issuer and reads commands: `user NAME` (who signs in next), `client BASE`,
`end` (sessions end: logout tokens are sent; status and token of each are printed), `groups userinfo|token|other` (where
groups are told, or of whom userinfo tells).
"""

import base64
import json
import sys
import threading
import traceback
from pathlib import Path

import requests
from idpyoidc.server import Server
from idpyoidc.server.configure import OPConfiguration
from idpyoidc.server.user_authn.user import NoAuthn
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

ACR = "urn:oasis:names:tc:SAML:2.0:ac:classes:InternetProtocolPassword"
ALL = ["email", "email_verified", "groups"]


class Whoever(NoAuthn):
    """Lets in whoever was named last."""

    name = "nobody"

    def authenticated_as(self, client_id="", cookie=None, authorization="", **kwargs):  # noqa: ARG002 -- its name
        self.user = base64.b64encode(json.dumps({"uid": Whoever.name}).encode()).decode()
        return super().authenticated_as(client_id, None, authorization, **kwargs)


def keys(folder, name, kinds):
    return {"private_path": f"{folder}/{name}.json", "key_defs": kinds, "read_only": False}


def configuration(folder, issuer):
    oct_keys = [{"type": "OCT", "use": ["enc"], "kid": "enc"}, {"type": "OCT", "use": ["sig"], "kid": "sig"}]
    endpoint = "idpyoidc.server.oidc"
    token = "idpyoidc.server.token"
    return {
        "issuer": issuer,
        "httpc_params": {"verify": False, "timeout": 4},
        "key_conf": {
            **keys(folder, "jwks", [{"type": "RSA", "use": ["sig"]}, {"type": "EC", "crv": "P-256", "use": ["sig"]}]),
            "public_path": f"{folder}/public.json",
            "uri_path": "jwks.json",
        },
        "cookie_handler": {
            "class": "idpyoidc.server.cookie_handler.CookieHandler",
            "kwargs": {
                "encrypter": {"kwargs": {"keys": keys(folder, "cookie", oct_keys)}},
                "name": {"session": "op", "register": "op_rp", "session_management": "sman"},
            },
        },
        "endpoint": {
            "provider_info": {
                "path": ".well-known/openid-configuration",
                "class": f"{endpoint}.provider_config.ProviderConfiguration",
                "kwargs": {"client_authn_method": None},
            },
            "authorization": {
                "path": "authorization",
                "class": f"{endpoint}.authorization.Authorization",
                "kwargs": {"client_authn_method": None, "response_types_supported": ["code"]},
            },
            "token": {
                "path": "token",
                "class": f"{endpoint}.token.Token",
                "kwargs": {"client_authn_method": ["client_secret_post", "client_secret_basic"]},
            },
            "userinfo": {
                "path": "userinfo",
                "class": f"{endpoint}.userinfo.UserInfo",
                "kwargs": {"client_authn_method": ["bearer_header"], "base_claims": {"groups": None}},
            },
            "session": {
                "path": "session",
                "class": f"{endpoint}.session.Session",
                "kwargs": {
                    "logout_verify_url": "verify_logout",
                    "post_logout_uri_path": "post_logout",
                    "signing_alg": "ES256",
                    "backchannel_logout_supported": True,
                    "backchannel_logout_session_required": True,
                    "client_authn_method": None,
                },
            },
        },
        "authentication": {"user": {"acr": ACR, "class": Whoever, "kwargs": {"user": "nobody"}}},
        "userinfo": {
            "class": "idpyoidc.server.user_info.UserInfo",
            "kwargs": {"db": json.loads((Path(folder) / "users").read_text("utf-8"))},
        },
        "add_on": {
            "pkce": {
                "function": "idpyoidc.server.oauth2.add_on.pkce.add_support",
                "kwargs": {"essential": True, "code_challenge_method": ["S256"]},
            }
        },
        "token_handler_args": {
            "jwks_def": keys(folder, "token", [{"type": "oct", "bytes": "24", "use": ["enc"], "kid": "code"}]),
            "code": {"lifetime": 600},
            "token": {"class": f"{token}.jwt_token.JWTToken", "kwargs": {"lifetime": 3600}},
            "id_token": {
                "class": f"{token}.id_token.IDToken",
                "kwargs": {"base_claims": dict.fromkeys(ALL)},
            },
        },
        "session_params": {
            "encrypter": {
                "kwargs": {
                    "keys": {
                        "key_defs": [
                            {"type": "OCT", "use": ["enc"], "kid": "password"},
                            {"type": "OCT", "use": ["enc"], "kid": "salt"},
                        ]
                    }
                }
            }
        },
    }


def client(base):
    """Give what the provider knows of devsys at an address."""
    return {
        "client_id": "devsys",
        "client_secret": "a-secret-of-more-than-thirty-two-letters",
        "redirect_uris": [(f"{base}/sign-in/provider/back", {})],
        "response_types_supported": ["code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "allowed_scopes": ["openid", "email", "profile"],
        "backchannel_logout_uri": f"{base}/sign-in/provider/logout",
        "post_logout_redirect_uris": [(f"{base}/sign-in", {})],
        "id_token_signed_response_alg": "RS256",
        "client_salt": "salted",
    }


class Provider:
    """The provider's addresses as a WSGI application."""

    def __init__(self):
        self.op = None
        self.sessions = []
        self.tells_of_another = False

    def tell_groups(self, where):
        """Tell groups in the ID token or by userinfo alone; `other`: userinfo tells of another subject."""
        claims = self.op.context.session_manager.token_handler["id_token"].kwargs["base_claims"]
        claims.pop("groups", None)
        if where == "token":
            claims["groups"] = None
        self.tells_of_another = where == "other"

    def __call__(self, environ, start):
        request = Request(environ)
        try:
            response = self.answer(request)
        except Exception as error:  # noqa: BLE001 -- a provider that refuses goes on
            response = Response(f"{type(error).__name__}: {error}", 400)
            traceback.print_exc()
        return response(environ, start)

    def answer(self, request):
        path = request.path.strip("/")
        if path == "jwks.json":
            return Response(self.op.keyjar.export_jwks_as_json(""), mimetype="application/json")
        name = {
            ".well-known/openid-configuration": "provider_config",
            "authorization": "authorization",
            "token": "token",
            "userinfo": "userinfo",
        }
        if path == "session":
            return Response("<title>Signed out there</title>signed out", mimetype="text/html")
        if path == "favicon.ico":
            return Response("", 204)
        if path not in name:
            return Response("", 404)
        endpoint = self.op.get_endpoint(name[path])
        http_info = {
            "headers": {k.lower(): v for k, v in request.headers.items()},
            "method": request.method,
            "url": request.url,
            "cookie": [],
        }
        http_info["headers"]["authorization"] = request.headers.get("Authorization", "")
        given = request.form.to_dict() if request.method == "POST" else request.args.to_dict()
        if path == "authorization":
            parsed = endpoint.parse_request(given, http_info=http_info)
            if "error" in parsed:
                return Response(parsed.to_json(), 400, mimetype="application/json")
            args = endpoint.process_request(parsed, http_info=http_info)
        else:
            parsed = endpoint.parse_request(given, http_info=http_info)
            if hasattr(parsed, "keys") and "error" in parsed:
                return Response(json.dumps(dict(parsed)), 400, mimetype="application/json")
            args = endpoint.process_request(parsed, http_info=http_info)
        if "error" in args and path != "authorization":
            return Response(json.dumps({"error": str(args["error"])}), 400, mimetype="application/json")
        if path == "authorization" and args.get("session_id"):
            self.sessions.append(args["session_id"])
        if self.tells_of_another and path == "userinfo":
            args["response_args"]["sub"] = "somebody else"
        told = endpoint.do_response(request=parsed, **args)
        body = told["response"]
        if told.get("response_placement") == "url" or path == "authorization":
            return Response("", 303, {"Location": body})
        return Response(body, 200, mimetype="application/json")

    def end(self):
        session, found = self.op.get_endpoint("session"), []
        for sid in self.sessions:
            where, token = self.spec(session, sid)
            try:
                status = requests.post(where, data={"logout_token": token}, timeout=5).status_code
            except requests.RequestException:
                status = 0
            found.append((status, token))
        self.sessions.clear()
        return found

    def spec(self, session, sid):
        return session.do_back_channel_logout(self.op.context.cdb["devsys"], sid)


class Quiet(WSGIRequestHandler):
    def log(self, type, message, *args):  # noqa: A002 -- werkzeug's name
        """Say nothing."""


def say(words):
    """Answer a command."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def main():
    folder, base = sys.argv[1:3]
    made = Provider()
    server = make_server("127.0.0.1", 0, made, threaded=True, request_handler=Quiet)
    issuer = f"http://127.0.0.1:{server.server_port}"
    made.op = Server(OPConfiguration(configuration(folder, issuer)), cwd=folder)
    made.op.context.cdb["devsys"] = client(base)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    say(issuer)
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "user":
            Whoever.name = rest
            say("ok")
        elif word == "client":
            made.op.context.cdb["devsys"] = client(rest)
            say("ok")
        elif word == "groups":
            made.tell_groups(rest)
            say("ok")
        elif word == "end":
            say(json.dumps(made.end()))


if __name__ == "__main__":
    main()

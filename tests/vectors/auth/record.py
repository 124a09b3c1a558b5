"""Asks a running auth server everything that the flows below ask and writes down what it answers.

    python3 record.py SERVER_URL JWT_SECRET OUT.jsonl [FLOW_PREFIX]

The README beside this file says how the server is started. While it records, this program is the
server's hook for mails and text messages, and its OAuth provider, on port 9998 of 127.0.0.1.

What is random is named: `<uuid:1>`, `<jwt:2>`, `<otp:1>`; a name stands for the same text wherever it
comes up again in its flow, in answers and in requests. Times are `<time>` and `<epoch>`.
"""

import base64, hashlib, hmac, http.client, json, re, struct, sys, threading, time, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SERVER, SECRET, OUT = sys.argv[1:4]
ONLY = sys.argv[4] if len(sys.argv) > 4 else ""
PROVIDER_PORT = 9998
MESSAGES, USERS = [], {}


class Outside(BaseHTTPRequestHandler):
    """The hooks and the provider: what would be another company's."""

    def log_message(self, *_):
        pass

    def say(self, body, status=200, headers=()):
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (("content-type", "application/json"), *headers):
            self.send_header(name, value)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/hook/email":
            told = json.loads(body)
            user, data = told["user"], told["email_data"]
            kind = data["email_action_type"]
            if kind == "email_change":
                if user.get("email"):
                    hash = data["token_hash_new"] or data["token_hash"]
                    MESSAGES.append(dict(to=user["email"], kind=kind, token=data["token"], hash=hash))
                if data.get("token_new"):
                    MESSAGES.append(dict(to=user["new_email"], kind=kind, token=data["token_new"], hash=data["token_hash"]))
                elif not user.get("email"):
                    MESSAGES.append(dict(to=user["new_email"], kind=kind, token=data["token"], hash=data["token_hash"]))
                else:
                    MESSAGES[-1] = dict(to=user["new_email"], kind=kind, token=data["token"], hash=data["token_hash"])
            else:
                MESSAGES.append(dict(to=user["email"], kind=kind, token=data["token"], hash=data["token_hash"]))
            return self.say({})
        if self.path == "/hook/sms":
            told = json.loads(body)
            sms = told["sms"]
            to = sms.get("phone") or told["user"].get("new_phone") or told["user"].get("phone") or ""
            MESSAGES.append(dict(to=to.lstrip("+"), kind="sms", token=sms["otp"], hash=""))
            return self.say({})
        if self.path.startswith(("/login/oauth/access_token", "/oauth/token")):
            email = urllib.parse.parse_qs(body.decode())["code"][0]
            token = "provider-" + hashlib.sha256(f"{email}{time.time()}".encode()).hexdigest()[:20]
            USERS[token] = email
            return self.say({"access_token": token, "token_type": "bearer", "scope": ""})
        self.say({}, 404)

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path in ("/login/oauth/authorize", "/oauth/authorize"):
            # As the stand-in's provider: `login_hint` says who signs in, `error` plays a refusal.
            back = {"state": query["state"]}
            if query.get("error"):
                back["error"] = query["error"]
            else:
                back["code"] = query.get("login_hint", "user@provider.example")
            to = query["redirect_uri"] + "?" + urllib.parse.urlencode(back)
            return self.say({}, 302, [("location", to)])
        token = USERS.get(self.headers.get("authorization", "").split(" ")[-1], "")
        number = int(hashlib.sha256(token.encode()).hexdigest()[:6], 16)
        name = token.split("@")[0]
        if url.path == "/api/v3/user/emails":
            return self.say([{"email": token, "primary": True, "verified": True}])
        if url.path in ("/api/v3/user", "/api/v4/user"):
            return self.say({"id": number, "login": name, "name": name, "email": token, "confirmed_at": "2024-01-01T00:00:00Z"})
        if url.path == "/api/v4/user/emails":
            return self.say([{"id": 1, "email": token}])
        self.say({}, 404)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(claims):
    text = b64(b'{"alg":"HS256","typ":"JWT"}') + "." + b64(json.dumps(claims).encode())
    return text + "." + b64(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest())


SERVICE = sign({"role": "service_role", "iss": "recorder", "exp": 4102444800, "iat": 1735689600})
ANON = sign({"role": "anon", "iss": "recorder", "exp": 4102444800, "iat": 1735689600})
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
DIGEST = re.compile(r"^[\w-]{43}$")
# Fields whose text is random, and what it is called.
RANDOM = {
    "refresh_token": "refresh", "secret": "secret", "qr_code": "qr", "uri": "uri", "client_secret": "clientsecret",
    "provider_token": "providertoken", "email_otp": "otp", "hashed_token": "hash", "challenge": "challenge",
    "authorization_id": "authorization", "message_id": "message", "provider_id": "subject",
}
HEADERS = ["content-type", "x-supabase-api-version", "location", "x-total-count", "link"]
LINES = []


class Flow:
    def __init__(self, name):
        self.name, self.known, self.counts, self.number = name, {}, {}, 0

    def call(self, kind, text):
        if text and text not in self.known:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            self.known[text] = f"<{kind}:{self.counts[kind]}>"
        return self.known.get(text, text)

    def named(self, text):
        """Replaces what has a name."""
        for raw in sorted(self.known, key=len, reverse=True):
            if raw in text:
                text = text.replace(raw, self.known[raw])
        return text.replace(SERVER, "<server>").replace(urllib.parse.quote(SERVER, safe=""), "<server-encoded>")

    def hide(self, value, field=""):
        """Names what is random in an answer."""
        if isinstance(value, dict):
            return {name: self.hide(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.hide(inner, field) for inner in value]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            epoch = field in ("expires_at", "timestamp", "iat", "exp", "auth_time", "expires_in_seconds")
            return "<epoch>" if epoch and value > 1_000_000_000 else value
        if not isinstance(value, str):
            return value
        if TIME.match(value):
            return "<time>"
        if field == "url" and f":{PROVIDER_PORT}/" in value:
            return self.call("url", value)
        if field in RANDOM and value:
            return self.call(RANDOM[field], value)
        for found in JWT.findall(value):
            self.call("jwt", found)
        if DIGEST.match(value) and value not in self.known or field in ("phone", "new_phone") and len(value) == 15 and not value.isdigit():
            # What is left of a deleted user.
            return self.call("digest", value)
        if f":{PROVIDER_PORT}" in value:
            # Where the server sends to its provider is between the two.
            return "<provider>"
        for found in UUID.findall(value):
            if found != "00000000-0000-0000-0000-000000000000":
                self.call("uuid", found)
        return self.named(value)

    def random_fields(self, value):
        """Names what fields hold that are random, so that it is found wherever else it stands."""
        if isinstance(value, dict):
            for field, kind in RANDOM.items():
                if isinstance(value.get(field), str):
                    self.call(kind, value[field])
            value = list(value.values())
        for inner in value if isinstance(value, list) else []:
            self.random_fields(inner)

    def line(self, **line):
        self.number += 1
        LINES.append({"id": f"{self.name}/{self.number}", **line})
        return line

    def send(self, method, path, body=None, query=None, as_=None, version=True, raw=None):
        headers = {}
        bearer = {"service": SERVICE, "anon": ANON}.get(as_, as_)
        if bearer:
            headers["authorization"] = "Bearer " + bearer
        if version:
            headers["x-supabase-api-version"] = "2024-01-01"
        data = raw.encode() if raw is not None else json.dumps(body).encode() if body is not None else None
        if data is not None:
            headers["content-type"] = "application/json;charset=UTF-8"
        target = urllib.parse.urlparse(SERVER)
        connection = http.client.HTTPConnection(target.hostname, target.port)
        url = target.path + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = dict(method=method, path=self.named(path))
        if query:
            request["query"] = {name: self.named(str(text)) for name, text in query.items()}
        if as_:
            request["as"] = as_ if as_ in ("service", "anon") else self.named(as_)
        if not version:
            request["version"] = False
        if raw is not None:
            request["raw"] = raw
        elif body is not None:
            request["body"] = json.loads(self.named(json.dumps(body)))
        connection.request(method, url, data, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        try:
            value = json.loads(text) if text else None
        except ValueError:
            value = text
        kept = {}
        for name in HEADERS:
            if answer.headers.get(name):
                kept[name] = self.hide_url(answer.headers[name])
        claims = None
        if isinstance(value, dict) and isinstance(value.get("access_token"), str):
            middle = value["access_token"].split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        line = dict(request=request, status=answer.status, headers=kept)
        self.random_fields(value)
        hidden = self.hide(value)
        if value is not None:
            line["answer"] = hidden
        if claims is not None:
            line["claims"] = self.hide(claims)
        self.line(**line)
        return value if isinstance(value, dict) else {"value": value, "location": answer.headers.get("location", "")}

    def hide_url(self, url):
        for name, kind in (("code", "code"), ("access_token", "jwt"), ("refresh_token", "refresh"), ("state", "state"), ("expires_at", "epoch"), ("authorization_id", "authorization"), ("provider_token", "providertoken")):
            for found in re.findall(rf"[?&#]{name}=([^&#]+)", url):
                if kind == "epoch":
                    url = url.replace(found, "<epoch>")
                else:
                    self.call(kind, urllib.parse.unquote(found))
                    url = url.replace(found, self.known[urllib.parse.unquote(found)])
        return self.hide(url)

    def message(self, to):
        """The last mail or text message to somebody."""
        found = next(message for message in reversed(MESSAGES) if message["to"] == to.lstrip("+"))
        line = dict(to=to.lstrip("+"), kind=found["kind"], token=self.call("otp", found["token"]))
        if found["hash"]:
            line["hash"] = self.call("hash", found["hash"])
        self.line(message=line)
        return found

    def nothing_to(self, to):
        assert not any(message["to"] == to for message in MESSAGES)
        self.line(no_message=to)

    def browse(self, url):
        """Follows redirects as a browser does, to the application."""
        begun = self.named(url)
        while not url.startswith(("http://app.test", "http://localhost:3000")):
            target = urllib.parse.urlparse(url)
            connection = http.client.HTTPConnection(target.hostname, target.port)
            # Links lead to the gateway's URL of the server, which is below `/auth/v1`.
            path = target.path.removeprefix("/auth/v1")
            connection.request("GET", path + ("?" + target.query if target.query else ""))
            answer = connection.getresponse()
            answer.read()
            assert answer.headers.get("location"), (url, answer.status)
            url = urllib.parse.urljoin(url, answer.headers["location"])
        self.line(browse=begun, lands=self.hide_url(url))
        return dict(urllib.parse.parse_qsl(urllib.parse.urlparse(url).query)) | dict(urllib.parse.parse_qsl(urllib.parse.urlparse(url).fragment))

    def wait(self, seconds):
        self.line(wait=seconds)
        time.sleep(seconds)

    def totp(self, secret):
        key = base64.b32decode(secret + "=" * (-len(secret) % 8))
        mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
        at = mac[19] & 15
        code = f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"
        self.line(totp=self.known[secret], code=self.call("totp", code))
        return code

    # Shortcuts.
    def user(self, email, password="secret-1", **more):
        return self.send("POST", "/admin/users", dict(email=email, password=password, email_confirm=True, **more), as_="service")

    def password(self, email, password="secret-1", **more):
        return self.send("POST", "/token", dict(email=email, password=password, **more), dict(grant_type="password"))

    def refresh(self, token):
        return self.send("POST", "/token", dict(refresh_token=token), dict(grant_type="refresh_token"))

    def signed_in(self, email):
        self.user(email)
        return self.password(email)


VERIFIER = "v" * 50
CHALLENGE = b64(hashlib.sha256(VERIFIER.encode()).digest())
PKCE = dict(code_challenge=CHALLENGE, code_challenge_method="s256")
FLOWS = []


def flow(function):
    FLOWS.append(function)
    return function


@flow
def admin_users(f):
    f.send("GET", "/admin/users", as_="service")
    made = f.send("POST", "/admin/users", dict(email="Admin1@Example.com", password="secret-1", user_metadata=dict(name="Yoda"), app_metadata=dict(plan="pro")), as_="service")
    f.send("POST", "/admin/users", dict(email="admin1@example.com"), as_="service")
    f.send("POST", "/admin/users", {}, as_="service")
    f.send("POST", "/admin/users", dict(email="nobody"), as_="service")
    f.send("POST", "/admin/users", dict(email="admin2@example.com", email_confirm=True), as_="service")
    f.send("POST", "/admin/users", dict(phone="+15550100", phone_confirm=True, password="secret-1"), as_="service")
    f.send("POST", "/admin/users", dict(phone="15550100"), as_="service")
    f.send("GET", "/admin/users", query=dict(page=1, per_page=2), as_="service")
    f.send("GET", "/admin/users", query=dict(page=2, per_page=2), as_="service")
    f.send("GET", "/admin/users", query=dict(page="x"), as_="service")
    f.send("GET", "/admin/users", as_="anon")
    f.send("GET", "/admin/users")
    f.send("GET", "/admin/users", as_="nonsense")
    f.send("GET", "/admin/users/" + made["id"], as_="service")
    f.send("GET", "/admin/users/nope", as_="service")
    f.send("GET", "/admin/users/11111111-1111-4111-8111-111111111111", as_="service")
    f.send("PUT", "/admin/users/" + made["id"], dict(user_metadata=dict(name=None, city="Rome"), app_metadata=dict(plan="free")), as_="service")
    f.send("PUT", "/admin/users/" + made["id"], dict(email="admin3@example.com", email_confirm=True), as_="service")
    f.send("PUT", "/admin/users/" + made["id"], dict(email="admin2@example.com"), as_="service")
    f.send("PUT", "/admin/users/" + made["id"], dict(password="x"), as_="service")
    f.send("PUT", "/admin/users/" + made["id"], dict(password="secret-2"), as_="service")
    f.send("PUT", "/admin/users/" + made["id"], dict(ban_duration="soon"), as_="service")
    f.send("PUT", "/admin/users/" + made["id"], dict(role="editor"), as_="service")
    f.send("PUT", "/admin/users/" + made["id"], dict(phone="+15550101", phone_confirm=True), as_="service")
    f.send("GET", f"/admin/users/{made['id']}/factors", as_="service")
    f.send("DELETE", f"/admin/users/{made['id']}/factors/11111111-1111-4111-8111-111111111111", as_="service")
    f.send("DELETE", "/admin/users/" + made["id"], dict(should_soft_delete=True), as_="service")
    f.send("GET", "/admin/users/" + made["id"], as_="service")
    f.send("DELETE", "/admin/users/" + made["id"], as_="service")
    f.send("DELETE", "/admin/users/" + made["id"], as_="service")


@flow
def admin_ban(f):
    session = f.signed_in("ban@example.com")
    user = session["user"]["id"]
    f.send("PUT", "/admin/users/" + user, dict(ban_duration="24h"), as_="service")
    f.password("ban@example.com")
    f.refresh(session["refresh_token"])
    f.send("GET", "/user", as_=session["access_token"])
    f.send("PUT", "/admin/users/" + user, dict(ban_duration="none"), as_="service")
    f.password("ban@example.com")


@flow
def admin_links(f):
    def link(kind, as_="service", **more):
        return f.send("POST", "/admin/generate_link", dict(type=kind, **more), as_=as_)
    link("signup", email="link1@example.com", password="secret-1", data=dict(a=1), redirect_to="http://app.test/x")
    made = link("signup", email="link1@example.com", password="secret-1")
    f.send("POST", "/verify", dict(type="signup", token_hash=made["hashed_token"]))
    link("signup", email="link1@example.com", password="secret-1")
    link("signup", email="link2@example.com")
    made = link("invite", email="link3@example.com", data=dict(b=2))
    f.send("POST", "/verify", dict(type="invite", email="link3@example.com", token=made["email_otp"]))
    link("invite", email="link3@example.com")
    made = link("magiclink", email="link1@example.com")
    f.send("POST", "/verify", dict(type="magiclink", token_hash=made["hashed_token"]))
    link("magiclink", email="link4@example.com")
    made = link("recovery", email="link1@example.com")
    f.browse(made["action_link"])
    link("recovery", email="unknown@example.com")
    link("email_change_current", email="link1@example.com", new_email="link5@example.com")
    link("email_change_new", email="link1@example.com", new_email="link5@example.com")
    link("email_change_new", email="link1@example.com", new_email="link3@example.com")
    link("nonsense", email="link1@example.com")
    link("magiclink", email="link1@example.com", as_="anon")


@flow
def admin_invite(f):
    f.send("POST", "/invite", dict(email="invite1@example.com", data=dict(a=1)), as_="service")
    mail = f.message("invite1@example.com")
    f.send("POST", "/verify", dict(type="invite", token_hash=mail["hash"]))
    f.send("POST", "/invite", dict(email="invite1@example.com"), as_="service")
    f.send("POST", "/invite", dict(email=""), as_="service")
    f.send("POST", "/invite", dict(email="invite2@example.com"), as_="anon")


@flow
def sign_up_email(f):
    e = "signup1@example.com"
    f.send("POST", "/signup", dict(email="Signup1@Example.com", password="secret-1", data=dict(name="Ada")))
    f.password(e)
    f.send("POST", "/verify", dict(type="signup", email=e, token="000000"))
    mail = f.message(e)
    f.send("POST", "/verify", dict(type="signup", email=e, token=mail["token"]))
    f.send("POST", "/verify", dict(type="signup", email=e, token=mail["token"]))
    session = f.password(e)
    f.send("GET", "/user", as_=session["access_token"])
    f.send("POST", "/signup", dict(email=e, password="secret-1"))
    f.send("POST", "/signup", dict(email="signup2@example.com", password="abc"))
    f.send("POST", "/signup", dict(email="signup2@example.com", password="a" * 73))
    f.send("POST", "/signup", dict(email="signup2@example.com"))
    f.send("POST", "/signup", dict(email="nonsense", password="secret-1"))
    f.send("POST", "/signup", dict(password="secret-1"))
    f.send("POST", "/signup", raw="{")
    f.send("POST", "/signup", dict(email="signup3@example.com", password="secret-1"))
    f.send("POST", "/signup", dict(email="signup3@example.com", password="secret-2", data=dict(second=True)))
    mail = f.message("signup3@example.com")
    f.send("POST", "/verify", dict(type="email", email="signup3@example.com", token=mail["token"]))
    f.password("signup3@example.com", "secret-2")


@flow
def sign_up_pkce(f):
    e = "signup4@example.com"
    f.send("POST", "/signup", dict(email=e, password="secret-1", **PKCE), dict(redirect_to="http://app.test/welcome?a=b"))
    mail = f.message(e)
    back = f.browse(f"{SERVER}/auth/v1/verify?token={mail['hash']}&type=signup&redirect_to=http%3A%2F%2Fapp.test%2Fwelcome%3Fa%3Db")
    f.send("POST", "/token", dict(auth_code=back["code"], code_verifier="w" * 50), dict(grant_type="pkce"))
    f.send("POST", "/token", dict(auth_code=back["code"], code_verifier=VERIFIER), dict(grant_type="pkce"))
    f.send("POST", "/token", dict(auth_code=back["code"], code_verifier=VERIFIER), dict(grant_type="pkce"))
    f.send("POST", "/token", dict(auth_code="", code_verifier=VERIFIER), dict(grant_type="pkce"))
    f.send("POST", "/token", dict(auth_code="11111111-1111-4111-8111-111111111111", code_verifier=VERIFIER), dict(grant_type="pkce"))
    f.browse(f"{SERVER}/auth/v1/verify?token={mail['hash']}&type=signup&redirect_to=http%3A%2F%2Fapp.test%2Fwelcome")
    f.send("POST", "/signup", dict(email="signup5@example.com", password="secret-1", code_challenge="short", code_challenge_method="s256"))
    f.send("POST", "/signup", dict(email="signup5@example.com", password="secret-1", code_challenge=CHALLENGE))


@flow
def sign_up_implicit(f):
    e = "signup6@example.com"
    f.send("POST", "/signup", dict(email=e, password="secret-1"))
    mail = f.message(e)
    back = f.browse(f"{SERVER}/auth/v1/verify?token={mail['hash']}&type=signup&redirect_to=http%3A%2F%2Fapp.test%2Fwelcome")
    f.send("GET", "/user", as_=back["access_token"])
    f.send("POST", "/signup", dict(email="signup7@example.com", password="secret-1"))
    mail = f.message("signup7@example.com")
    f.browse(f"{SERVER}/auth/v1/verify?token={mail['hash']}&type=signup&redirect_to=http%3A%2F%2Felsewhere.test%2F")
    f.browse(f"{SERVER}/auth/v1/verify?token=nonsense&type=signup&redirect_to=http%3A%2F%2Fapp.test%2Fwelcome")


@flow
def sign_up_phone(f):
    f.send("POST", "/signup", dict(phone="+15550110", password="secret-1", data=dict(a=1)))
    sms = f.message("15550110")
    f.send("POST", "/token", dict(phone="+15550110", password="secret-1"), dict(grant_type="password"))
    f.send("POST", "/verify", dict(type="sms", phone="+15550110", token="000000"))
    f.send("POST", "/verify", dict(type="sms", phone="+15550110", token=sms["token"]))
    f.send("POST", "/token", dict(phone="+15550110", password="secret-1"), dict(grant_type="password"))
    f.send("POST", "/signup", dict(phone="+15550110", password="secret-1"))
    f.send("POST", "/signup", dict(phone="nonsense", password="secret-1"))
    f.send("POST", "/signup", dict(phone="+15550111", password="secret-1", channel="pigeon"))


@flow
def passwords(f):
    f.user("password1@example.com")
    f.password("password1@example.com", "wrong-1")
    f.password("unknown@example.com")
    f.send("POST", "/token", dict(password="secret-1"), dict(grant_type="password"))
    f.send("POST", "/token", dict(email="password1@example.com"), dict(grant_type="password"))
    f.send("POST", "/token", dict(email="password1@example.com", phone="+15550199", password="secret-1"), dict(grant_type="password"))
    f.send("POST", "/token", dict(email="password1@example.com", password="secret-1"), dict(grant_type="magic"))
    f.send("POST", "/token", raw="nonsense", query=dict(grant_type="password"))
    f.password("PASSWORD1@example.com")
    f.send("POST", "/token", dict(email="password1@example.com", password="wrong-1"), dict(grant_type="password"), version=False)
    f.send("POST", "/signup", dict(email="password2@example.com", password="abc"), version=False)


@flow
def one_time_email(f):
    e = "otp1@example.com"
    f.send("POST", "/otp", dict(email=e, create_user=False))
    f.send("POST", "/otp", dict(email=e, create_user=True, data=dict(a=1)))
    mail = f.message(e)
    f.send("POST", "/verify", dict(type="email", email=e, token="000000"))
    f.send("POST", "/verify", dict(type="email", email=e, token=mail["token"]))
    f.send("POST", "/otp", dict(email=e, create_user=False))
    mail = f.message(e)
    f.send("POST", "/verify", dict(type="magiclink", email=e, token=mail["token"]))
    f.send("POST", "/otp", dict(email=e))
    mail = f.message(e)
    f.send("POST", "/verify", dict(type="email", token_hash=mail["hash"]))
    f.send("POST", "/otp", dict(email=e, **PKCE), dict(redirect_to="http://app.test/otp"))
    mail = f.message(e)
    back = f.browse(f"{SERVER}/auth/v1/verify?token={mail['hash']}&type=magiclink&redirect_to=http%3A%2F%2Fapp.test%2Fotp")
    f.send("POST", "/token", dict(auth_code=back["code"], code_verifier=VERIFIER), dict(grant_type="pkce"))
    f.send("POST", "/magiclink", dict(email=e))
    mail = f.message(e)
    f.browse(f"{SERVER}/auth/v1/verify?token={mail['hash']}&type=magiclink&redirect_to=http%3A%2F%2Fapp.test%2Fotp")
    f.send("POST", "/otp", {})
    f.send("POST", "/otp", dict(email="nonsense"))
    f.send("POST", "/otp", dict(email=e, phone="+15550120"))
    f.send("POST", "/verify", dict(type="email", email=e))
    f.send("POST", "/verify", dict(type="nonsense", email=e, token="123456"))
    f.send("POST", "/verify", dict(email=e, token="123456"))
    f.send("POST", "/verify", dict(type="email", token="123456"))
    f.send("POST", "/verify", dict(type="email", token_hash="nonsense"))
    f.send("POST", "/verify", dict(type="email", token_hash="nonsense", email=e))
    f.send("GET", "/verify", query=dict(type="email"))


@flow
def one_time_phone(f):
    f.send("POST", "/otp", dict(phone="+15550121", create_user=False))
    f.send("POST", "/otp", dict(phone="+15550121", create_user=True, channel="sms"))
    sms = f.message("15550121")
    f.send("POST", "/verify", dict(type="sms", phone="+15550121", token=sms["token"]))
    f.send("POST", "/otp", dict(phone="+15550121", channel="whatsapp"))
    f.send("POST", "/otp", dict(phone="+15550121", channel="pigeon"))
    f.send("POST", "/otp", dict(phone="nonsense"))
    f.send("POST", "/verify", dict(type="sms", phone="+15550121", token="000000"))
    f.send("POST", "/verify", dict(type="sms", phone="nonsense", token="000000"))


@flow
def recovery(f):
    e = "recover1@example.com"
    f.user(e)
    f.send("POST", "/recover", dict(email="unknown@example.com"))
    f.send("POST", "/recover", {})
    f.send("POST", "/recover", dict(email=e))
    mail = f.message(e)
    session = f.send("POST", "/verify", dict(type="recovery", email=e, token=mail["token"]))
    f.send("PUT", "/user", dict(password="secret-1"), as_=session["access_token"])
    f.send("PUT", "/user", dict(password="abc"), as_=session["access_token"])
    f.send("PUT", "/user", dict(password="secret-2"), as_=session["access_token"])
    f.password(e, "secret-1")
    f.password(e, "secret-2")
    f.send("POST", "/recover", dict(email=e, **PKCE), dict(redirect_to="http://app.test/new"))
    mail = f.message(e)
    back = f.browse(f"{SERVER}/auth/v1/verify?token={mail['hash']}&type=recovery&redirect_to=http%3A%2F%2Fapp.test%2Fnew")
    f.send("POST", "/token", dict(auth_code=back["code"], code_verifier=VERIFIER), dict(grant_type="pkce"))


@flow
def resending(f):
    e = "resend1@example.com"
    f.send("POST", "/signup", dict(email=e, password="secret-1"))
    f.send("POST", "/resend", dict(type="signup", email=e))
    mail = f.message(e)
    f.send("POST", "/verify", dict(type="signup", email=e, token=mail["token"]))
    f.send("POST", "/resend", dict(type="signup", email=e))
    f.send("POST", "/resend", dict(type="signup", email="unknown@example.com"))
    f.send("POST", "/resend", dict(type="signup"))
    f.send("POST", "/resend", dict(type="nonsense", email=e))
    f.send("POST", "/resend", dict(email=e))
    f.send("POST", "/signup", dict(phone="+15550130", password="secret-1"))
    f.send("POST", "/resend", dict(type="sms", phone="+15550130"))
    sms = f.message("15550130")
    f.send("POST", "/verify", dict(type="sms", phone="+15550130", token=sms["token"]))
    f.send("POST", "/resend", dict(type="email_change", email=e))
    f.send("POST", "/resend", dict(type="phone_change", phone="+15550130"))


@flow
def user_changes(f):
    e = "change1@example.com"
    session = f.signed_in(e)
    token = session["access_token"]
    f.send("PUT", "/user", dict(data=dict(a=1, b=dict(c=2))), as_=token)
    f.send("PUT", "/user", dict(data=dict(a=None, d=True)), as_=token)
    f.send("PUT", "/user", {}, as_=token)
    f.send("PUT", "/user", dict(data=dict(a=1)))
    f.send("PUT", "/user", dict(data=dict(a=1)), as_="nonsense")
    f.send("PUT", "/user", dict(data=dict(a=1)), as_="anon")
    f.user("change2@example.com")
    f.send("PUT", "/user", dict(email="change2@example.com"), as_=token)
    f.send("PUT", "/user", dict(email="nonsense"), as_=token)
    f.send("PUT", "/user", dict(email="change3@example.com"), dict(redirect_to="http://app.test/changed"), as_=token)
    one, two = f.message(e), f.message("change3@example.com")
    f.send("POST", "/verify", dict(type="email_change", email=e, token=one["token"]))
    f.send("POST", "/verify", dict(type="email_change", email="change3@example.com", token=two["token"]))
    f.send("PUT", "/user", dict(email="change4@example.com"), as_=token)
    one, two = f.message("change3@example.com"), f.message("change4@example.com")
    f.browse(f"{SERVER}/auth/v1/verify?token={one['hash']}&type=email_change&redirect_to=http%3A%2F%2Fapp.test%2Fchanged")
    f.send("POST", "/resend", dict(type="email_change", email="change3@example.com"))
    one, two = f.message("change3@example.com"), f.message("change4@example.com")
    f.browse(f"{SERVER}/auth/v1/verify?token={one['hash']}&type=email_change&redirect_to=http%3A%2F%2Fapp.test%2Fchanged")
    f.browse(f"{SERVER}/auth/v1/verify?token={two['hash']}&type=email_change&redirect_to=http%3A%2F%2Fapp.test%2Fchanged")
    f.send("GET", "/user", as_=token)
    f.send("PUT", "/user", dict(phone="+15550140"), as_=token)
    sms = f.message("15550140")
    f.send("POST", "/verify", dict(type="phone_change", phone="+15550140", token="000000"))
    f.send("POST", "/verify", dict(type="phone_change", phone="+15550140", token=sms["token"]))
    f.send("GET", "/reauthenticate", as_=token)
    mail = f.message("change4@example.com")
    f.send("PUT", "/user", dict(password="secret-3", nonce=mail["token"]), as_=token)
    f.send("PUT", "/user", dict(password="secret-4"), as_=token)
    f.send("GET", "/reauthenticate")


@flow
def refreshing(f):
    session = f.signed_in("refresh1@example.com")
    first = session["refresh_token"]
    second = f.refresh(first)
    f.refresh(first)
    third = f.refresh(second["refresh_token"])
    f.refresh("nonsense")
    f.refresh("")
    f.send("POST", "/token", {}, dict(grant_type="refresh_token"))
    f.wait(2)
    f.refresh(second["refresh_token"])
    fourth = f.refresh(third["refresh_token"])
    f.wait(2)
    f.refresh(first)
    # The whole family ends; within the interval the real server would still take it.
    f.wait(2)
    f.refresh(fourth["refresh_token"])
    f.password("refresh1@example.com")


@flow
def signing_out(f):
    one = f.signed_in("out1@example.com")
    two, three = f.password("out1@example.com"), f.password("out1@example.com")
    f.send("POST", "/logout", query=dict(scope="nonsense"), as_=one["access_token"])
    f.send("POST", "/logout", query=dict(scope="others"), as_=one["access_token"])
    f.send("GET", "/user", as_=two["access_token"])
    f.refresh(three["refresh_token"])
    f.send("GET", "/user", as_=one["access_token"])
    f.send("POST", "/logout", query=dict(scope="local"), as_=one["access_token"])
    f.send("GET", "/user", as_=one["access_token"])
    f.send("POST", "/logout", query=dict(scope="global"), as_=one["access_token"])
    four, five = f.password("out1@example.com"), f.password("out1@example.com")
    f.send("POST", "/logout", query=dict(scope="global"), as_=four["access_token"])
    f.refresh(five["refresh_token"])
    f.send("POST", "/logout")
    f.send("POST", "/logout", as_="anon")
    expired = sign({"sub": four["user"]["id"], "role": "authenticated", "aud": "authenticated", "exp": 1000000000, "iat": 999999999})
    f.known[expired] = "<expired>"
    f.send("GET", "/user", as_=expired)


@flow
def anonymous(f):
    session = f.send("POST", "/signup", dict(data=dict(theme="dark")))
    token = session["access_token"]
    f.send("GET", "/user", as_=token)
    f.send("POST", "/factors", dict(factor_type="totp"), as_=token)
    f.send("PUT", "/user", dict(password="secret-1"), as_=token)
    f.send("PUT", "/user", dict(email="anon1@example.com"), as_=token)
    mail = f.message("anon1@example.com")
    f.send("POST", "/verify", dict(type="email_change", email="anon1@example.com", token=mail["token"]))
    f.send("GET", "/user", as_=token)
    f.refresh(session["refresh_token"])
    other = f.send("POST", "/signup", {})
    f.send("PUT", "/user", dict(phone="+15550150"), as_=other["access_token"])
    sms = f.message("15550150")
    f.send("POST", "/verify", dict(type="phone_change", phone="+15550150", token=sms["token"]))


@flow
def providers(f):
    def authorize(provider, hint, to="http://app.test/cb", **more):
        query = urllib.parse.urlencode(dict(provider=provider, redirect_to=to, login_hint=hint, **more))
        return f.browse(f"{SERVER}/auth/v1/authorize?{query}")
    back = authorize("github", "oauth1@example.com", **PKCE)
    session = f.send("POST", "/token", dict(auth_code=back["code"], code_verifier=VERIFIER), dict(grant_type="pkce"))
    f.send("GET", "/user", as_=session["access_token"])
    back = authorize("github", "oauth1@example.com")
    f.send("GET", "/user", as_=back["access_token"])
    authorize("github", "oauth1@example.com", error="access_denied")
    f.send("GET", "/authorize", query=dict(provider="nonsense"))
    f.send("GET", "/authorize")
    f.send("GET", "/authorize", query=dict(provider="google"))
    f.send("GET", "/authorize", query=dict(provider="github", code_challenge=CHALLENGE, code_challenge_method="nonsense"))
    # Somebody who has the address confirmed gets the identity beside.
    f.user("oauth2@example.com")
    back = authorize("github", "oauth2@example.com", **PKCE)
    session = f.send("POST", "/token", dict(auth_code=back["code"], code_verifier=VERIFIER), dict(grant_type="pkce"))
    token = session["access_token"]
    f.send("DELETE", "/user/identities/11111111-1111-4111-8111-111111111111", as_=token)
    f.send("DELETE", "/user/identities/nonsense", as_=token)
    identities = session["user"]["identities"]
    first = next(one for one in identities if one["provider"] == "email")
    f.send("DELETE", "/user/identities/" + first["identity_id"], as_=token)
    second = next(one for one in identities if one["provider"] == "github")
    f.send("DELETE", "/user/identities/" + second["identity_id"], as_=token)
    # Linking by hand.
    link = f.send("GET", "/user/identities/authorize", query=dict(provider="gitlab", redirect_to="http://app.test/cb", login_hint="oauth3@example.com", skip_http_redirect="true", **PKCE), as_=token)
    back = f.browse(link["url"])
    session = f.send("POST", "/token", dict(auth_code=back["code"], code_verifier=VERIFIER), dict(grant_type="pkce"))
    link = f.send("GET", "/user/identities/authorize", query=dict(provider="gitlab", redirect_to="http://app.test/cb", login_hint="oauth3@example.com", skip_http_redirect="true", **PKCE), as_=session["access_token"])
    f.browse(link["url"])
    f.send("GET", "/user/identities/authorize", query=dict(provider="gitlab"))
    f.browse(f"{SERVER}/auth/v1/callback?state=nonsense&code=x")


@flow
def mfa(f):
    e = "mfa1@example.com"
    session = f.signed_in(e)
    token = session["access_token"]
    f.send("POST", "/factors", dict(factor_type="nonsense"), as_=token)
    f.send("POST", "/factors", dict(factor_type="totp"))
    enrolled = f.send("POST", "/factors", dict(factor_type="totp", friendly_name="app", issuer="shop.example"), as_=token)
    f.send("POST", "/factors", dict(factor_type="totp", friendly_name="app"), as_=token)
    factor = enrolled["id"]
    f.send("POST", f"/factors/{factor}/challenge", as_=session["access_token"])
    challenge = f.send("POST", f"/factors/{factor}/challenge", {}, as_=token)
    f.send("POST", f"/factors/{factor}/verify", dict(challenge_id=challenge["id"], code="000000"), as_=token)
    f.send("POST", f"/factors/{factor}/verify", dict(challenge_id="11111111-1111-4111-8111-111111111111", code="000000"), as_=token)
    f.send("POST", f"/factors/{factor}/verify", dict(code="000000"), as_=token)
    code = f.totp(enrolled["totp"]["secret"])
    high = f.send("POST", f"/factors/{factor}/verify", dict(challenge_id=challenge["id"], code=code), as_=token)
    f.send("POST", f"/factors/{factor}/verify", dict(challenge_id=challenge["id"], code=code), as_=high["access_token"])
    f.refresh(high["refresh_token"])
    f.send("GET", "/user", as_=high["access_token"])
    f.send("POST", "/factors/11111111-1111-4111-8111-111111111111/challenge", {}, as_=token)
    f.send("POST", "/factors/nonsense/challenge", {}, as_=token)
    low = f.password(e)
    f.send("DELETE", f"/factors/{factor}", as_=low["access_token"])
    f.send("PUT", "/user", dict(password="secret-9"), as_=low["access_token"])
    f.send("PUT", "/user", dict(email="mfa9@example.com"), as_=low["access_token"])
    f.send("POST", "/factors", dict(factor_type="totp", friendly_name="other"), as_=low["access_token"])
    f.send("POST", "/factors", dict(factor_type="phone"), as_=high["access_token"])
    f.send("POST", "/factors", dict(factor_type="phone", phone="nonsense"), as_=high["access_token"])
    phone = f.send("POST", "/factors", dict(factor_type="phone", phone="+15550160", friendly_name="phone"), as_=high["access_token"])
    f.send("POST", f"/factors/{phone['id']}/challenge", dict(channel="pigeon"), as_=high["access_token"])
    challenge = f.send("POST", f"/factors/{phone['id']}/challenge", dict(channel="sms"), as_=high["access_token"])
    sms = f.message("15550160")
    f.send("POST", f"/factors/{phone['id']}/verify", dict(challenge_id=challenge["id"], code="000000"), as_=high["access_token"])
    f.send("POST", f"/factors/{phone['id']}/verify", dict(challenge_id=challenge["id"], code=sms["token"]), as_=high["access_token"])
    user = session["user"]["id"]
    f.send("GET", f"/admin/users/{user}/factors", as_="service")
    f.send("DELETE", f"/admin/users/{user}/factors/{phone['id']}", as_="service")
    again = f.password(e)
    challenge = f.send("POST", f"/factors/{factor}/challenge", {}, as_=again["access_token"])
    code = f.totp(enrolled["totp"]["secret"])
    high = f.send("POST", f"/factors/{factor}/verify", dict(challenge_id=challenge["id"], code=code), as_=again["access_token"])
    f.send("DELETE", f"/factors/{factor}", as_=high["access_token"])
    f.refresh(high["refresh_token"])
    f.send("DELETE", f"/factors/{factor}", as_=high["access_token"])


@flow
def mfa_unverified(f):
    session = f.signed_in("mfa2@example.com")
    token = session["access_token"]
    enrolled = f.send("POST", "/factors", dict(factor_type="totp"), as_=token)
    f.send("DELETE", f"/factors/{enrolled['id']}", as_=token)
    f.send("POST", "/factors", dict(factor_type="webauthn", friendly_name="key"), as_=token)
    f.send("GET", "/factors/recovery-codes", as_=token)


@flow
def id_tokens(f):
    f.send("POST", "/token", dict(provider="google", id_token="nonsense"), dict(grant_type="id_token"))
    f.send("POST", "/token", dict(provider="google"), dict(grant_type="id_token"))
    f.send("POST", "/token", dict(id_token="nonsense"), dict(grant_type="id_token"))


@flow
def sso(f):
    f.send("POST", "/sso", dict(domain="company.com"))
    f.send("GET", "/admin/sso/providers", as_="service")


@flow
def web3(f):
    f.send("POST", "/token", dict(chain="solana", message="nonsense", signature="nonsense"), dict(grant_type="web3"))
    f.send("POST", "/token", dict(chain="ethereum", message="nonsense", signature="nonsense"), dict(grant_type="web3"))
    f.send("POST", "/token", dict(chain="nonsense", message="m", signature="s"), dict(grant_type="web3"))


@flow
def oauth_clients(f):
    made = f.send("POST", "/admin/oauth/clients", dict(client_name="shop", redirect_uris=["https://app.test/cb"]), as_="service")
    f.send("POST", "/admin/oauth/clients", dict(client_name="", redirect_uris=[]), as_="service")
    f.send("POST", "/admin/oauth/clients", dict(client_name="x", redirect_uris=["https://app.test/cb"]), as_="anon")
    f.send("GET", "/admin/oauth/clients", as_="service")
    f.send("GET", "/admin/oauth/clients/" + made["client_id"], as_="service")
    f.send("GET", "/admin/oauth/clients/11111111-1111-4111-8111-111111111111", as_="service")
    f.send("GET", "/admin/oauth/clients/nonsense", as_="service")
    f.send("PUT", "/admin/oauth/clients/" + made["client_id"], dict(client_name="shop 2"), as_="service")
    regenerated = f.send("POST", f"/admin/oauth/clients/{made['client_id']}/regenerate_secret", as_="service")
    session = f.signed_in("oauthserver@example.com")
    token = session["access_token"]
    f.send("GET", "/user/oauth/grants", as_=token)
    query = dict(client_id=made["client_id"], redirect_uri="https://app.test/cb", response_type="code", state="s", scope="email", code_challenge=CHALLENGE, code_challenge_method="S256")
    answer = f.send("GET", "/oauth/authorize", query=query)
    at = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(answer["location"]).query)).get("authorization_id", "")
    f.send("GET", f"/oauth/authorizations/{at}", as_=token)
    f.send("POST", f"/oauth/authorizations/{at}/consent", dict(action="approve"), as_=token)
    f.send("GET", "/user/oauth/grants", as_=token)
    f.send("DELETE", "/user/oauth/grants", query=dict(client_id=made["client_id"]), as_=token)
    f.send("DELETE", "/user/oauth/grants", query=dict(client_id=made["client_id"]), as_=token)
    answer = f.send("GET", "/oauth/authorize", query=query)
    at = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(answer["location"]).query)).get("authorization_id", "")
    f.send("GET", f"/oauth/authorizations/{at}", as_=token)
    f.send("POST", f"/oauth/authorizations/{at}/consent", dict(action="deny"), as_=token)
    f.send("GET", "/oauth/authorizations/nonsense", as_=token)
    f.send("DELETE", "/admin/oauth/clients/" + made["client_id"], as_="service")
    f.send("DELETE", "/admin/oauth/clients/" + made["client_id"], as_="service")


@flow
def custom_providers(f):
    f.send("GET", "/admin/custom-providers", as_="service")
    f.send("POST", "/admin/custom-providers", dict(provider_type="oauth2", identifier="custom:x", name="X", client_id="c", client_secret="s", authorization_url="https://203.0.113.7/a", token_url="https://203.0.113.7/t", userinfo_url="https://203.0.113.7/u"), as_="service")
    f.send("GET", "/admin/custom-providers/custom:x", as_="service")
    f.send("PUT", "/admin/custom-providers/custom:x", dict(name="Y"), as_="service")
    f.send("GET", "/admin/custom-providers", query=dict(type="oidc"), as_="service")
    f.send("DELETE", "/admin/custom-providers/custom:x", as_="service")
    f.send("GET", "/admin/custom-providers/custom:x", as_="service")
    f.send("POST", "/admin/custom-providers", dict(provider_type="nonsense"), as_="service")


@flow
def passkeys(f):
    session = f.signed_in("passkey@example.com")
    token = session["access_token"]
    f.send("GET", "/passkeys", as_=token)
    f.send("POST", "/passkeys/registration/options", {}, as_=token)
    f.send("POST", "/passkeys/registration/verify", dict(challenge_id="11111111-1111-4111-8111-111111111111", credential=dict(id="x")), as_=token)
    f.send("POST", "/passkeys/authentication/options", {})
    f.send("POST", "/passkeys/authentication/verify", dict(challenge_id="11111111-1111-4111-8111-111111111111", credential=dict(id="x")))
    f.send("PATCH", "/passkeys/11111111-1111-4111-8111-111111111111", dict(friendly_name="n"), as_=token)
    f.send("DELETE", "/passkeys/11111111-1111-4111-8111-111111111111", as_=token)
    f.send("GET", f"/admin/users/{session['user']['id']}/passkeys", as_="service")


@flow
def odds(f):
    f.send("GET", "/health")
    f.send("GET", "/settings")
    f.send("GET", "/.well-known/jwks.json")
    f.send("GET", "/nonsense")
    f.send("PATCH", "/signup", {})


threading.Thread(target=ThreadingHTTPServer(("127.0.0.1", PROVIDER_PORT), Outside).serve_forever, daemon=True).start()
for function in FLOWS:
    name = function.__name__.replace("_", "-")
    if name.startswith(ONLY):
        try:
            function(Flow(name))
        except Exception as error:
            print(f"{name}: {error!r}", file=sys.stderr)
            if LINES: print("   after", json.dumps(LINES[-1])[:600], file=sys.stderr)
with open(OUT, "w") as out:
    for line in LINES:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
print(sum("request" in line or "browse" in line for line in LINES), "exchanges in", len(LINES), "lines")

"""The flows of supabase-py against the auth service of the local stack.

auth.py URL ANON_KEY SERVICE_KEY; needs the package `supabase`. Ends with the number of checks that passed.
"""
import base64, hashlib, hmac, struct, sys, urllib.request, urllib.parse, json, time
from supabase import create_client

url, anon, service = sys.argv[1:4]
passed = 0


def totp(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


def ok(name, cond):
    global passed
    if not cond: print("FAIL", name); sys.exit(1)
    passed += 1; print("ok", name)
def refused(name, code, call):
    try: call()
    except Exception as e:
        ok(f"{name} -> {code}", getattr(e, "code", None) == code or (print(repr(e), getattr(e,'code',None)) or False)); return
    ok(name, False)
def messages():
    r = urllib.request.Request(url + "/auth/v1/local/messages", headers={"apikey": service, "Authorization": "Bearer " + service})
    return json.load(urllib.request.urlopen(r))
def last(to): return [m for m in messages() if m["to"] == to][-1]
class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *a): return None
def location(u):
    try: urllib.request.build_opener(NoRedirect).open(u)
    except urllib.error.HTTPError as e: return e.headers["location"]
mail = f"ada{time.time_ns()}@example.com"
phone = "+1555" + str(time.time_ns())[-7:]
c = create_client(url, anon); admin = create_client(url, service).auth.admin
r = c.auth.sign_up({"email": mail, "password": "secret-1", "options": {"data": {"name": "Ada"}}})
ok("sign-up waits for confirmation", r.session is None and r.user.email == mail and r.user.identities)
refused("password before confirmation", "email_not_confirmed", lambda: c.auth.sign_in_with_password({"email": mail, "password": "secret-1"}))
r = c.auth.verify_otp({"email": mail, "token": last(mail)["token"], "type": "signup"})
ok("confirmed by code", r.session and r.user.email_confirmed_at and r.user.user_metadata["name"] == "Ada")
refused("code used twice", "otp_expired", lambda: c.auth.verify_otp({"email": mail, "token": last(mail)["token"], "type": "signup"}))
c.auth.sign_out(); ok("signed out", c.auth.get_session() is None)
refused("wrong password", "invalid_credentials", lambda: c.auth.sign_in_with_password({"email": mail, "password": "wrong"}))
refused("weak password", "weak_password", lambda: c.auth.sign_up({"email": "x" + mail, "password": "abc"}))
r = c.auth.sign_up({"email": mail, "password": "secret-2"}); ok("known address looks new", r.session is None and r.user.identities == [])
s = c.auth.sign_in_with_password({"email": mail, "password": "secret-1"}).session
ok("password", s.access_token and s.user.email == mail)
ok("get_user", c.auth.get_user().user.id == s.user.id)
ok("get_claims", c.auth.get_claims()["claims"]["sub"] == s.user.id)
n = c.auth.refresh_session().session; ok("refresh rotates", n.refresh_token != s.refresh_token)
again = create_client(url, anon).auth.refresh_session(s.refresh_token).session
ok("reuse within interval gives the active token", again.refresh_token == n.refresh_token)
n2 = c.auth.refresh_session().session; n3 = c.auth.refresh_session().session
u = c.auth.update_user({"data": {"hello": "world"}}); ok("update metadata", u.user.user_metadata == {**u.user.user_metadata, "hello": "world", "name": "Ada"})
refused("same password", "same_password", lambda: c.auth.update_user({"password": "secret-1"}))
c.auth.update_user({"password": "secret-3"})
c.auth.sign_out()
c.auth.reset_password_for_email(mail, {"redirect_to": "http://localhost:9999/new"})
m = last(mail); loc = location(m["link"]); q = urllib.parse.parse_qs(urllib.parse.urlparse(loc).query)
ok("recovery link brings a code (PKCE)", loc.startswith("http://localhost:9999/new?code="))
r = c.auth.exchange_code_for_session({"auth_code": q["code"][0]}); ok("code exchanged", r.session.user.email == mail)
c.auth.sign_out()
c.auth.sign_in_with_otp({"email": mail}); r = c.auth.verify_otp({"email": mail, "token": last(mail)["token"], "type": "email"}); ok("otp by mail", r.session)
c.auth.sign_out()
c.auth.sign_in_with_otp({"phone": phone}); r = c.auth.verify_otp({"phone": phone, "token": last(phone[1:])["token"], "type": "sms"}); ok("otp by phone", r.session and r.user.phone == phone[1:])
c.auth.sign_out()
o = c.auth.sign_in_with_oauth({"provider": "github", "options": {"redirect_to": "http://localhost:9999/cb", "query_params": {"login_hint": mail}}})
back = location(location(location(o.url))); ok("oauth comes back", "code=" in back)
r = c.auth.exchange_code_for_session({"auth_code": urllib.parse.parse_qs(urllib.parse.urlparse(back).query)["code"][0]})
ok("oauth links the confirmed address", r.user.email == mail and {i.provider for i in r.user.identities} == {"email", "github"})
ids = c.auth.get_user_identities().identities
c.auth.unlink_identity([i for i in ids if i.provider == "github"][0])
refused("last identity stays", "single_identity_not_deletable", lambda: c.auth.unlink_identity(ids[0] if ids[0].provider == "email" else ids[1]))
f = c.auth.mfa.enroll({"factor_type": "totp", "friendly_name": "phone app"})
ok("enroll", f.totp.qr_code.startswith("data:image/svg+xml;utf-8,<?xml"))
ch = c.auth.mfa.challenge({"factor_id": f.id})
refused("wrong TOTP", "mfa_verification_failed", lambda: c.auth.mfa.verify({"factor_id": f.id, "challenge_id": ch.id, "code": "000000"}))
c.auth.mfa.verify({"factor_id": f.id, "challenge_id": ch.id, "code": totp(f.totp.secret)})
lv = c.auth.mfa.get_authenticator_assurance_level(); ok("aal2", lv.current_level == "aal2" and lv.next_level == "aal2")
ok("list factors", len(c.auth.mfa.list_factors().totp) == 1)
c.auth.sign_out(); c.auth.sign_in_with_password({"email": mail, "password": "secret-3"})
lv = c.auth.mfa.get_authenticator_assurance_level(); ok("aal1 can reach aal2", (lv.current_level, lv.next_level) == ("aal1", "aal2"))
c.auth.mfa.challenge_and_verify({"factor_id": f.id, "code": totp(f.totp.secret)})
c.auth.mfa.unenroll({"factor_id": f.id}); ok("unenroll", not c.auth.mfa.list_factors().all)
a = create_client(url, anon).auth.sign_in_anonymously(); ok("anonymous", a.user.is_anonymous)
# admin
u = admin.create_user({"email": "admin-" + mail, "password": "secret-9", "email_confirm": True, "user_metadata": {"n": 1}, "app_metadata": {"k": "v"}}).user
ok("admin create", u.email_confirmed_at and u.app_metadata["k"] == "v" and u.app_metadata["provider"] == "email")
ok("admin get", admin.get_user_by_id(u.id).user.id == u.id)
ok("admin list", any(x.id == u.id for x in admin.list_users()))
ok("admin update", admin.update_user_by_id(u.id, {"email": "new-" + mail, "user_metadata": {"m": 2}}).user.email == "new-" + mail)
refused("admin duplicate", "email_exists", lambda: admin.create_user({"email": "new-" + mail}))
g = admin.generate_link({"type": "magiclink", "email": "new-" + mail}); ok("generate link", g.properties.action_link and g.user.id == u.id)
r = create_client(url, anon).auth.verify_otp({"token_hash": g.properties.hashed_token, "type": "magiclink"}); ok("token hash", r.user.id == u.id)
admin.update_user_by_id(u.id, {"ban_duration": "24h"})
refused("banned", "user_banned", lambda: create_client(url, anon).auth.sign_in_with_password({"email": "new-" + mail, "password": "secret-9"}))
i = admin.invite_user_by_email("inv-" + mail); ok("invite", i.user.invited_at)
admin.delete_user(i.user.id, True); admin.delete_user(u.id)
refused("deleted", "user_not_found", lambda: admin.get_user_by_id(u.id))
refused("anon is no admin", "not_admin", lambda: create_client(url, anon).auth.admin.list_users())
print("supabase-py:", passed, "checks passed")

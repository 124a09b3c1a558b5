"""The flows of supabase-py against the storage service of the local stack.

storage.py URL ANON_KEY SERVICE_KEY; needs the package `supabase`. Ends with the number of checks that passed.
"""
import sys, tempfile, time, urllib.error, urllib.request
from pathlib import Path
from supabase import create_client

url, anon, service = sys.argv[1:4]
passed = 0


def ok(name, condition, detail=None):
    global passed
    if not condition:
        print("FAIL", name, repr(detail))
        sys.exit(1)
    passed += 1


def refused(name, code, call):
    try:
        result = call()
    except Exception as error:
        said = {str(getattr(error, "code", None)), str(getattr(error, "status", None)), *map(str, error.args)}
        ok(f"{name} is refused", any(code in text for text in said), error)
    else:
        ok(f"{name} is refused", False, result)


def fetch(address):
    try:
        with urllib.request.urlopen(address) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


storage = create_client(url, service).storage
nobody = create_client(url, anon).storage
name = f"py{time.time_ns()}"

storage.create_bucket(name, options={"public": False, "file_size_limit": 1_000_000, "allowed_mime_types": ["text/*", "image/png"]})
refused("a bucket twice", "409", lambda: storage.create_bucket(name))
bucket = storage.get_bucket(name)
ok("get_bucket", bucket.id == name and not bucket.public and bucket.file_size_limit == 1_000_000, bucket)
ok("list_buckets", name in [bucket.id for bucket in storage.list_buckets()])
refused("a missing bucket", "404", lambda: storage.get_bucket("nowhere"))
refused("a bucket made by nobody", "403", lambda: nobody.create_bucket("theirs"))

files = storage.from_(name)
sent = files.upload("a/one.txt", b"hello", {"content-type": "text/plain", "metadata": {"k": "ü"}, "cache-control": "60"})
ok("upload", sent.full_path == f"{name}/a/one.txt", sent)
refused("an object twice", "409", lambda: files.upload("a/one.txt", b"x", {"content-type": "text/plain"}))
files.upload("a/one.txt", b"hello again", {"content-type": "text/plain", "upsert": "true"})
ok("download of what was replaced", files.download("a/one.txt") == b"hello again")
refused("a type that the bucket does not take", "415", lambda: files.upload("x.pdf", b"x", {"content-type": "application/pdf"}))
refused("an object that is too large", "413", lambda: files.upload("big.txt", b"x" * 1_000_001, {"content-type": "text/plain"}))
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "picture.png"
    path.write_bytes(bytes(range(256)) * 1000)
    files.upload("a/picture.png", path, {"content-type": "image/png"})
    ok("a file comes back", files.download("a/picture.png") == path.read_bytes())
files.update("a/one.txt", b"third", {"content-type": "text/plain"})
ok("update", files.download("a/one.txt") == b"third")
info = files.info("a/one.txt")
ok("info", info["size"] == 5 and info["name"] == "a/one.txt", info)
ok("exists", files.exists("a/one.txt"))
refused("download of a missing object", "404", lambda: files.download("a/none.txt"))
refused("download by nobody", "404", lambda: nobody.from_(name).download("a/one.txt"))

ok("list of the top", [entry["name"] for entry in files.list()] == ["a"])
listed = files.list("a", {"sortBy": {"column": "name", "order": "desc"}})
ok("list of a folder", [entry["name"] for entry in listed] == ["picture.png", "one.txt"], listed)
ok("search", [entry["name"] for entry in files.list("a", {"search": "pic"})] == ["picture.png"])
page = files.list_v2({"prefix": "a/", "limit": 1})
ok("list_v2", page.hasNext and [entry.name for entry in page.objects] == ["a/one.txt"], page)

files.copy("a/one.txt", "b/copy.txt")
files.move("b/copy.txt", "b/moved & more.txt")
ok("copy and move", files.download("b/moved & more.txt") == b"third" and not any(
    entry["name"] == "copy.txt" for entry in files.list("b")))
refused("a move of nothing", "404", lambda: files.move("b/copy.txt", "b/c.txt"))

signed = files.create_signed_url("b/moved & more.txt", 60, {"download": "saved.txt"})
status, body, headers = fetch(signed["signedURL"])
ok("a signed URL", (status, body) == (200, b"third") and "saved.txt" in headers["content-disposition"], (status, body))
many = files.create_signed_urls(["a/one.txt", "a/none.txt"], 60)
ok("signed URLs", fetch(many[0]["signedURL"])[1] == b"third" and many[1]["error"], many)
ok("a signed URL that was changed", fetch(signed["signedURL"].replace("token=", "token=x"))[0] == 400)
upload = files.create_signed_upload_url("signed/up.txt")
nobody.from_(name).upload_to_signed_url("signed/up.txt", upload["token"], b"by token", {"content-type": "text/plain"})
ok("an upload by token", files.download("signed/up.txt") == b"by token")

address = files.get_public_url("a/one.txt")
ok("a private bucket has no public URLs", fetch(address)[0] == 400)
storage.update_bucket(name, {"public": True})
ok("a public one has", fetch(files.get_public_url("a/one.txt"))[1] == b"third")

ok("remove", [entry["name"] for entry in files.remove(["a/one.txt", "never"])] == ["a/one.txt"])
refused("a bucket that is not empty", "409", lambda: storage.delete_bucket(name))
storage.empty_bucket(name)
ok("empty", files.list() == [])
storage.delete_bucket(name)
refused("the bucket is gone", "404", lambda: storage.get_bucket(name))
print(f"supabase-py: {passed} checks passed")

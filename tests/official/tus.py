"""Resumable uploads of tuspy to the local stack.

tus.py URL ANON_KEY SERVICE_KEY; needs the packages `tuspy` and `supabase`. Ends with the number of checks that passed.
"""
import io, sys, time
from supabase import create_client
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

url, anon, service = sys.argv[1:4]
passed = 0


def ok(name, condition, detail=None):
    global passed
    if not condition:
        print("FAIL", name, repr(detail))
        sys.exit(1)
    passed += 1


MIB = 1024 * 1024
CHUNK = 6 * MIB
storage = create_client(url, service).storage
bucket = f"tuspy{time.time_ns()}"
storage.create_bucket(bucket, options={"public": False})
files = storage.from_(bucket)
content = bytes((at * 131 + (at >> 8) * 17) % 256 for at in range(MIB)) * 14 + b"the end"


def client(key=service, upsert="false"):
    return TusClient(f"{url}/storage/v1/upload/resumable", headers={"Authorization": f"Bearer {key}", "x-upsert": upsert})


def metadata(name):
    return {"bucketName": bucket, "objectName": name, "contentType": "application/x-thing", "cacheControl": "60"}


client().uploader(file_stream=io.BytesIO(content), chunk_size=CHUNK, metadata=metadata("whole.bin")).upload()
ok("a whole upload", files.download("whole.bin") == content)
info = files.info("whole.bin")
ok("its metadata", info["size"] == len(content) and info["content_type"] == "application/x-thing", info)

part = client().uploader(file_stream=io.BytesIO(content), chunk_size=CHUNK, metadata=metadata("part.bin"))
part.upload_chunk()
ok("one chunk is there", part.offset == CHUNK, part.offset)
ok("no object yet", not any(entry["name"] == "part.bin" for entry in files.list()))
again = client().uploader(file_stream=io.BytesIO(content), chunk_size=CHUNK, url=part.url)
ok("another uploader asks how much", again.offset == CHUNK, again.offset)
again.upload()
ok("and goes on", files.download("part.bin") == content)

empty = client().uploader(file_stream=io.BytesIO(b""), chunk_size=CHUNK, metadata=metadata("empty.bin"))
empty.upload()
ok("an empty object", files.download("empty.bin") == b"")

try:
    client().uploader(file_stream=io.BytesIO(b"x"), chunk_size=CHUNK, metadata=metadata("whole.bin")).upload()
    ok("an object twice is refused", False)
except TusCommunicationError as error:
    ok("an object twice is refused", error.status_code == 409, error)
client(upsert="true").uploader(file_stream=io.BytesIO(b"new"), chunk_size=CHUNK, metadata=metadata("whole.bin")).upload()
ok("unless it replaces", files.download("whole.bin") == b"new")
try:
    client(key=anon).uploader(file_stream=io.BytesIO(b"x"), chunk_size=CHUNK, metadata=metadata("nobody.bin")).upload()
    ok("nobody is refused", False)
except TusCommunicationError as error:
    ok("nobody is refused", error.status_code == 403, error)
print(f"tuspy: {passed} checks passed")

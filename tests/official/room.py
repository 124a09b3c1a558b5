"""realtime-py in a room with other clients: presence, broadcasts, and row changes.

room.py URL ANON_KEY SERVICE_KEY ROOM PEERS; needs the package `supabase`. PEERS are the names of everybody in the
room, `py` among them. Ends with the number of checks that passed.
"""
import asyncio, sys, time
from supabase import acreate_client

url, anon, service, topic, peers = sys.argv[1:6]
peers = peers.split(",")
numbers = {"js": 100, "py": 200, "rs": 300}
passed = 0


def ok(name, condition, detail=None):
    global passed
    if not condition:
        print("FAIL", name, detail)
        sys.exit(1)
    passed += 1


async def until(name, condition, detail=lambda: None):
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            ok(name, False, detail())
        await asyncio.sleep(0.02)
    ok(name, True)


async def main():
    client = await acreate_client(url, anon)
    heard, raw, changes, finished, states, system = [], [], [], set(), [], []
    room = client.channel(topic, {"config": {"broadcast": {"ack": True, "self": False}, "presence": {"key": "py", "enabled": True}, "private": False}})

    def sync():
        for key, everybody in room.presence_state().items():
            if any(one.get("done") for one in everybody):
                finished.add(key)

    room.on_broadcast("hello", lambda message: heard.append(message["payload"]))
    room.on_broadcast("bytes", lambda message: raw.append(message))
    room.on_postgres_changes("*", lambda change: changes.append(change["data"]), table="planets", schema="public")
    room.on_system(system.append)
    room.on_presence_sync(sync)
    await room.subscribe(lambda state, error: states.append((state, error)))
    await until("subscribed", lambda: any(str(state.value) == "SUBSCRIBED" for state, _ in states), lambda: states)
    await until("changes are sent", lambda: any(message.message == "Subscribed to PostgreSQL" for message in system), lambda: system)
    await room.track({"name": "py"})
    here = lambda: room.presence_state()
    await until("everybody is here", lambda: all(any(one.get("name") == peer for one in here().get(peer, [])) for peer in peers), here)

    await room.send_broadcast("hello", {"from": "py", "text": 'grüße "\\'})
    rows = (await acreate_client(url, service)).table
    number = numbers["py"]
    await rows("planets").insert({"id": number, "name": "by py", "radius": 1.5}).execute()
    await rows("planets").update({"name": "again by py"}).eq("id", number).execute()
    await rows("planets").delete().eq("id", number).execute()

    for peer in peers:
        if peer != "py":
            await until(f"{peer} said hello", lambda: {"from": peer, "text": 'grüße "\\'} in heard, lambda: heard)

        def of(kind):
            for change in changes:
                if change["type"] == kind and (change.get("record") or change.get("old_record"))["id"] == numbers[peer]:
                    return change

        await until(f"rows of {peer}", lambda: of("INSERT") and of("UPDATE") and of("DELETE"), lambda: changes)
        ok("insert", of("INSERT")["record"]["name"] == f"by {peer}" and of("INSERT")["record"]["radius"] == 1.5, of("INSERT"))
        ok("update", of("UPDATE")["record"]["name"] == f"again by {peer}", of("UPDATE"))
        ok("delete", of("DELETE")["old_record"] == {"id": numbers[peer]}, of("DELETE"))
    ok("bytes do not reach version 1.0.0", raw == [], raw)
    await room.track({"name": "py", "done": True})
    await until("everybody has finished", lambda: all(peer in finished for peer in peers), lambda: finished)
    await client.remove_channel(room)
    print("realtime-py:", passed, "checks passed")


asyncio.run(main())

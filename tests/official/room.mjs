// supabase-js in a room with other clients: presence, broadcasts of text and bytes, and row changes.
//
// room.mjs URL ANON_KEY SERVICE_KEY ROOM PEERS; needs the package `@supabase/supabase-js`, found from the current
// folder. PEERS are the names of everybody in the room, `js` among them. Ends with the number of checks that passed.
import { createRequire } from 'node:module'
const { createClient } = createRequire(process.cwd() + '/')('@supabase/supabase-js')

const [url, anon, service, topic, list] = process.argv.slice(2)
const peers = list.split(',')
const others = peers.filter((peer) => peer !== 'js')
const numbers = { js: 100, py: 200, rs: 300 }
let passed = 0
const ok = (name, condition, detail) => {
  if (!condition) { console.log('FAIL', name, JSON.stringify(detail)); process.exit(1) }
  passed += 1
}
const until = async (name, condition, detail) => {
  const end = Date.now() + 20000
  while (!condition()) {
    if (Date.now() > end) ok(name, false, detail?.())
    await new Promise((done) => setTimeout(done, 20))
  }
  passed += 1
}

const client = createClient(url, anon)
const heard = []
const bytes = {}
const changes = []
const finished = new Set()
let subscribed, confirmed
const room = client.channel(topic, { config: { broadcast: { ack: true }, presence: { key: 'js' } } })
  .on('broadcast', { event: 'hello' }, ({ payload }) => heard.push(payload))
  .on('broadcast', { event: 'bytes' }, ({ payload }) => { const all = [...new Uint8Array(payload)]; bytes[all[0]] = all })
  .on('postgres_changes', { event: '*', schema: 'public', table: 'planets' }, (change) => changes.push(change))
  .on('system', {}, ({ status, message }) => { confirmed ||= status === 'ok' && message === 'Subscribed to PostgreSQL' })
  .on('presence', { event: 'sync' }, () => {
    for (const [key, all] of Object.entries(room.presenceState())) if (all.some((one) => one.done)) finished.add(key)
  })
room.subscribe((status, error) => { subscribed = status; if (error) ok('subscribed', false, String(error)) })
await until('subscribed', () => subscribed === 'SUBSCRIBED', () => subscribed)
await until('changes are sent', () => confirmed)
ok('tracked', await room.track({ name: 'js' }) === 'ok')
await until('everybody is here', () => peers.every((peer) => room.presenceState()[peer]?.[0].name === peer), () => room.presenceState())

ok('said', await room.send({ type: 'broadcast', event: 'hello', payload: { from: 'js', text: 'grüße "\\' } }) === 'ok')
ok('bytes', await room.send({ type: 'broadcast', event: 'bytes', payload: new Uint8Array([numbers.js / 100, 0, 255]).buffer }) === 'ok')
const rows = createClient(url, service).from('planets')
const id = numbers.js
ok('inserted', !(await rows.insert({ id, name: 'by js', radius: 1.5 })).error)
ok('updated', !(await rows.update({ name: 'again by js' }).eq('id', id)).error)
ok('deleted', !(await rows.delete().eq('id', id)).error)

for (const peer of others) {
  await until(`${peer} said hello`, () => heard.some(({ from, text }) => from === peer && text === 'grüße "\\'), () => heard)
  // Version 1.0.0, which realtime-py speaks, has no bytes.
  if (peer !== 'py') await until(`${peer} sent bytes`, () => bytes[numbers[peer] / 100]?.join() === [numbers[peer] / 100, 0, 255].join(), () => bytes)
}
for (const peer of peers) {
  const of = (type) => changes.find((change) => change.eventType === type && (change.new.id ?? change.old.id) === numbers[peer])
  await until(`rows of ${peer}`, () => of('INSERT') && of('UPDATE') && of('DELETE'), () => changes)
  ok('insert', of('INSERT').new.name === `by ${peer}` && of('INSERT').new.radius === 1.5, of('INSERT'))
  ok('update', of('UPDATE').new.name === `again by ${peer}` && of('UPDATE').old.id === numbers[peer], of('UPDATE'))
  ok('delete', Object.keys(of('DELETE').old).join() === 'id', of('DELETE'))
}
ok('tracked again', await room.track({ name: 'js', done: true }) === 'ok')
await until('everybody has finished', () => peers.every((peer) => finished.has(peer)), () => [...finished])
ok('left', await client.removeChannel(room) === 'ok')
console.log('realtime-js:', passed, 'checks passed')
process.exit(0)

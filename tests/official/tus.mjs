// Resumable uploads of tus-js-client to the local stack.
//
// tus.mjs URL ANON_KEY SERVICE_KEY; needs the packages `tus-js-client` and `@supabase/supabase-js`, found from the
// current folder. Ends with the number of checks that passed.
import { createRequire } from 'node:module'
const require = createRequire(process.cwd() + '/')
const tus = require('tus-js-client')
const { createClient } = require('@supabase/supabase-js')

const [url, anon, service] = process.argv.slice(2)
let passed = 0
const ok = (name, condition, detail) => {
  if (!condition) { console.log('FAIL', name, detail); process.exit(1) }
  passed += 1
}
const done = ({ data, error }) => { ok('no error', !error, error); return data }
const MIB = 1024 * 1024
const chunkSize = 6 * MIB
const storage = createClient(url, service, { auth: { persistSession: false } }).storage
const bucket = `tusjs${Date.now()}`
done(await storage.createBucket(bucket))
const files = storage.from(bucket)
const content = Buffer.alloc(14 * MIB + 7)
for (let at = 0; at < content.length; at += 1) content[at] = (at * 131 + (at >> 8) * 17) % 256
const read = async (name) => Buffer.from(await done(await files.download(name)).arrayBuffer())

const settings = (name, more) => ({
  endpoint: `${url}/storage/v1/upload/resumable`,
  headers: { authorization: `Bearer ${service}`, 'x-upsert': 'false' },
  metadata: { bucketName: bucket, objectName: name, contentType: 'application/x-thing', cacheControl: '60', metadata: JSON.stringify({ k: 'ü' }) },
  chunkSize,
  retryDelays: [0, 100],
  uploadDataDuringCreation: true,
  removeFingerprintOnSuccess: true,
  ...more,
})
const send = (body, options) => new Promise((resolve, reject) => {
  const upload = new tus.Upload(body, { ...options, onSuccess: () => resolve(upload), onError: reject })
  upload.start()
})
const refused = async (name, status, upload) => {
  try {
    await upload
  } catch (error) {
    return ok(`${name} is refused`, error.originalResponse?.getStatus() === status, String(error))
  }
  ok(`${name} is refused`, false)
}

await send(content, settings('whole.bin'))
ok('a whole upload', (await read('whole.bin')).equals(content))
const info = done(await files.info('whole.bin'))
ok('its metadata', info.size === content.length && info.contentType === 'application/x-thing' && info.metadata.k === 'ü', info)
await send(content.subarray(0, 1000), settings('small.bin'))
ok('one that ends with its creation', (await read('small.bin')).equals(content.subarray(0, 1000)))
await send(Buffer.alloc(0), settings('empty.bin'))
ok('an empty one', (await read('empty.bin')).length === 0)

// Stopped after the first chunk, and gone on with by another upload that knows the URL alone.
const place = await new Promise((resolve, reject) => {
  const upload = new tus.Upload(content, settings('part.bin', {
    onChunkComplete: async () => { await upload.abort(); resolve(upload.url) },
    onError: reject,
  }))
  upload.start()
})
ok('no object yet', !done(await files.list()).some(({ name }) => name === 'part.bin'))
let first
await send(content, settings('part.bin', { uploadUrl: place, onProgress: (sent) => { first ??= sent } }))
ok('it goes on where it was', first >= chunkSize, first)
ok('an upload that was gone on with', (await read('part.bin')).equals(content))

await refused('an object twice', 409, send(Buffer.from('x'), settings('whole.bin')))
await send(Buffer.from('new'), settings('whole.bin', { headers: { authorization: `Bearer ${service}`, 'x-upsert': 'true' } }))
ok('unless it replaces', (await read('whole.bin')).toString() === 'new')
await refused('nobody', 403, send(Buffer.from('x'), settings('nobody.bin', { headers: { authorization: `Bearer ${anon}` } })))

const { token } = done(await files.createSignedUploadUrl('signed.bin'))
await send(content, settings('signed.bin', { endpoint: `${url}/storage/v1/upload/resumable/sign`, headers: { 'x-signature': token } }))
ok('by a signed token', (await read('signed.bin')).equals(content))

const gone = await new Promise((resolve, reject) => {
  const upload = new tus.Upload(content, settings('gone.bin', {
    onChunkComplete: async () => {
      const { url } = upload
      await upload.abort(true)
      resolve(url)
    },
    onError: reject,
  }))
  upload.start()
})
const asked = await fetch(gone, { method: 'HEAD', headers: { authorization: `Bearer ${service}`, 'tus-resumable': '1.0.0' } })
ok('what was given up is unknown', asked.status === 404, asked.status)
console.log(`tus-js-client: ${passed} checks passed`)

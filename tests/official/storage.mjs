// The flows of supabase-js against the storage service of the local stack.
//
// storage.mjs URL ANON_KEY SERVICE_KEY; needs the package `@supabase/supabase-js`, found from the current folder. Ends
// with the number of checks that passed.
import { createRequire } from 'node:module'
const { createClient } = createRequire(process.cwd() + '/')('@supabase/supabase-js')

const [url, anon, service] = process.argv.slice(2)
let passed = 0
const ok = (name, condition, detail) => {
  if (!condition) { console.log('FAIL', name, JSON.stringify(detail)); process.exit(1) }
  passed += 1
}
const done = (name, { data, error }) => { ok(name, !error, error); return data }
const refused = (name, status, { data, error }) =>
  ok(`${name} is refused`, error && [error.status, error.statusCode].map(String).includes(status), { data, error, status: error?.status, code: error?.statusCode })
const text = async (blob) => blob.text()
const options = { auth: { persistSession: false } }
const storage = createClient(url, service, options).storage
const nobody = createClient(url, anon, options).storage
const name = `js${Date.now()}`

done('createBucket', await storage.createBucket(name, { public: false, fileSizeLimit: '1MB', allowedMimeTypes: ['text/*', 'application/json'] }))
refused('a bucket twice', '409', await storage.createBucket(name))
const bucket = done('getBucket', await storage.getBucket(name))
ok('the settings', bucket.id === name && bucket.file_size_limit === 1000000 && !bucket.public, bucket)
ok('listBuckets', done('listBuckets', await storage.listBuckets()).some(({ id }) => id === name))
refused('a missing bucket', '404', await storage.getBucket('nowhere'))
refused('a bucket made by nobody', '403', await nobody.createBucket('theirs'))

const files = storage.from(name)
const sent = done('upload', await files.upload('a/one.txt', 'hello', { contentType: 'text/plain', cacheControl: '60', metadata: { k: 'ü' } }))
ok('the key', sent.fullPath === `${name}/a/one.txt` && sent.id, sent)
refused('an object twice', '409', await files.upload('a/one.txt', 'x', { contentType: 'text/plain' }))
done('upsert', await files.upload('a/one.txt', new Blob(['hello again'], { type: 'text/plain' }), { upsert: true }))
const read = done('download', await files.download('a/one.txt'))
ok('what was replaced', (await text(read)) === 'hello again' && read.type === 'text/plain', read.type)
refused('a type that the bucket does not take', '415', await files.upload('x.png', 'x', { contentType: 'image/png' }))
refused('an object that is too large', '413', await files.upload('big.txt', 'x'.repeat(1000001), { contentType: 'text/plain' }))
const bytes = new Uint8Array(256000).map((_, at) => at % 251)
done('upload of bytes', await files.upload('a/bytes.json', bytes, { contentType: 'application/json' }))
const back = new Uint8Array(await done('download of bytes', await files.download('a/bytes.json')).arrayBuffer())
ok('the same bytes', back.length === bytes.length && back.every((byte, at) => byte === bytes[at]))
const stream = done('download as a stream', await files.download('a/bytes.json').asStream())
let streamed = 0
for await (const part of stream) streamed += part.length
ok('the whole stream', streamed === bytes.length, streamed)
done('update', await files.update('a/one.txt', 'third', { contentType: 'text/plain' }))
const info = done('info', await files.info('a/one.txt'))
ok('what is known', info.size === 5 && info.name === 'a/one.txt' && info.contentType === 'text/plain', info)
ok('exists', done('exists', await files.exists('a/one.txt')) === true)
ok('does not exist', (await files.exists('a/none.txt')).data === false)
refused('download by nobody', '400', await nobody.from(name).download('a/one.txt'))

ok('list of the top', done('list', await files.list()).map(({ name }) => name).join() === 'a')
const listed = done('list', await files.list('a', { sortBy: { column: 'name', order: 'desc' } }))
ok('list of a folder', listed.map(({ name }) => name).join() === 'one.txt,bytes.json', listed)
const page = done('listV2', await files.listV2({ prefix: 'a/', limit: 1, with_delimiter: true }))
ok('a page', page.hasNext && page.objects[0].name === 'a/bytes.json' && page.nextCursor, page)
const next = done('listV2', await files.listV2({ prefix: 'a/', limit: 1, with_delimiter: true, cursor: page.nextCursor }))
ok('the next page', !next.hasNext && next.objects[0].name === 'a/one.txt', next)

done('copy', await files.copy('a/one.txt', 'b/copy.txt'))
done('move', await files.move('b/copy.txt', 'b/moved & more.txt'))
ok('the moved one', (await text(done('download', await files.download('b/moved & more.txt')))) === 'third')
refused('a move of nothing', '404', await files.move('b/copy.txt', 'b/c.txt'))
const other = `${name}-other`
done('createBucket', await storage.createBucket(other))
done('copy into another bucket', await files.copy('a/one.txt', 'c.txt', { destinationBucket: other }))
ok('the copy', (await text(done('download', await storage.from(other).download('c.txt')))) === 'third')

const signed = done('createSignedUrl', await files.createSignedUrl('b/moved & more.txt', 60, { download: 'saved.txt' }))
const answer = await fetch(signed.signedUrl)
ok('a signed URL', answer.status === 200 && (await answer.text()) === 'third', answer.status)
ok('its name', answer.headers.get('content-disposition').includes('saved.txt'))
const many = done('createSignedUrls', await files.createSignedUrls(['a/one.txt', 'a/none.txt'], 60))
ok('signed URLs', (await (await fetch(many[0].signedUrl)).text()) === 'third' && many[1].error, many)
ok('a signed URL that was changed', (await fetch(signed.signedUrl.replace('token=', 'token=x'))).status === 400)
const upload = done('createSignedUploadUrl', await files.createSignedUploadUrl('signed/up.txt'))
done('uploadToSignedUrl', await nobody.from(name).uploadToSignedUrl('signed/up.txt', upload.token, 'by token', { contentType: 'text/plain' }))
ok('an upload by token', (await text(done('download', await files.download('signed/up.txt')))) === 'by token')

const address = files.getPublicUrl('a/one.txt').data.publicUrl
ok('a private bucket has no public URLs', (await fetch(address)).status === 400)
done('updateBucket', await storage.updateBucket(name, { public: true }))
ok('a public one has', (await (await fetch(address)).text()) === 'third')

ok('remove', done('remove', await files.remove(['a/one.txt', 'never'])).map(({ name }) => name).join() === 'a/one.txt')
refused('a bucket that is not empty', '409', await storage.deleteBucket(name))
done('emptyBucket', await storage.emptyBucket(name))
ok('empty', done('list', await files.list()).length === 0)
done('deleteBucket', await storage.deleteBucket(name))
refused('the bucket is gone', '404', await storage.getBucket(name))
console.log(`supabase-js: ${passed} checks passed`)

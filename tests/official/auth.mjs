// The flows of supabase-js against the auth service of the local stack.
//
// auth.mjs URL ANON_KEY SERVICE_KEY; needs the package `@supabase/supabase-js`, found from the current
// folder. Ends with the number of checks that passed.
import { createRequire } from 'node:module'
import { createHmac } from 'node:crypto'
const { createClient } = createRequire(process.cwd() + '/')('@supabase/supabase-js')

const [url, anon, service] = process.argv.slice(2)
let passed = 0
const ok = (name, condition, detail) => {
  if (!condition) { console.log('FAIL', name, JSON.stringify(detail)); process.exit(1) }
  passed += 1
}
const done = (name, { data, error }) => { ok(name, !error, error); return data }
const refused = (name, code, { error }) => ok(`${name} -> ${code}`, error?.code === code, { got: error?.code, message: error?.message })
const last = async (to) => {
  const answer = await fetch(url + '/auth/v1/local/messages', { headers: { apikey: service, Authorization: `Bearer ${service}` } })
  return (await answer.json()).filter((message) => message.to === to).at(-1)
}
const location = async (from) => (await fetch(from, { redirect: 'manual' })).headers.get('location')
const totp = (secret) => {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  const at = mac[19] & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0')
}
const options = { auth: { persistSession: true, autoRefreshToken: false, flowType: 'pkce', storage: memory() } }
function memory() {
  const kept = new Map()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) }
}
const fresh = () => createClient(url, anon, { auth: { ...options.auth, storage: memory() } })

const mail = `grace${Date.now()}@example.com`
const client = fresh()
const admin = createClient(url, service, { auth: { persistSession: false } }).auth.admin
const events = []
client.auth.onAuthStateChange((event) => void events.push(event))

let data = done('sign up', await client.auth.signUp({ email: mail, password: 'secret-1', options: { data: { name: 'Grace' } } }))
ok('waits for confirmation', data.session === null && data.user.email === mail)
refused('before confirmation', 'email_not_confirmed', await client.auth.signInWithPassword({ email: mail, password: 'secret-1' }))
done('resend', await client.auth.resend({ type: 'signup', email: mail }))
data = done('verify', await client.auth.verifyOtp({ email: mail, token: (await last(mail)).token, type: 'email' }))
ok('confirmed', data.session && data.user.email_confirmed_at)
done('sign out', await client.auth.signOut())
refused('wrong password', 'invalid_credentials', await client.auth.signInWithPassword({ email: mail, password: 'wrong' }))
const weak = await client.auth.signUp({ email: 'x' + mail, password: 'abc' })
ok('weak password', weak.error?.name === 'AuthWeakPasswordError' && weak.error.reasons[0] === 'length', weak)
data = done('password', await client.auth.signInWithPassword({ email: mail, password: 'secret-1' }))
const before = data.session
data = done('refresh', await client.auth.refreshSession())
ok('rotated', data.session.refresh_token !== before.refresh_token)
ok('get user', done('user', await client.auth.getUser()).user.id === before.user.id)
ok('claims', done('claims', await client.auth.getClaims()).claims.sub === before.user.id)
ok('metadata', done('update', await client.auth.updateUser({ data: { city: 'NYC' } })).user.user_metadata.city === 'NYC')
data = done('change of address', await client.auth.updateUser({ email: 'new' + mail }))
ok('new address waits', data.user.new_email === 'new' + mail)
data = done('first confirmation', await client.auth.verifyOtp({ email: mail, token: (await last(mail)).token, type: 'email_change' }))
ok('one is not enough', data.session === null)
data = done('second confirmation', await client.auth.verifyOtp({ email: 'new' + mail, token: (await last('new' + mail)).token, type: 'email_change' }))
ok('changed', data.user.email === 'new' + mail, data)
done('sign out others', await client.auth.signOut({ scope: 'others' }))
done('recover', await client.auth.resetPasswordForEmail('new' + mail, { redirectTo: 'http://localhost:9999/new' }))
let back = await location((await last('new' + mail)).link)
done('exchange', await client.auth.exchangeCodeForSession(new URL(back).searchParams.get('code')))
ok('recovery event', events.includes('PASSWORD_RECOVERY'), events)
data = done('oauth', await client.auth.signInWithOAuth({ provider: 'github', options: { redirectTo: 'http://localhost:9999/cb', queryParams: { login_hint: 'new' + mail }, skipBrowserRedirect: true } }))
back = await location(await location(await location(data.url)))
data = done('exchange', await client.auth.exchangeCodeForSession(new URL(back).searchParams.get('code')))
ok('identities', data.user.identities.length === 2, data.user.identities)
data = done('link', await client.auth.linkIdentity({ provider: 'google', options: { redirectTo: 'http://localhost:9999/cb', queryParams: { login_hint: 'new' + mail }, skipBrowserRedirect: true } }))
back = await location(await location(data.url))
done('exchange', await client.auth.exchangeCodeForSession(new URL(back).searchParams.get('code')))
const { identities } = done('identities', await client.auth.getUserIdentities())
done('unlink', await client.auth.unlinkIdentity(identities.find((identity) => identity.provider === 'google')))

const factor = done('enroll', await client.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'app' }))
const challenge = done('challenge', await client.auth.mfa.challenge({ factorId: factor.id }))
refused('wrong code', 'mfa_verification_failed', await client.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code: '000000' }))
done('verify factor', await client.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code: totp(factor.totp.secret) }))
ok('aal2', done('level', await client.auth.mfa.getAuthenticatorAssuranceLevel()).currentLevel === 'aal2')
ok('mfa event', events.includes('MFA_CHALLENGE_VERIFIED'), events)
const phone = done('enroll phone', await client.auth.mfa.enroll({ factorType: 'phone', phone: '+15557770001' }))
const sms = done('challenge phone', await client.auth.mfa.challenge({ factorId: phone.id }))
done('verify phone', await client.auth.mfa.verify({ factorId: phone.id, challengeId: sms.id, code: (await last('15557770001')).token }))
ok('factors', done('list', await client.auth.mfa.listFactors()).all.length === 2)
done('unenroll', await client.auth.mfa.unenroll({ factorId: factor.id }))

const guest = fresh()
ok('anonymous', done('guest', await guest.auth.signInAnonymously()).user.is_anonymous)
done('otp', await fresh().auth.signInWithOtp({ phone: '+15557770002' }))
refused('no new user', 'otp_disabled', await fresh().auth.signInWithOtp({ email: 'nobody' + mail, options: { shouldCreateUser: false } }))

const made = done('create', await admin.createUser({ email: 'a' + mail, password: 'secret-9', email_confirm: true, app_metadata: { k: 'v' } })).user
ok('app metadata', made.app_metadata.k === 'v')
const listed = done('list', await admin.listUsers({ page: 1, perPage: 1 }))
ok('paging', listed.users.length === 1 && listed.total >= 3 && listed.nextPage === 2, listed)
const link = done('link', await admin.generateLink({ type: 'magiclink', email: 'a' + mail }))
ok('token hash', done('verify', await fresh().auth.verifyOtp({ token_hash: link.properties.hashed_token, type: 'magiclink' })).user.id === made.id)
done('update', await admin.updateUserById(made.id, { ban_duration: '1h' }))
refused('banned', 'user_banned', await fresh().auth.signInWithPassword({ email: 'a' + mail, password: 'secret-9' }))
done('invite', await admin.inviteUserByEmail('i' + mail))
done('delete', await admin.deleteUser(made.id))
refused('deleted', 'user_not_found', await admin.getUserById(made.id))
console.log('supabase-js:', passed, 'checks passed')
process.exit(0)

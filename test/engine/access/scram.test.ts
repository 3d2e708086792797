import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  judgeClientFinal,
  parseClientFirst,
  serverFirst,
  verifierOf,
} from '../../../electron/engine/access/scram.ts'
import { ScramVerifiers } from '../../../electron/engine/access/scram-verifiers.ts'

const text = (value: string): Buffer => Buffer.from(value)

describe('the example of RFC 7677, section 3', () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
  const verifier = verifierOf(pbkdf2Sync('pencil', salt, 4096, 32, 'sha256'), salt, 4096)
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
  const parsed = parseClientFirst(text('n,,n=user,r=rOprNGfwEbeRWgbNEkqO'))
  if (!parsed.ok) throw new Error(parsed.text)
  const challenge = serverFirst(nonce, verifier)
  const judge = (final: string) => judgeClientFinal(text(final), parsed.value, nonce, challenge, verifier)
  const proof = 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='

  test('is answered as there', () => {
    expect(challenge).toBe(`r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`)
    expect(judge(`c=biws,r=${nonce},p=${proof}`)).toEqual({
      ok: true,
      value: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    })
  })

  test.each([
    ['another proof', `c=biws,r=${nonce},p=${proof.replace('d', 'e')}`, 'password is wrong'],
    ['a short proof', `c=biws,r=${nonce},p=AAAA`, 'not one of SHA-256'],
    ['another nonce', `c=biws,r=${nonce}x,p=${proof}`, 'nonce'],
    ['another binding', `c=eSws,r=${nonce},p=${proof}`, 'binding'],
    ['an unknown attribute, not signed', `c=biws,r=${nonce},x=1,p=${proof}`, 'password is wrong'],
    ['nothing', '', 'no binding'],
  ])('%s is refused', (_, final, reason) => {
    expect(judge(final)).toMatchObject({ ok: false, text: expect.stringContaining(reason) })
  })
})

describe('the first message', () => {
  test.each([
    ['n,,n=a=2Cb=3Dc,r=x', 'a,b=c'],
    ['y,,n=user,r=x,ext=1', 'user'],
    ['n,a=user,n=user,r=x', 'user'],
  ])('%s is of the user %s', (message, username) => {
    expect(parseClientFirst(text(message))).toMatchObject({ ok: true, value: { username, nonce: 'x' } })
  })

  test.each([
    ['p=tls-unique,,n=user,r=x', 'channel binding'],
    ['n,a=other,n=user,r=x', 'another user'],
    ['n,,m=1,n=user,r=x', 'no user name'],
    ['n,,n=user,r=', 'no user name'],
    ['n,,n=a=2,r=x', 'stands for nothing'],
    ['', 'GS2'],
  ])('%s is refused', (message, reason) => {
    expect(parseClientFirst(text(message))).toMatchObject({
      ok: false,
      text: expect.stringContaining(reason),
    })
  })

  test('that is no UTF-8 is refused', () => {
    expect(parseClientFirst(Buffer.from([0x6e, 0x2c, 0x2c, 0xff])).ok).toBe(false)
  })
})

describe('verifiers', () => {
  const hmac = (key: Uint8Array, value: string): Buffer => createHmac('sha256', key).update(value).digest()

  test('follow the password, and salts the user', async () => {
    const passwords = new Map([['user', text('one')]])
    const verifiers = new ScramVerifiers((username) => passwords.get(username))
    const first = await verifiers.of('user')
    expect(await verifiers.of('user')).toEqual(first)
    passwords.set('user', text('two'))
    const second = await verifiers.of('user')
    expect(second.verifier.salt).toEqual(first.verifier.salt)
    const salted = pbkdf2Sync('two', second.verifier.salt, 4096, 32, 'sha256')
    const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest()
    expect(second.verifier.storedKey).toEqual(storedKey)
    expect(first.verifier.storedKey).not.toEqual(storedKey)
  })

  test('of somebody unknown look like any other, the same salt each time', async () => {
    const verifiers = new ScramVerifiers(() => undefined)
    const [one, two] = [await verifiers.of('nobody'), await verifiers.of('nobody')]
    expect([one.known, one.verifier.salt]).toEqual([false, two.verifier.salt])
    expect(one.verifier.storedKey).not.toEqual(two.verifier.storedKey)
  })
})

import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nkeys } from '@nats-io/transport-node'
import { describe, expect, test } from 'vitest'
import { loginTarget, readLogin, shownLogin, writeLogin } from '../../../electron/engine/nats/login.ts'
import type { NatsLogin } from '../../../shared/contract/nats.ts'
import { describeWith } from '../../support/tools.ts'
import { testEngine } from '../../support/engine.ts'
import { afterwards, natsServer, ownFolder } from './natsd.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const base64 = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url')

const secrets: readonly NatsLogin[] = [
  { kind: 'user', user: 'bench', password: 's3cret' },
  { kind: 'token', token: 's3cret' },
  { kind: 'nkey', seed: text(nkeys.createUser().getSeed()) },
]

describe('the login of somebody else’s server', () => {
  test.each(secrets)('$kind is kept for the owner alone and shown without its secret', async (login) => {
    const folder = await ownFolder()
    await writeLogin(folder, login)
    expect((await stat(join(folder, 'external-login.json'))).mode & 0o777).toBe(0o600)
    expect(await readLogin(folder, expect.fail)).toEqual(login)
    const shown = JSON.stringify(shownLogin(login, true))
    for (const secret of [
      ('password' in login && login.password) || 'S3',
      loginTarget(login).seed ?? 's3cret',
    ])
      expect(shown).not.toContain(secret)
  })

  test('a file that cannot be read is set aside, without telling what it held', async () => {
    const folder = await ownFolder()
    await writeFile(
      join(folder, 'external-login.json'),
      '{"version":1,"login":{"kind":"token","token":s3cret}}',
    )
    const problems: string[] = []
    expect(await readLogin(folder, (problem) => problems.push(problem))).toEqual({ kind: 'none' })
    expect(problems[0]).toContain('external-login.json.broken-')
    expect(problems.join()).not.toContain('s3cret')
  })

  test('what is no seed of a user is refused', async () => {
    const account = text(nkeys.createAccount().getSeed())
    for (const seed of ['SU', account, 'SUAAAA'])
      await expect(writeLogin(await ownFolder(), { kind: 'nkey', seed })).rejects.toThrow('begins with SU')
  })
})

/** As nsc makes them (nats-io/jwt): an operator trusts an account, which trusts a user. */
function jwtOf(claims: Record<string, unknown>, subject: string, issuer: nkeys.KeyPair): string {
  const body = {
    jti: subject.slice(0, 20),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    name: 'test',
    sub: subject,
    nats: { version: 2, ...claims },
  }
  const signed = `${base64(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }))}.${base64(JSON.stringify(body))}`
  return `${signed}.${base64(issuer.sign(new TextEncoder().encode(signed)))}`
}

describeWith(['nats-server'], 'a bench at somebody else’s NATS server', () => {
  /** What the bench tells of itself once it is in step with that server. */
  async function bench(url: string, login: NatsLogin) {
    const at = { 'nats.enabled': true, 'nats.url': url }
    const first = await testEngine(at)
    afterwards(() => first.stop())
    await first.engine.handlers['nats.login']({ login })
    expect(first.engine.current('nats').login.waits).toBe(true)
    await first.engine.stop()
    const { engine } = await testEngine(at, first.folder)
    afterwards(() => engine.stop())
    await expect.poll(() => engine.current('access').nats.credentials, { timeout: 10_000 }).toBe('shared')
    return engine
  }

  test('logs in with an nkey', async () => {
    const user = nkeys.createUser()
    const { url } = await natsServer([`authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`])
    const engine = await bench(url, { kind: 'nkey', seed: text(user.getSeed()) })
    expect(engine.current('nats').login).toEqual({ kind: 'nkey', waits: false })
  })

  test('logs in with a credentials file under an operator', async () => {
    const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()]
    // JetStream needs one under an operator.
    const system = nkeys.createAccount()
    const unlimited = {
      subs: -1,
      data: -1,
      payload: -1,
      imports: -1,
      exports: -1,
      wildcards: true,
      conn: -1,
      leaf: -1,
    }
    const store = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 }
    const operatorJwt = jwtOf({ type: 'operator' }, operator.getPublicKey(), operator)
    const accountJwt = (keys: nkeys.KeyPair, limits: object): string =>
      jwtOf({ type: 'account', limits }, keys.getPublicKey(), operator)
    const userJwt = jwtOf({ type: 'user', subs: -1, data: -1, payload: -1 }, user.getPublicKey(), account)
    const { url } = await natsServer([
      `operator: ${operatorJwt}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      'resolver_preload {',
      `${system.getPublicKey()}: ${accountJwt(system, unlimited)}`,
      `${account.getPublicKey()}: ${accountJwt(account, { ...unlimited, ...store })}`,
      '}',
    ])
    const file = join(await ownFolder(), 'bench.creds')
    const part = (title: string, content: string): string =>
      `-----BEGIN ${title}-----\n${content}\n------END ${title}------\n`
    await writeFile(file, part('NATS USER JWT', userJwt) + part('USER NKEY SEED', text(user.getSeed())))
    const engine = await bench(url, { kind: 'creds', file })
    expect(engine.current('nats').login).toEqual({ kind: 'creds', file, waits: false })
  })

  test('tells what goes over its buckets, never a value', async () => {
    const { url } = await natsServer(['authorization { user: bench, password: s3cret }'])
    const engine = await bench(url, { kind: 'user', user: 'bench', password: 's3cret' })
    await engine.handlers['access.user.set']({ username: 'cpe-1', password: 'very s3cret' })
    await expect
      .poll(() => engine.current('nats').entries.filter(({ bucket }) => bucket === 'devices-auth'))
      .toContainEqual(expect.objectContaining({ kind: 'put', key: 'cpe-1', own: true, size: 11 }))
    const { entries } = engine.current('nats')
    expect(entries.filter(({ key }) => key === 'cpe-1')).toHaveLength(1)
    expect(entries).toContainEqual(expect.objectContaining({ kind: 'loaded', bucket: 'bench-acl' }))
    expect(JSON.stringify([engine.current('nats'), engine.current('access').nats])).not.toContain('s3cret')
    expect(
      await readFile(join(engine.current('bench').workspace.path, 'bench.json'), 'utf8').catch(() => ''),
    ).not.toContain('s3cret')
  })
})

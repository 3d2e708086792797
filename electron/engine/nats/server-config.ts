/** What the bench's own nats-server is told: its configuration file and the login made for it. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, setAside } from '../workspace/files.ts'
import { writeSecret } from '../workspace/files.ts'

/** The login of a workspace's own server; kept, so that Oktopus services attached to it stay attached. */
export interface ServerLogin {
  /** Unlike any other server's, so that one left behind by a bench that crashed is known again. */
  readonly serverName: string
  readonly user: string
  readonly password: string
}

const LOGIN_VERSION = 1
const loginFile = (folder: string): string => join(folder, 'login.json')

export const configFile = (folder: string): string => join(folder, 'server.conf')
export const pidFile = (folder: string): string => join(folder, 'server.pid')

/**
 * The login of the server in this folder, made at first start in a file of mode 0600. A broken file is set aside and
 * a new login made; `warn` is told.
 */
export async function serverLogin(folder: string, warn: (text: string) => void): Promise<ServerLogin> {
  const path = loginFile(folder)
  try {
    return parseLogin(await readFile(path, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) {
      const aside = await setAside(path, new Date())
      warn(`The login of the own NATS server cannot be read. It is kept as ${aside}; a new one was made.`)
    } else if (errorCode(error) !== 'ENOENT') throw error
  }
  const login: ServerLogin = {
    serverName: `oktobench-${randomBytes(8).toString('hex')}`,
    user: 'oktobench',
    password: randomBytes(24).toString('base64url'),
  }
  await writeSecret(path, `${JSON.stringify({ version: LOGIN_VERSION, ...login }, null, 2)}\n`)
  return login
}

function parseLogin(text: string): ServerLogin {
  // The parser's own message may quote the password.
  const unreadable = (): SyntaxError => new SyntaxError('not a login')
  let value: Partial<Record<string, unknown>>
  try {
    value = JSON.parse(text) as Partial<Record<string, unknown>>
  } catch {
    throw unreadable()
  }
  const { version, serverName, user, password } = value ?? {}
  if (version !== LOGIN_VERSION) throw unreadable()
  if (typeof serverName !== 'string' || typeof user !== 'string' || typeof password !== 'string')
    throw unreadable()
  return { serverName, user, password }
}

export interface ServerConfig {
  readonly folder: string
  readonly login: ServerLogin
  /** -1 takes a free one. */
  readonly port: number
  /** Bytes that the streams may take on the disk. */
  readonly maxStoreBytes: number
}

const MIB = 1024 * 1024
/** A USP Record may be larger than the 1 MiB that nats-server takes by default. */
const MAX_PAYLOAD = 8 * MIB
const MAX_MEMORY_STORE = 64 * MIB

/** Writes the configuration with mode 0600: it holds the password, which then stands on no command line. */
export async function writeConfig({ folder, login, port, maxStoreBytes }: ServerConfig): Promise<void> {
  const lines = [
    '# Written by Oktobench at each start; changes made here are lost.',
    `listen: ${quoted(`127.0.0.1:${port}`)}`,
    `server_name: ${quoted(login.serverName)}`,
    `ports_file_dir: ${quoted(folder)}`,
    `pid_file: ${quoted(pidFile(folder))}`,
    `max_payload: ${MAX_PAYLOAD}`,
    'logtime: false',
    `authorization { user: ${quoted(login.user)}, password: ${quoted(login.password)} }`,
    `jetstream { store_dir: ${quoted(join(folder, 'data'))}, max_memory_store: ${MAX_MEMORY_STORE}, max_file_store: ${maxStoreBytes} }`,
  ]
  await writeSecret(configFile(folder), `${lines.join('\n')}\n`)
}

/** A string of the server's configuration language: backslash and quote are escaped. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`

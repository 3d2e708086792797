/** The state of NATS in words, and what to do about it. Pure. */
import type { NatsInfo } from '../../../shared/contract/access.ts'
import type { NatsEntry, NatsLoginKind } from '../../../shared/contract/nats.ts'
import type { Tone } from '../../ui/kit.tsx'
import { plural } from '../../ui/format.ts'

interface StateWords {
  readonly tone: Tone
  readonly title: string
  readonly text: string
}

export const serverWords: Readonly<Record<NatsInfo['server'], StateWords>> = {
  starting: { tone: 'warn', title: 'starting', text: 'The bench is starting its own NATS server.' },
  running: {
    tone: 'ok',
    title: 'running',
    text: 'The bench runs its own NATS server; it ends with the bench.',
  },
  restarting: {
    tone: 'warn',
    title: 'starting again',
    text: "The bench's own NATS server ended and is being started again.",
  },
  absent: { tone: 'off', title: 'none', text: 'There is no NATS server. Everything works without it.' },
  external: {
    tone: 'ok',
    title: "somebody else's",
    text: 'The bench uses a NATS server that it does not run itself.',
  },
  failed: { tone: 'bad', title: 'failed', text: 'The NATS server could not be started.' },
  stopped: { tone: 'off', title: 'stopped', text: 'The NATS server is stopped.' },
}

/** `short` stands beside the word NATS in the header. */
export const keptWords: Readonly<Record<NatsInfo['credentials'], StateWords & { readonly short: string }>> = {
  file: {
    tone: 'off',
    title: 'in the workspace',
    short: 'none',
    text: 'Users and rules are kept in files of the workspace alone; nobody shares them.',
  },
  away: {
    tone: 'warn',
    title: 'as last known',
    short: 'away',
    text: 'NATS is away: users and rules hold as they were last known, and changes wait for it.',
  },
  shared: {
    tone: 'ok',
    title: 'in step with NATS',
    short: 'in step',
    text: 'Users and rules are the same here and in NATS; other benches and Oktopus see them.',
  },
}

/** What to do next; nothing when all is well or the bench is at it. */
export function nextSteps({ server, connected }: NatsInfo): readonly string[] {
  if (server === 'absent')
    return [
      'To share users, rules and devices with other benches or with Oktopus, install a NATS server and start the bench again. On Windows, put nats-server.exe into a folder of the PATH.',
      'Or set nats.url under Settings to one that runs already, e.g. nats://192.168.1.10:4222.',
    ]
  if (server === 'failed') return ['Mend what is said above, then start the bench again.']
  if (server === 'external' && !connected)
    return [
      'Look whether the server runs and whether this machine reaches it; the bench keeps trying by itself.',
    ]
  return []
}

/** How the program is installed, by system. */
export const installs: readonly (readonly [system: string, command: string])[] = [
  ['Debian, Ubuntu', 'sudo apt-get install nats-server'],
  ['macOS', 'brew install nats-server'],
]

export const pendingWords = (pending: number): string =>
  pending === 0 ? 'none' : `${plural(pending, 'change')}, written as soon as NATS is there`

export type LoginField = 'user' | 'password' | 'token' | 'seed' | 'file'

interface LoginWords {
  readonly title: string
  readonly fields: readonly { readonly id: LoginField; readonly label: string; readonly secret?: true }[]
  readonly remark: string
}

const apart =
  'Kept in a file of the workspace that only its owner can read, apart from bench.json, and shown nowhere.'

export const loginWords: Readonly<Record<NatsLoginKind, LoginWords>> = {
  none: { title: 'nothing', fields: [], remark: 'The server lets everybody in, or asks for a certificate.' },
  user: {
    title: 'user and password',
    fields: [
      { id: 'user', label: 'User' },
      { id: 'password', label: 'Password', secret: true },
    ],
    remark: apart,
  },
  token: { title: 'token', fields: [{ id: 'token', label: 'Token', secret: true }], remark: apart },
  nkey: {
    title: 'nkey',
    fields: [{ id: 'seed', label: 'Seed (SU…)', secret: true }],
    remark: apart,
  },
  creds: {
    title: 'credentials file',
    fields: [{ id: 'file', label: 'File' }],
    remark: 'Path on the machine of the bench of a file as nsc writes it; read anew at each connection.',
  },
}

export const entryWords: Readonly<Record<NatsEntry['kind'], string>> = {
  put: 'written',
  delete: 'deleted',
  loaded: 'bucket read',
  history: 'history read',
}

/** Whose doing it was, as far as it is known. */
export const writerWords = ({ own, writer }: NatsEntry): string =>
  own ? 'this bench' : writer || 'another client'

/** The ladder: every step a device takes from its first TCP connection to its first answer, judged by the signs. */
import { isGranted, evidence, sceneOf, type BenchFacts, type DoctorSubject, type Scene } from './scene.ts'
import { versions } from '../mqtt/fields.ts'
import { parseOktopusTopic } from '../usp/oktopus.ts'
import type { Attempt, Case, Said } from './case.ts'
import type { Cause, Evidence, Examination, Remedy, Step, StepId, StepState } from './model.ts'
import { doorSigns } from './signs/door.ts'
import { remarksOn } from './signs/remarks.ts'
import type { Sign } from './signs/sign.ts'
import { subscribeSigns, topicEvidence, topicSigns } from './signs/topics.ts'
import { answerEvidence, uspSigns } from './signs/usp.ts'

/** In the order in which they are asked; the first that finds something is told. */
export const signs: readonly Sign[] = [...doorSigns, ...subscribeSigns, ...topicSigns, ...uspSigns]

interface StepRow {
  readonly id: StepId
  readonly title: string
  /** What shows that it was done; empty when nothing does. */
  readonly done: (scene: Scene, attempt: Attempt) => readonly Evidence[]
  readonly needed?: (attempt: Attempt) => boolean
}

const one = (at: { readonly no: number; readonly time: number } | undefined, text: string): Evidence[] =>
  at ? [evidence(at, text)] : []

const door = ({ connection: { transport, listenerPort, remoteAddress } }: Attempt): string =>
  `from ${remoteAddress || 'an unknown address'} to ${transport.toUpperCase()} ${listenerPort || ''}`.trim()

const steps: readonly StepRow[] = [
  { id: 'tcp', title: 'TCP', done: (_scene, attempt) => one(attempt.first, door(attempt)) },
  {
    id: 'tls',
    title: 'TLS',
    needed: ({ connection: { transport } }) => transport === 'tls' || transport === 'wss',
    done: (_scene, { connect, malformed }) => one(connect ?? malformed, 'what came could be decrypted'),
  },
  {
    id: 'connect',
    title: 'CONNECT',
    done: (_scene, { connect }) =>
      one(
        connect,
        connect ? `as ${connect.endpointId || 'nobody'}, MQTT ${versions[connect.packet.level]}` : '',
      ),
  },
  {
    id: 'authentication',
    title: 'Authentication',
    done: (_scene, { connack, connect }) =>
      connack?.code === 0
        ? one(
            connack,
            connect?.packet.username === undefined ? 'let in' : `let in as ${connect.packet.username}`,
          )
        : [],
  },
  {
    id: 'subscribe',
    title: 'SUBSCRIBE',
    done: (_scene, { filters }) =>
      filters
        .filter(isGranted)
        .slice(0, 5)
        .map((filter) => evidence(filter, filter.filter)),
  },
  { id: 'topics', title: 'Topics match', done: topicEvidence },
  {
    id: 'connect-record',
    title: 'Connect Record',
    done: (_scene, { connectRecord }) => one(connectRecord, `to ${connectRecord?.topic}`),
  },
  {
    id: 'boot',
    title: 'Boot! or OnBoardRequest',
    done: (scene) => {
      // Sent once a start, not with every connection.
      const boot = scene.attempts.findLast((attempt) => attempt.boot)?.boot
      return one(boot, boot?.usp ?? '')
    },
  },
  { id: 'answer', title: 'Answers a request', done: (_scene, attempt) => answerEvidence(attempt) },
]

export interface ExamineOptions {
  readonly bench?: BenchFacts
  /** Rows of the device that were not fed. */
  readonly leftOut?: number
  /** Milliseconds since 1970; that of the newest row where the capture is over. */
  readonly now?: number
}

/** What a device does by itself takes less, in milliseconds; before that, what is missing may still come. */
const PATIENCE_MS = 5000

export function examine(
  seen: Case,
  subject: DoctorSubject,
  { bench, leftOut = 0, now = seen.time }: ExamineOptions = {},
): Examination {
  const scene = sceneOf(subject, seen, now, bench)
  const { attempt, attempts, endpointId } = scene
  const open = attempt !== undefined && attempt.end === undefined
  const told = attempt ? judge(scene, attempt) : untouched(scene)
  const fresh = open && now - attempt.first.time < PATIENCE_MS
  const controls = attempt?.said.find(asController)
  return {
    ...(controls ? noAgent(controls) : sumUp(told, fresh, attempt)),
    steps: controls ? [] : told,
    remarks: remarksOn(scene),
    endpointId,
    ...(attempt && { connection: attempt.connection.id }),
    open,
    attempts: attempts.filter(({ probe }) => !probe).length,
    rows: seen.rows,
    leftOut,
  }
}

/** A request to an agent: whoever sends it is a controller, and the ladder is that of agents. */
const asController = ({ topic, record, replyTo }: Said): boolean =>
  parseOktopusTopic(topic)?.kind === 'agent' && record?.kind === 'no_session_context' && replyTo !== topic

const noAgent = ({ topic }: Said): Pick<Examination, 'state' | 'verdict'> => ({
  state: 'unknown',
  verdict: `It speaks to ${topic} as a controller does: there is nothing to examine as in a device.`,
})

function judge(scene: Scene, attempt: Attempt): Step[] {
  let blocked = false
  return steps.map(({ id, title, done, needed }) => {
    if (needed && !needed(attempt)) return { id, title, state: 'not-needed', evidence: [] }
    const seen = done(scene, attempt)
    const isOld = attempt.begunBefore && seen.length === 0 && id !== 'answer'
    const proof = isOld ? one(attempt.first, 'before the oldest packet that is held') : seen
    const cause = proof.length > 0 ? causeOf(scene, attempt, id, 'failed') : causeOf(scene, attempt, id)
    const state = stateOf(proof, cause, blocked)
    if ((state === 'failed' || state === 'missing') && !cause?.soft) blocked = true
    const shown = state === 'failed' || state === 'missing' ? cause : undefined
    return { id, title, state, evidence: proof, ...(shown && { cause: shown.cause }) }
  })
}

interface Found {
  readonly cause: Cause
  readonly state: 'failed' | 'missing'
  readonly soft: boolean
}

function causeOf(scene: Scene, attempt: Attempt, step: StepId, only?: 'failed'): Found | undefined {
  for (const { id, step: of, state, soft = false, find } of signs) {
    if (of !== step || (only !== undefined && state !== only)) continue
    const found = find(scene, attempt)
    if (!found) continue
    const { text, evidence: shown = [], remedies = [] } = found
    return { state, soft, cause: { sign: id, text, evidence: shown, remedies } }
  }
  return undefined
}

function stateOf(proof: readonly Evidence[], cause: Found | undefined, blocked: boolean): StepState {
  if (cause?.state === 'failed' && (proof.length > 0 || !blocked)) return 'failed'
  if (proof.length > 0) return 'done'
  return blocked ? 'not-reached' : 'missing'
}

/** Nothing of it was ever seen. */
function untouched({ subject, bench }: Scene): Step[] {
  const who = 'endpointId' in subject ? subject.endpointId : subject.address
  const off = bench?.listeners.filter(({ state }) => state !== 'listening') ?? []
  const cause: Cause = {
    sign: 'never-seen',
    text: `No connection of ${who} has reached this bench. Its broker address or port may be wrong, its client may be off, or a firewall is between.`,
    evidence: [],
    remedies: [
      ...off.map(({ label, transport }) => ({
        text: `${label} is not listening: turn it on if the device is to use it.`,
        action: { do: 'listener', transport } as const,
      })),
      ...reachRemedies(bench),
    ],
  }
  return steps.map(({ id, title }, i) =>
    i === 0
      ? { id, title, state: 'missing', evidence: [], cause }
      : { id, title, state: 'not-reached', evidence: [] },
  )
}

const isForDevices = ({ state, transport }: BenchFacts['listeners'][number]): boolean =>
  state === 'listening' && (transport === 'tcp' || transport === 'tls')

/** What to type on a device that never came: where it wants to go, and whether the way is free. */
function reachRemedies(bench: BenchFacts | undefined): readonly Remedy[] {
  const open = bench?.listeners.filter(isForDevices)
  if (bench === undefined || open === undefined || open.length === 0) return []
  return [
    {
      text: `On the device, see where its client goes: BrokerAddress must be ${bench.address}.`,
      commands: ['obuspa -c get Device.MQTT.Client.1.'],
    },
    {
      text: 'On the device, see whether a port of this bench is reached.',
      commands: open.map(({ port }) => `nc -w 3 ${bench.address} ${port} </dev/null && echo reached`),
    },
  ]
}

function sumUp(
  told: readonly Step[],
  fresh: boolean,
  attempt: Attempt | undefined,
): Pick<Examination, 'state' | 'verdict'> {
  const failed = told.find(({ state }) => state === 'failed')
  if (failed) return { state: 'broken', verdict: failed.cause?.text ?? `${failed.title} failed.` }
  if (told.at(-1)?.state === 'done') return { state: 'working', verdict: workingText(attempt) }
  const missing = told.find(({ state, cause }) => state === 'missing' && !softSigns.has(cause?.sign ?? ''))
  const text = missing?.cause?.text ?? (missing ? `${missing.title}: not seen yet.` : 'Nothing is missing.')
  if (missing?.id === 'tcp') return { state: 'unknown', verdict: text }
  if (missing?.cause?.sign === 'not-asked') return { state: 'waiting', verdict: `It is ready. ${text}` }
  return { state: fresh ? 'waiting' : 'broken', verdict: text }
}

const workingText = (attempt: Attempt | undefined): string =>
  attempt?.end
    ? `It answered. The connection has ended${attempt.end.reason ? `: ${attempt.end.reason}` : ''}.`
    : 'It is connected and answers.'

const softSigns = new Set(signs.filter(({ soft }) => soft).map(({ id }) => id))

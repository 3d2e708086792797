/** A broker with its listeners on free ports of loopback, for one test. */
import { startBroker, type Broker, type BrokerOptions } from '../../electron/engine/broker/broker.ts'
import { Listener } from '../../electron/engine/broker/listeners.ts'
import type { Limits } from '../../electron/engine/broker/context.ts'
import type { Session } from '../../electron/engine/broker/session.ts'
import type { MqttSession } from '../../electron/engine/broker/sessions/mqtt-session.ts'
import { Recorder } from './recorder.ts'
import { WireClient } from './wire.ts'

export interface TestBroker {
  readonly broker: Broker
  readonly port: number
  readonly wsPort: number
  readonly recorder: Recorder
  readonly accepted: Session[]
  readonly refused: string[]
  readonly ended: string[]
  readonly slow: Session[]
  /** What was told of the journal. */
  readonly problems: string[]
  /** Sessions in which messages were dropped. */
  readonly overrun: MqttSession[]
  readonly granted: string[]
  /** A raw TCP connection to the broker; closed with it. */
  connect(): Promise<WireClient>
  close(): Promise<void>
}

export type BrokerOverrides = Partial<Omit<BrokerOptions, 'capture' | 'events' | 'limits' | 'journal'>> & {
  readonly limits?: Partial<Limits>
  /** Path of the journal, and the size at which it is made anew at the earliest. */
  readonly journal?: string
  readonly compactBytes?: number
}

const roomy: Limits = {
  maxPacketBytes: 1 << 20,
  clientBudgetBytes: 1 << 20,
  topicAliasMaximum: 10,
  inflight: 65_535,
  subscriptions: 100_000,
  retained: { messages: 100_000, bytes: 1 << 30 },
  sessions: { messages: 10_000, bytes: 4 << 20, allBytes: 64 << 20, away: 10_000 },
  connections: 10_000,
  connectsPerSecond: 0,
}

export async function testBroker({
  journal,
  compactBytes,
  ...overrides
}: BrokerOverrides = {}): Promise<TestBroker> {
  const problems: string[] = []
  const recorder = new Recorder()
  const accepted: Session[] = []
  const refused: string[] = []
  const ended: string[] = []
  const slow: Session[] = []
  const overrun: MqttSession[] = []
  const granted: string[] = []
  const failures: Error[] = []
  const broker = await startBroker({
    capture: recorder,
    oktopus: { subscribeTopic: true, responseInformation: true, status: true },
    redirect: { reference: '', moved: false },
    connectTimeoutMs: 10_000,
    ...overrides,
    ...(journal !== undefined && {
      journal: {
        path: journal,
        syncEach: false,
        ...(compactBytes !== undefined && { compactBytes }),
        onProblem: (text: string) => problems.push(text),
      },
    }),
    limits: { ...roomy, ...overrides.limits },
    events: {
      accepted: (session) => accepted.push(session),
      refused: (_session, text) => refused.push(text),
      subscribed: (_session, filter) => granted.push(filter),
      slow: (session) => slow.push(session),
      overrun: (state) => overrun.push(state),
      failed: (_session, error) => failures.push(error),
      ended: (_session, text) => ended.push(text),
    },
  })
  const settings = { enabled: true, host: '127.0.0.1', port: 0, path: '/mqtt' }
  const tcp = new Listener({ transport: 'tcp', settings, maxPacketBytes: 1 << 20, accept: broker.accept })
  const ws = new Listener({ transport: 'ws', settings, maxPacketBytes: 1 << 20, accept: broker.accept })
  await Promise.all([tcp.open(), ws.open()])
  const clients: WireClient[] = []
  return {
    broker,
    port: tcp.state.port,
    wsPort: ws.state.port,
    recorder,
    accepted,
    refused,
    ended,
    slow,
    overrun,
    problems,
    granted,
    async connect() {
      const client = await WireClient.open(tcp.state.port)
      clients.push(client)
      return client
    },
    async close() {
      if (failures[0]) throw failures[0]
      for (const client of clients) client.destroy()
      await Promise.all([tcp.close(), ws.close()])
      await broker.close()
    },
  }
}

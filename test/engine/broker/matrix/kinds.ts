/** MQTT.js and the bench's own client. */
import { readFileSync } from 'node:fs'
import mqtt from 'mqtt'
import { openLine } from '../../../../electron/engine/client/line.ts'
import type { Effect } from '../../../../shared/client/effects.ts'
import type { ExchangeEnd } from '../../../../shared/client/exchanges.ts'
import { ClientSession } from '../../../../shared/client/session.ts'
import type { Properties } from '../../../../shared/mqtt/packets.ts'
import type { ClientKind, MatrixClient, Wishes } from './client.ts'
import { doorNames, type Door } from './doors.ts'

const files = new Map<string, string>()
function pem(path: string): string {
  const text = files.get(path) ?? readFileSync(path, 'utf8')
  files.set(path, text)
  return text
}
const identity = ({ certificate }: Door) =>
  certificate === undefined ? {} : { cert: pem(certificate), key: pem(certificate) }

export const mqttJs: ClientKind = {
  name: 'MQTT.js',
  doors: doorNames,
  async connect(door, { clientId, version, clean, expiry }) {
    const scheme = { tcp: 'mqtt', tls: 'mqtts', ws: 'ws', wss: 'wss' }[door.transport]
    const received: string[] = []
    const client = mqtt.connect(`${scheme}://127.0.0.1:${door.port}/mqtt`, {
      clientId,
      clean,
      protocolVersion: version === '5.0' ? 5 : 4,
      reconnectPeriod: 0,
      ca: pem(door.authority),
      ...identity(door),
      ...(expiry !== undefined && { properties: { sessionExpiryInterval: expiry } }),
    })
    // Before CONNACK: what waited comes in the same piece.
    client.on('message', (_topic, payload) => received.push(payload.toString()))
    const { sessionPresent } = await new Promise<mqtt.IConnackPacket>((resolve, reject) => {
      client.once('connect', resolve)
      client.once('error', reject)
    })
    return {
      sessionPresent,
      received,
      subscribe: async (topic, qos) => void (await client.subscribeAsync(topic, { qos })),
      publish: async (topic, text, qos) => void (await client.publishAsync(topic, text, { qos })),
      leave: () => client.endAsync(),
    }
  },
}

/** Of `shared/client`, without the part of the engine that keeps logs and profiles. */
class OwnClient implements MatrixClient {
  sessionPresent: boolean | undefined
  readonly received: string[] = []
  readonly #ends = new Map<number, (end: ExchangeEnd) => void>()
  readonly #session: ClientSession
  readonly #closed: Promise<void>
  #connected: (() => void) | undefined

  private constructor(line: Awaited<ReturnType<typeof openLine>>) {
    this.#session = new ClientSession({
      write: (bytes) => line.write(bytes),
      effect: (effect) => {
        if (effect.kind === 'close') line.end()
        else this.#take(effect)
      },
    })
    this.#closed = new Promise((resolve) => {
      line.start({
        data: (chunk) => this.#session.receive(chunk, performance.now()),
        closed: () => {
          this.#session.closed()
          resolve()
        },
      })
    })
  }

  static async connect(door: Door, { clientId, version, clean, expiry }: Wishes): Promise<OwnClient> {
    const { transport, port } = door
    const tls = { ca: pem(door.authority), ...identity(door), verify: true, serverName: '' }
    const address = { transport, host: '127.0.0.1', port, path: '/mqtt' }
    const client = new OwnClient(await openLine(address, tls, new AbortController().signal))
    const properties: Properties =
      expiry === undefined ? [] : [{ name: 'sessionExpiryInterval', value: expiry }]
    const level = version === '5.0' ? 5 : 4
    const connected = new Promise<void>((resolve) => (client.#connected = resolve))
    client.#session.open(
      { type: 'CONNECT', level, clean, keepAlive: 0, clientId, properties },
      performance.now(),
    )
    await Promise.race([connected, client.#closed])
    return client
  }

  async subscribe(filter: string, qos: 0 | 1 | 2): Promise<void> {
    const wish = { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
    await this.#end(this.#session.subscribe([wish], [], performance.now()))
  }

  async publish(topic: string, text: string, qos: 0 | 1 | 2): Promise<void> {
    const message = { topic, payload: Buffer.from(text), qos, retain: false, properties: [] }
    const exchange = this.#session.publish(message, performance.now())
    if (qos > 0) await this.#end(exchange)
  }

  async leave(): Promise<void> {
    this.#session.disconnect(0, [], performance.now())
    await this.#closed
  }

  #end(exchange: number): Promise<ExchangeEnd> {
    return new Promise((resolve) => this.#ends.set(exchange, resolve))
  }

  #take(effect: Effect): void {
    if (effect.kind === 'connected') {
      this.sessionPresent = effect.packet.sessionPresent
      this.#connected?.()
    } else if (effect.kind === 'finished') this.#ends.get(effect.exchange)?.(effect.end)
    else if (effect.kind === 'received' && effect.packet.type === 'PUBLISH' && effect.again !== true)
      this.received.push(Buffer.from(effect.packet.payload).toString())
  }
}

export const own: ClientKind = {
  name: 'our own client',
  doors: doorNames,
  connect: (door, wishes) => OwnClient.connect(door, wishes),
}

/**
 * Sessions as independent clients see them: version × session × QoS × door × client, a row a combination. Each row
 * shows that a message comes, what becomes of one published while the client is away, Session Present, and when the
 * session ends.
 */
import { afterAll, beforeAll, describe, test, type ExpectStatic } from 'vitest'
import type { QoS } from '../../../../shared/mqtt/packets.ts'
import { describeWith } from '../../../support/tools.ts'
import type { ClientKind, MatrixClient, Wishes } from './client.ts'
import { openHouse, type Door, type House } from './doors.ts'
import { mqttJs, own } from './kinds.ts'
import { mosquitto } from './mosquitto.ts'

interface SessionRow {
  readonly version: Wishes['version']
  readonly name: string
  /** Clean Start of the first and of the second connection. */
  readonly clean: readonly [boolean, boolean]
  readonly expiry?: number
  /** The second connection comes when this has passed. */
  readonly over?: true
  /** It finds the session of the first one. */
  readonly kept: boolean
}

const NEVER = 0xffff_ffff
const sessions: readonly SessionRow[] = [
  { version: '3.1.1', name: 'clean', clean: [true, true], kept: false },
  { version: '3.1.1', name: 'persistent', clean: [false, false], kept: true },
  { version: '3.1.1', name: 'persistent, then clean', clean: [false, true], kept: false },
  { version: '5.0', name: 'clean, expiry 0', clean: [true, true], expiry: 0, kept: false },
  { version: '5.0', name: 'clean, then resumed', clean: [true, false], expiry: 60, kept: true },
  { version: '5.0', name: 'persistent, expiry 0', clean: [false, false], expiry: 0, kept: false },
  { version: '5.0', name: 'persistent, expiry 60', clean: [false, false], expiry: 60, kept: true },
  { version: '5.0', name: 'persistent, for ever', clean: [false, false], expiry: NEVER, kept: true },
  { version: '5.0', name: 'persistent, then clean', clean: [false, true], expiry: 60, kept: false },
  { version: '5.0', name: 'persistent, over', clean: [false, false], expiry: 1, over: true, kept: false },
]

const qualities: readonly QoS[] = [0, 1, 2]
const PATIENCE = { timeout: 15_000 }

let house: House
let lastRow = 0
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

function matrixOf(kind: ClientKind): void {
  for (const doorName of kind.doors) {
    describe.concurrent(`${kind.name} over ${doorName}`, () => {
      for (const session of sessions)
        for (const qos of qualities)
          // Of the test itself: several run at the same time.
          test(`MQTT ${session.version}, ${session.name}, QoS ${qos}`, { timeout: 40_000 }, ({ expect }) =>
            play(expect, kind, house.doors[doorName], session, qos),
          )
    })
  }
}

describe('with MQTT.js and our own client', () => {
  matrixOf(mqttJs)
  matrixOf(own)
})
describeWith(['mosquitto-clients'], 'with Mosquitto', () => matrixOf(mosquitto))

async function play(
  expect: ExpectStatic,
  kind: ClientKind,
  door: Door,
  { version, clean, expiry, over, kept }: SessionRow,
  qos: QoS,
): Promise<void> {
  lastRow += 1
  const [clientId, topic] = [`reader-${lastRow}`, `row/${lastRow}`]
  const come = (id: string, isClean: boolean, seconds: number | undefined): Promise<MatrixClient> =>
    kind.connect(door, { clientId: id, version, clean: isClean, expiry: seconds })
  const state = () => house.bench.broker.overview.session(clientId)
  const writer = await come(`writer-${lastRow}`, true, version === '5.0' ? 0 : undefined)

  const first = await come(clientId, clean[0], expiry)
  await first.subscribe(topic, qos)
  expect(first.sessionPresent ?? false).toBe(false)
  await writer.publish(topic, 'live', qos)
  await expect.poll(() => first.received, PATIENCE).toEqual(['live'])
  await first.leave()
  const lasts = version === '5.0' ? (expiry ?? 0) > 0 : !clean[0]
  // One that lasts for a second may be over by now.
  await expect.poll(() => state()?.connected ?? false, PATIENCE).toBe(false)
  if (!lasts) await expect.poll(state, PATIENCE).toBeUndefined()

  await writer.publish(topic, 'waited', qos)
  // QoS 0 does not wait for anybody.
  const waits = lasts && qos > 0
  if (lasts && !over) {
    await expect.poll(() => state()?.queued, PATIENCE).toBe(waits ? 1 : 0)
    const never = expiry === undefined || expiry === NEVER
    expect(state()).toMatchObject({ expiry: never ? NEVER : expiry })
    expect(state()?.expiresIn ?? NEVER).toBeLessThanOrEqual(never ? NEVER : expiry)
  }
  if (over) await expect.poll(state, PATIENCE).toBeUndefined()

  const second = await come(clientId, clean[1], expiry)
  // A session that was kept holds its subscription; only Mosquitto's client makes it anew all the same.
  if (!kept || second.sessionPresent === undefined) await second.subscribe(topic, qos)
  if (second.sessionPresent !== undefined) expect(second.sessionPresent).toBe(kept)
  await writer.publish(topic, 'again', qos)
  await expect.poll(() => second.received.at(-1), PATIENCE).toBe('again')
  expect(second.received).toEqual(kept && waits ? ['waited', 'again'] : ['again'])
  await Promise.all([second.leave(), writer.leave()])
}

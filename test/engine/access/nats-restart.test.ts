/** Logins and access rules of a whole bench, under load, while its nats-server is killed and started again. */
import { expect, test } from 'vitest'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { describeWith } from '../../support/tools.ts'
import { publishPacket, WireClient } from '../../support/wire.ts'
import { afterwards, natsServer } from '../nats/natsd.ts'

const ROUNDS = 4
const DEVICES = 5
const agent = (id: string): string => `oktopus/usp/v1/agent/${id}`
const controller = (id: string): string => `oktopus/usp/v1/controller/${id}`
const idOf = (n: number): string => `os::restart-${n}`
const passwordOf = (id: string): string => `pw-of-${id}`

/** Decisions taken, and those that were not as they should have been. */
class Tally {
  taken = 0
  readonly wrong: string[] = []

  note(question: string, answer: number | undefined, right: number): void {
    this.taken += 1
    if (answer !== right) this.wrong.push(`${question}: ${answer} instead of ${right}`)
  }
}

async function connack(port: number, username: string, password: string, endpointId = username) {
  const client = await WireClient.open(port)
  const answer = await client.hello({
    clientId: `${endpointId} ${Math.random()}`,
    username,
    password: Buffer.from(password),
    properties: [{ name: 'userProperty', value: ['usp-endpoint-id', endpointId] }],
  })
  return { client, code: answer.reasonCode }
}

/** One device, its neighbour and strangers at the door, over and over. */
async function knocking(port: number, n: number, tally: Tally, until: () => boolean): Promise<void> {
  const [own, other] = [idOf(n), idOf((n + 1) % DEVICES)]
  const attempts = [
    ['the right password', own, passwordOf(own), own, 0],
    ['a wrong password', own, passwordOf(other), own, 0x86],
    ['an unknown user', `${own}-x`, passwordOf(own), `${own}-x`, 0x86],
    ["another's endpoint ID", own, passwordOf(own), other, 0x87],
  ] as const
  while (!until()) {
    for (const [question, username, password, endpointId, right] of attempts) {
      const { client, code } = await connack(port, username, password, endpointId)
      tally.note(question, code, right)
      client.destroy()
    }
  }
}

/** One device that stays and asks for what it may do and what it may not. */
async function asking(port: number, n: number, tally: Tally, until: () => boolean): Promise<void> {
  const [own, other] = [idOf(n), idOf((n + 1) % DEVICES)]
  const { client } = await connack(port, own, passwordOf(own))
  while (!until()) {
    for (const [topic, right] of [
      [controller(own), 0],
      [controller(other), 0x87],
      [agent(other), 0x87],
    ] as const) {
      client.send(publishPacket(topic, 'x', { qos: 1, packetId: 1 }))
      // Without a subscriber a message that is allowed is answered with 0x10 at most.
      const { reasonCode } = await client.next('PUBACK')
      tally.note(`publish ${topic}`, reasonCode === 0x10 ? 0 : reasonCode, right)
    }
    tally.note('subscribe own', (await client.subscribe(agent(own))).reasonCodes[0], 0)
    tally.note("subscribe another's", (await client.subscribe(agent(other))).reasonCodes[0], 0x87)
  }
  client.destroy()
}

const credentials = (bench: TestEngine) => bench.engine.current('access').nats.credentials
const reaches = (bench: TestEngine, state: string): Promise<void> =>
  expect.poll(() => credentials(bench), { timeout: 10_000, interval: 10 }).toBe(state)

describeWith(['nats-server'], 'a bench whose nats-server is killed and started again', () => {
  test('decides nothing wrong in between, and takes changes meanwhile', async () => {
    const server = await natsServer()
    const bench = await testEngine({
      'access.open': false,
      'nats.enabled': true,
      'nats.url': server.url,
      'broker.connectsPerSecond': 0,
    })
    afterwards(() => bench.stop())
    const { handlers } = bench.engine
    const add = (id: string) => handlers['access.user.set']({ username: id, password: passwordOf(id) })
    await reaches(bench, 'shared')
    for (let n = 0; n < DEVICES; n++) await add(idOf(n))

    const tally = new Tally()
    let over = false
    const load = Array.from({ length: DEVICES }, (_, n) =>
      [knocking, asking].map((work) => work(bench.port, n, tally, () => over)),
    ).flat()
    /** So many more, whatever state NATS is in. */
    const someMore = async (): Promise<void> => {
      const before = tally.taken
      await expect.poll(() => tally.taken, { timeout: 10_000, interval: 10 }).toBeGreaterThan(before + 100)
    }
    for (let round = 0; round < ROUNDS; round++) {
      await server.kill()
      await reaches(bench, 'away')
      const late = `os::late-${round}`
      await add(late)
      const { client, code } = await connack(bench.port, late, passwordOf(late))
      client.destroy()
      tally.note('a user added while NATS is away', code, 0)
      await someMore()
      await server.start()
      await reaches(bench, 'shared')
      await someMore()
    }
    over = true
    await Promise.all(load)
    expect(tally.wrong).toEqual([])
    await expect.poll(() => bench.engine.current('access').nats.pending).toBe(0)
    for (let round = 0; round < ROUNDS; round++) {
      const { client, code } = await connack(bench.port, `os::late-${round}`, passwordOf(`os::late-${round}`))
      client.destroy()
      expect(code).toBe(0)
    }
  }, 90_000)
})

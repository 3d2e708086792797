/** A real Mosquitto with an exported `acl_file` decides as the list does. */
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { OKTOPUS_DEFAULTS } from '../../../../shared/acl/defaults.ts'
import { compileAcl } from '../../../../shared/acl/evaluate.ts'
import { exportMosquitto } from '../../../../shared/acl/formats/mosquitto-export.ts'
import { importMosquitto } from '../../../../shared/acl/formats/mosquitto.ts'
import type { AclList, AclRule, Action, Subject } from '../../../../shared/acl/model.ts'
import { startMosquitto } from '../../../support/mosquitto.ts'
import { describeWith } from '../../../support/tools.ts'
import { publishPacket, WireClient } from '../../../support/wire.ts'
import { plainSubject, TOPICS } from '../arbitrary.ts'

/** Publishes what the others may read or not. */
const SUPER = 'super'
const USERS = ['a', 'b', 'z', undefined]
const subjectOf = (username: string | undefined): Subject => ({
  ...plainSubject,
  username,
  clientId: username === undefined ? 'z' : `c-${username}`,
  endpointId: username ?? '',
})

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

/** Starts Mosquitto with these access rules; answers its port. */
async function startWith(acl: string): Promise<number> {
  const { port, stop } = await startMosquitto({ acl })
  open.push(stop)
  return port
}

async function connectAs(port: number, username: string | undefined): Promise<WireClient> {
  const client = await WireClient.open(port)
  open.push(async () => client.destroy())
  const { clientId } = subjectOf(username)
  const connack = await client.hello({ clientId, ...(username !== undefined && { username }) })
  expect(connack.reasonCode).toBe(0)
  return client
}

/** Publishes to each topic at QoS 1, one by one; answers those that were not refused. */
async function publishAll(client: WireClient, topics: readonly string[]): Promise<string[]> {
  const granted: string[] = []
  for (const topic of topics) {
    client.send(publishPacket(topic, topic, { qos: 1, packetId: 1 }))
    const { reasonCode } = await client.next('PUBACK')
    if (reasonCode < 0x80) granted.push(topic)
  }
  return granted
}

/** What Mosquitto grants each user: publishing by PUBACK, reading by what is delivered. */
async function matrixOf(acl: string, users: readonly (string | undefined)[], topics: readonly string[]) {
  const port = await startWith(acl)
  const speaker = await connectAs(port, SUPER)
  const found = new Map<string, string[]>()
  for (const username of users) {
    const reader = await connectAs(port, username)
    await reader.subscribe('#')
    expect(await publishAll(speaker, topics)).toEqual(topics)
    reader.send({ type: 'PINGREQ' })
    await expect.poll(() => reader.received.at(-1)?.type).toBe('PINGRESP')
    const read = reader.received.flatMap((packet) => (packet.type === 'PUBLISH' ? [packet.topic] : []))
    found.set(`${username} subscribe`, read)
    reader.destroy()
    const writer = await connectAs(port, username)
    found.set(`${username} publish`, await publishAll(writer, topics))
    writer.destroy()
  }
  return found
}

function expected(list: AclList, users: readonly (string | undefined)[], topics: readonly string[]) {
  const found = new Map<string, string[]>()
  const compiled = compileAcl(list)
  for (const username of users) {
    const session = compiled.session(subjectOf(username))
    for (const action of ['subscribe', 'publish'] as Action[])
      found.set(
        `${username} ${action}`,
        topics.filter((topic) => session.decide(action, topic, 0, false).verdict === 'allow'),
      )
  }
  return found
}

const rule = (id: string, draft: Partial<AclRule>): AclRule => ({
  id,
  name: id,
  effect: 'allow',
  action: 'both',
  topic: '#',
  who: {},
  enabled: true,
  ...draft,
})
const superuser = rule(SUPER, { who: { username: { exact: SUPER } } })
const small = TOPICS.filter((topic) => /^(?:[abz]?\/){0,2}[abz]?$/.test(topic))

/** Lists that Mosquitto can say exactly, each with rules of several users. */
function generatedLists(): AclList[] {
  const level = fc.constantFrom('a', 'b', '', '+', '${username}', '${clientid}')
  const topic = fc
    .tuple(fc.array(level, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/') || '#')
  const draft = fc.record({
    effect: fc.constantFrom<AclRule['effect']>('allow', 'allow', 'deny'),
    action: fc.constantFrom<AclRule['action']>('publish', 'subscribe', 'both'),
    topic,
    who: fc.constantFrom<AclRule['who']>(
      {},
      {},
      { username: { exact: 'a' } },
      { username: { exact: 'b' } },
      { username: { none: true } },
    ),
  })
  const list = fc.array(draft, { minLength: 5, maxLength: 9 }).map((drafts) => ({
    version: 1,
    rules: [superuser, ...drafts.map((one, i) => rule(`r${i}`, one))],
  }))
  const exact = list.filter((one) => {
    const { text, notes } = exportMosquitto(one)
    // A deny with a placeholder that cannot be filled is where the bench is stricter on purpose.
    const strict = one.rules.some(({ effect, topic: own }) => effect === 'deny' && own.includes('$'))
    return !strict && !notes.some(({ effect }) => effect === 'narrower') && text.includes('deny')
  })
  return fc.sample(exact, { numRuns: 5, seed: 369 })
}

describeWith(['mosquitto', 'mosquitto-clients'], 'a real Mosquitto with an exported acl_file', () => {
  it.each(generatedLists().map((list, i) => [i, list] as const))(
    'decides as the generated list %i',
    async (_, list) => {
      const { text } = exportMosquitto(list)
      const matrix = await matrixOf(text, USERS, small)
      expect(Object.fromEntries(matrix), text).toEqual(Object.fromEntries(expected(list, USERS, small)))
    },
  )

  it('decides as the default list', async () => {
    const speaker = rule(SUPER, { who: { username: { exact: SUPER } } })
    const list = { ...OKTOPUS_DEFAULTS, rules: [speaker, ...OKTOPUS_DEFAULTS.rules] }
    const topics = ['a', 'b', 'oktopusController'].flatMap((id) => [
      ...['agent', 'controller', 'api', 'status'].map((kind) => `oktopus/usp/v1/${kind}/${id}`),
      `oktopus/usp/v1/agent/${id}/more`,
      `oktopus/usp/v1/controller/${id}/reply-to=oktopus%2Fusp%2Fv1%2Fagent%2F${id}`,
      `oktopus/usp/v1/controller/reply-to=oktopus%2Fusp%2Fv1%2Fagent%2F${id}`,
    ])
    topics.push('oktopus/usp/v1/controller', 'else')
    const users = ['a', 'b', 'oktopusController', undefined]
    const { text } = exportMosquitto(list, { endpointAs: 'username' })
    expect(Object.fromEntries(await matrixOf(text, users, topics)), text).toEqual(
      Object.fromEntries(expected(list, users, topics)),
    )
  })

  it('decides as the list that is imported from the file it runs with', async () => {
    const file = `topic read a/#
topic deny a/b
user ${SUPER}
topic #
user a
topic read b/+
user b
topic write z
topic deny a/a
user a
topic deny b/b
topic a/b/z
pattern write %u/#
pattern deny %u/z
pattern read c/%c
pattern read a/+/+
`
    const { list } = importMosquitto(file)
    expect(Object.fromEntries(await matrixOf(file, USERS, small))).toEqual(
      // Where a name is missing, a deny of a placeholder is stricter in the bench.
      Object.fromEntries([
        ...expected(list, ['a', 'b', 'z'], small),
        ...expected(
          { ...list, rules: list.rules.filter(({ topic }) => !topic.includes('${username}')) },
          [undefined],
          small,
        ),
      ]),
    )
  })
})

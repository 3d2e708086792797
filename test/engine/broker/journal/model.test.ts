/** Whatever happens, in whatever order: nothing of QoS 1 and 2 is lost, nothing of QoS 2 comes twice. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { testBroker, type TestBroker } from '../../../support/broker.ts'
import { Endpoint } from '../../../support/endpoint.ts'

/** Small, so that the journal is made anew all the time. */
const COMPACT_BYTES = 500
const TOPICS = ['a', 'b'] as const
/** What each reader subscribed. */
const READERS = [
  { clientId: 'all', filter: '#', qos: 2 },
  { clientId: 'once', filter: 'a', qos: 1 },
] as const

type Step =
  | { readonly do: 'publish'; readonly by: number; readonly topic: number; readonly qos: 1 | 2 }
  | { readonly do: 'connect' | 'drop' | 'hold' | 'answer'; readonly by: number }
  | { readonly do: 'restart' | 'crash' }

const by = fc.nat(3)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      by: fc.nat(1),
      topic: fc.nat(1),
      qos: fc.constantFrom(1 as const, 2 as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('connect', 'drop', 'hold', 'answer'),
      by,
    }) as fc.Arbitrary<Step>,
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('restart', 'crash') }) as fc.Arbitrary<Step> },
)

class World {
  readonly #folder: string
  #path: string
  #bench!: TestBroker
  #count = 0
  readonly writers = [new Endpoint('w0'), new Endpoint('w1')]
  readonly readers = READERS.map(({ clientId }) => new Endpoint(clientId))
  readonly published: { readonly text: string; readonly topic: string; readonly qos: 1 | 2 }[] = []

  constructor(folder: string) {
    this.#folder = folder
    this.#path = join(folder, 'journal')
  }

  get all(): readonly Endpoint[] {
    return [...this.writers, ...this.readers]
  }

  async begin(): Promise<void> {
    this.#bench = await testBroker({ journal: this.#path, compactBytes: COMPACT_BYTES })
    for (const one of this.all) await one.connect(this.#bench.port)
    for (const [i, { filter, qos }] of READERS.entries()) await this.readers[i]?.subscribe(filter, qos)
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'publish': {
        const topic = TOPICS[step.topic] ?? 'a'
        const text = `${step.by} ${topic} ${step.qos} ${this.published.length}`
        this.published.push({ text, topic, qos: step.qos })
        return this.writers[step.by]?.publish(topic, text, step.qos)
      }
      case 'connect':
        return this.all[step.by]?.connect(this.#bench.port)
      case 'drop':
        return this.all[step.by]?.drop()
      case 'hold':
      case 'answer': {
        const one = this.all[step.by]
        if (!one) return
        one.answers = step.do === 'answer'
        return one.answer()
      }
      case 'restart':
      case 'crash':
        return this.#again(step.do === 'crash')
    }
  }

  /** Everybody comes and answers until nothing is under way. */
  async settle(): Promise<void> {
    for (const one of this.all) {
      one.answers = true
      one.answer()
      if (!one.connected) await one.connect(this.#bench.port)
    }
    const quiet = () =>
      this.writers.every(({ pending }) => pending === 0) &&
      this.#bench.broker.overview
        .sessions(0, 10)
        .rows.every(({ inflightOut, inflightIn, queued }) => inflightOut + inflightIn + queued === 0)
    await expect.poll(quiet, { timeout: 5000 }).toBe(true)
  }

  async end(): Promise<void> {
    for (const one of this.all) one.drop()
    await this.#bench.close()
  }

  async #again(crash: boolean): Promise<void> {
    const before = this.#bench
    const path = crash ? join(this.#folder, `journal-${++this.#count}`) : this.#path
    // Nobody hears more of the broker than what rests on the file as it is copied: what a killed process leaves.
    for (const one of this.all) one.drop()
    if (crash) await copyFile(this.#path, path)
    await before.close()
    this.#path = path
    this.#bench = await testBroker({ journal: path, compactBytes: COMPACT_BYTES })
  }
}

test('[MQTT-4.3.2-1] [MQTT-4.3.3-1] [MQTT-4.6.0-6] whatever happens, in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const folder = await mkdtemp(join(tmpdir(), 'oktobench-model-'))
      const world = new World(folder)
      try {
        await world.begin()
        for (const one of steps) await world.take(one)
        await world.settle()
        for (const [i, { filter, qos: granted }] of READERS.entries()) {
          const got = world.readers[i]?.received ?? []
          const due = world.published.filter(({ topic }) => filter === '#' || topic === filter)
          const texts = due.map(({ text }) => text)
          expect([...new Set(got)].sort()).toEqual([...texts].sort())
          const once = due.filter(({ qos }) => Math.min(qos, granted) === 2).map(({ text }) => text)
          expect(got.filter((text) => once.includes(text)).sort()).toEqual([...once].sort())
          // Of one client, topic and QoS they come in order, the first time each.
          const kinds = new Set(texts.map((text) => text.slice(0, 5)))
          const first = [...new Set(got)]
          for (const kind of kinds) {
            expect(first.filter((text) => text.startsWith(kind))).toEqual(
              texts.filter((text) => text.startsWith(kind)),
            )
          }
        }
      } finally {
        await world.end()
        await rm(folder, { recursive: true, force: true })
      }
    }),
    { numRuns: 25, endOnFailure: true },
  )
}, 120_000)

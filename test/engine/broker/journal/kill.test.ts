/** The bench itself, killed under load again and again: every acknowledged message reaches its subscriber. */
import { on, once } from 'node:events'
import { watch } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Endpoint } from '../../../support/endpoint.ts'
import { startServe, type ServedBench } from '../../../support/serve.ts'

const KILLS = Number(process.env['OKTOBENCH_TEST_KILLS'] ?? 10)
/** Messages unacknowledged at any time. */
const WINDOW = 50

/** Keeps the window full until it is told to stop; answers what it published. */
function flood(writer: Endpoint, qos: 1 | 2, filling: string): { readonly texts: string[]; stop(): void } {
  const texts: string[] = []
  let running = true
  const more = (): void => {
    if (!running) return
    while (writer.connected && writer.pending < WINDOW) {
      const text = `${writer.clientId} ${texts.length}${filling}`
      texts.push(text)
      writer.publish(`load/${qos}`, text, qos)
    }
    setImmediate(more)
  }
  more()
  return { texts, stop: () => (running = false) }
}

interface Plan {
  readonly kills: number
  /** Goes behind the text of each message. */
  readonly filling: string
  /** Resolves when the bench is to be killed, for the `kill`th time. */
  moment(kill: number, reader: Endpoint, folder: string): Promise<void>
}

async function killAgainAndAgain({ kills, filling, moment }: Plan): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'oktobench-kill-'))
  const writers = [new Endpoint('one'), new Endpoint('two')]
  const reader = new Endpoint('reader')
  const all = [...writers, reader]
  const start = (): Promise<ServedBench> => startServe(['--workspace', folder, '--no-controller'])
  let bench = await start()
  let floods: ReturnType<typeof flood>[] = []
  try {
    for (const one of all) await one.connect(bench.mqttPort)
    await reader.subscribe('load/#', 2)
    floods = [flood(writers[0] as Endpoint, 1, filling), flood(writers[1] as Endpoint, 2, filling)]
    for (let kill = 0; kill < kills; kill++) {
      await moment(kill, reader, folder)
      bench.process.kill('SIGKILL')
      await once(bench.process, 'exit')
      for (const one of all) one.drop()
      await bench.stop()
      bench = await start()
      for (const one of all) await one.connect(bench.mqttPort)
    }
    for (const { stop } of floods) stop()
    const texts = floods.map((one) => one.texts)
    await expect.poll(() => writers.map(({ pending }) => pending), { timeout: 20_000 }).toEqual([0, 0])
    await expect
      .poll(() => new Set(reader.received).size, { timeout: 20_000 })
      .toBe((texts[0]?.length ?? 0) + (texts[1]?.length ?? 0))
    const twice = reader.received.filter((text) => text.startsWith('two'))
    expect(twice.length).toBe(texts[1]?.length)
  } finally {
    for (const { stop } of floods) stop()
    for (const one of all) one.drop()
    await bench.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

test(
  'SIGKILL under load: QoS 1 is not lost, QoS 2 comes exactly once',
  () =>
    killAgainAndAgain({
      kills: KILLS,
      filling: '',
      async moment(kill, reader) {
        const before = reader.received.length
        // Some way into the load, a little further each time.
        await expect
          .poll(() => reader.received.length, { timeout: 20_000 })
          .toBeGreaterThan(before + 200 + (kill % 10) * 37)
      },
    }),
  60_000 + KILLS * 20_000,
)

test(
  'the same while the journal is made anew',
  () =>
    killAgainAndAgain({
      kills: Math.ceil(KILLS / 3),
      // It has grown enough after some hundred of these.
      filling: ` ${'.'.repeat(20_000)}`,
      async moment(kill, _reader, folder) {
        const watcher = watch(folder)
        for await (const [, name] of on(watcher, 'change')) if (name === 'sessions.journal.new') break
        watcher.close()
        // At its beginning, within it, or about when it takes the place of the other.
        await new Promise((resolve) => setTimeout(resolve, (kill % 5) * 2))
      },
    }),
  60_000 + KILLS * 20_000,
)

/** `npm run bench -- brokers [WORD…]`: this bench with capture on, bare aedes and Mosquitto, in turns. */
import { available, startPeer, type PeerName } from './peers.ts'
import { figure, judged, median, printTable, say } from './report.ts'
import { scenarios, type Scenario } from './scenarios.ts'

const ROUNDS = 3

/** WORDs choose scenarios by name. */
export async function brokerBench(words: readonly string[]): Promise<void> {
  const chosen = scenarios.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
  const peers = available()
  const rows = [['', 'unit', ...peers, '/ bare', 'target', '/ mosquitto', 'target']]
  for (const { name, unit, target, ...scenario } of chosen) {
    say(name)
    const values = await measure(scenario, peers)
    const own = values.get('oktobench')
    const bare = ratio(own, values.get('bare aedes'))
    const mosquitto = ratio(own, values.get('mosquitto'))
    rows.push([
      name,
      unit,
      ...peers.map((peer) => figure(values.get(peer))),
      figure(bare),
      target?.value ? judged(own, target.value) : judged(bare, target?.bare),
      figure(mosquitto),
      judged(mosquitto, target?.mosquitto),
    ])
  }
  printTable('Brokers, medians of three runs in turns', rows)
}

async function measure(
  scenario: Pick<Scenario, 'measure'>,
  peers: readonly PeerName[],
): Promise<Map<PeerName, number>> {
  const found = new Map<PeerName, number[]>(peers.map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of peers) {
      // A new process each time: nobody profits from what came before.
      const peer = await startPeer(name)
      try {
        found.get(name)?.push(await scenario.measure(peer))
      } finally {
        await peer.stop()
      }
    }
  }
  return new Map([...found].map(([name, values]) => [name, median(values)]))
}

const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
  a && b ? a / b : undefined

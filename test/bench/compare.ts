/** `npm run bench -- PART [WORD…]`: this bench with capture on, bare aedes and Mosquitto, in turns. */
import { available, startPeer, type Peer, type PeerName, type PeerOptions } from './peers.ts'
import { figure, judged, median, printTable, say, type Target } from './report.ts'

const ROUNDS = 3

export interface Figure {
  readonly name: string
  readonly unit: string
  /** Of the figure itself, or of its ratio to that of bare aedes and of Mosquitto. */
  readonly target?: { readonly value?: Target; readonly bare?: Target; readonly mosquitto?: Target }
}

/** Something that is measured of each broker; it gives one number or several. */
export interface Scenario {
  readonly figures: readonly Figure[]
  /** How the brokers are set up for it. */
  readonly peers?: PeerOptions
  /** Peers that have no such thing: they are left out, and the row says so. */
  readonly without?: Partial<Record<PeerName, string>>
  /** A number for each of the figures; NaN for one that could not be had. */
  measure(peer: Peer): Promise<readonly number[]>
}

/** WORDs choose scenarios by the names of their figures. */
export async function compare(
  title: string,
  scenarios: readonly Scenario[],
  words: readonly string[],
): Promise<void> {
  const chosen = scenarios.filter(({ figures }) =>
    figures.some(({ name }) => words.every((word) => name.toLowerCase().includes(word))),
  )
  const peers = available()
  const rows = [['', 'unit', ...peers, '/ bare', 'target', '/ mosquitto', 'target']]
  for (const scenario of chosen) {
    say(scenario.figures.map(({ name }) => name).join('; '))
    const found = await measure(scenario, peers)
    rows.push(...scenario.figures.map((one, i) => rowOf(one, i, scenario.without ?? {}, peers, found)))
  }
  printTable(`${title}, medians of three runs in turns`, rows)
}

type Found = ReadonlyMap<PeerName, readonly number[]>

function rowOf(
  { name, unit, target }: Figure,
  at: number,
  without: NonNullable<Scenario['without']>,
  peers: readonly PeerName[],
  found: Found,
): string[] {
  const of = (peer: PeerName): number | undefined => found.get(peer)?.[at]
  const own = of('oktobench')
  const bare = ratio(own, of('bare aedes'))
  const mosquitto = ratio(own, of('mosquitto'))
  return [
    name,
    unit,
    ...peers.map((peer) => without[peer] ?? figure(of(peer))),
    figure(bare),
    target?.value ? judged(own, target.value) : judged(bare, target?.bare),
    figure(mosquitto),
    judged(mosquitto, target?.mosquitto),
  ]
}

async function measure(scenario: Scenario, peers: readonly PeerName[]): Promise<Found> {
  const { figures, without = {} } = scenario
  const having = peers.filter((name) => without[name] === undefined)
  const found = new Map(having.map((name): [PeerName, number[][]] => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of having) {
      // A new process each time: nobody profits from what came before.
      const peer = await startPeer(name, scenario.peers)
      try {
        found.get(name)?.push([...(await scenario.measure(peer))])
      } finally {
        await peer.stop()
      }
    }
  }
  return new Map(
    [...found].map(([name, runs]) => [
      name,
      figures.map((_, at) => median(runs.map((run) => run[at] ?? NaN))),
    ]),
  )
}

const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
  a && b ? a / b : undefined

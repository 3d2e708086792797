/**
 * `npm run bench [-- WORD…]`: this bench with capture on, bare aedes and Mosquitto side by side, in turns, on
 * this machine. Prints a table with medians and ratios; WORDs choose scenarios by name.
 */
import { available, startPeer, type PeerName } from './peers.ts'
import { scenarios, type Scenario } from './scenarios.ts'

const ROUNDS = 3
const words = process.argv.slice(2).map((word) => word.toLowerCase())
const chosen = scenarios.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
const peers = available()

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

async function measure(scenario: Scenario): Promise<Map<PeerName, number>> {
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

const number = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value)
    ? '–'
    : value >= 100
      ? Math.round(value).toLocaleString('en')
      : value.toFixed(2)
const ratio = (a: number | undefined, b: number | undefined): string => (a && b ? (a / b).toFixed(2) : '–')

const rows = [['', 'unit', ...peers, '/ bare', 'target', '/ mosquitto', 'target']]
for (const scenario of chosen) {
  process.stderr.write(`${scenario.name} …\n`)
  const values = await measure(scenario)
  const own = values.get('oktobench')
  rows.push([
    scenario.name,
    scenario.unit,
    ...peers.map((name) => number(values.get(name))),
    ratio(own, values.get('bare aedes')),
    scenario.target?.bare ?? '',
    ratio(own, values.get('mosquitto')),
    scenario.target?.mosquitto ?? '',
  ])
}
const widths = (rows[0] as string[]).map((_, column) =>
  Math.max(...rows.map((row) => (row[column] ?? '').length)),
)
for (const row of rows) {
  console.log(
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
}

/**
 * `npm run bench [-- PART [WORD…] [--option=N]]`: measures this bench as it ships, beside others where there are
 * any, on this machine. Prints tables of figures, ratios, and whether they reach their targets.
 */
import { accessBench } from './access.ts'
import { captureBench } from './capture.ts'
import { compare } from './compare.ts'
import { flowsBench } from './flows.ts'
import { lintBench } from './lint.ts'
import { machine } from './report.ts'
import { brokerScenarios } from './scenarios.ts'
import { sessionScenarios } from './session-scenarios.ts'
import { startBench } from './start.ts'
import { uiBench } from './ui.ts'

const parts: Readonly<
  Record<string, (options: ReadonlyMap<string, number>, words: readonly string[]) => Promise<void>>
> = {
  brokers: (_, words) => compare('Brokers', brokerScenarios, words),
  sessions: (_, words) => compare('Sessions and stored messages', sessionScenarios, words),
  capture: captureBench,
  lint: lintBench,
  flows: flowsBench,
  ui: uiBench,
  access: accessBench,
  start: startBench,
}

const given = process.argv.slice(2)
const options = new Map(
  given.flatMap((arg) => {
    const found = /^--([a-z]+)=(\d+)$/.exec(arg)
    return found ? [[found[1] as string, Number(found[2])] as const] : []
  }),
)
const words = given.filter((arg) => !arg.startsWith('--')).map((word) => word.toLowerCase())
const [part, ...rest] = words
const chosen = part === undefined ? Object.keys(parts) : parts[part] ? [part] : undefined
if (chosen === undefined) {
  console.error(`There is no part “${part}”. Parts: ${Object.keys(parts).join(', ')}.`)
  process.exit(2)
}
console.log(machine())
for (const name of chosen) await parts[name]?.(options, rest)
// Sockets of peers that were ended hard may still be closing.
process.exit(0)

/** Options of `oktobench run`. Pure: no exit, no output. */
import { parseArgs } from 'node:util'
import { parseDuration } from '../../shared/filter/moments.ts'
import type { Json } from '../../shared/flow/json.ts'
import { FLOW_REPORT_FORMATS, type FlowReportFormat } from '../../shared/flow/report/report.ts'
import { setting, settingNames } from '../engine/workspace/settings.ts'
import { checkedValue, readOptions, UsageError, workspaceOption, type Options } from '../common/options.ts'

export interface RunOptions {
  /** Files, and folders of flows. */
  readonly paths: readonly string[]
  readonly devices: readonly string[]
  readonly variables: Readonly<Record<string, Json>>
  /** Flows with one of these; none: all. */
  readonly tags: readonly string[]
  /** Devices that are tested at once. */
  readonly jobs: number
  readonly repeat: number
  readonly reports: readonly { readonly format: FlowReportFormat; readonly file: string }[]
  /** Milliseconds. */
  readonly waitDevice: number
  readonly show: 'quiet' | 'steps' | 'verbose'
  /** Of the bench. */
  readonly bench: Options
}

const options = {
  device: { type: 'string' },
  var: { type: 'string' },
  tag: { type: 'string' },
  jobs: { type: 'string' },
  repeat: { type: 'string' },
  report: { type: 'string' },
  'wait-device': { type: 'string' },
  quiet: { type: 'boolean' },
  verbose: { type: 'boolean' },
} as const
type OwnOption = keyof typeof options

export const runHelp = `Usage: oktobench run PATH… --device ID [OPTIONS]

Starts a bench without a window and runs flows against devices. A PATH is a flow or a folder of flows.

Options:
  --device ID            endpoint ID of a device under test; may be repeated
  --var NAME=VALUE       a variable of the flows, as JSON or text; may be repeated
  --tag TAG              only flows with this tag; may be repeated
  --jobs N               devices that are tested at once (default: 1)
  --repeat N             how often each flow is run (default: 1)
  --report FORMAT=FILE   write junit, html or json; may be repeated
  --wait-device TIME     how long a device may take to connect (default: 60s)
  --quiet                only what did not pass
  --verbose              also values that were kept, and latencies
  --workspace DIR        folder of the workspace (default: OKTOBENCH_WORKSPACE, else ~/Oktobench)
Options of oktobench serve, such as --mqtt-port and --open-bench, hold as well.

A secret NAME of a flow is taken from the environment: OKTOBENCH_SECRET_NAME. A question to a person stops the flow.

Exit codes: 0 all passed, 1 some failed, 2 some could not be run or were stopped.`

/** Throws a UsageError whose message is one line for a person. */
export function readRunOptions(args: readonly string[]): RunOptions {
  const ofBench = Object.fromEntries(
    [
      ...settingNames.map(setting).map(({ flag, kind }) => [flag, kind !== 'boolean'] as const),
      [workspaceOption.flag, true] as const,
    ].map(([flag, takesValue]) => [flag, { type: takesValue ? 'string' : 'boolean' } as const]),
  )
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: { ...ofBench, ...options },
    // Not strict: its errors do not name the nearest option.
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  const own = new Map<OwnOption, string[]>()
  const rest: string[] = []
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    if (!isOwn(name)) rest.push(value === undefined ? rawName : `${rawName}=${value}`)
    else own.set(name, [...(own.get(name) ?? []), checkedValue(options[name].type, rawName, value)])
  }
  const all = (name: OwnOption) => own.get(name) ?? []
  if (positionals.length === 0) throw new UsageError('oktobench run needs a flow, or a folder of flows.')
  const devices = [...new Set(all('device'))]
  if (devices.length === 0)
    throw new UsageError('oktobench run needs --device ID, the endpoint ID of a device.')
  if (own.has('quiet') && own.has('verbose'))
    throw new UsageError('--quiet and --verbose exclude each other.')
  return {
    paths: positionals,
    devices,
    variables: Object.fromEntries(all('var').map(variable)),
    tags: all('tag'),
    jobs: count('--jobs', all('jobs').at(-1) ?? '1', 16),
    repeat: count('--repeat', all('repeat').at(-1) ?? '1', 10_000),
    reports: all('report').map(report),
    waitDevice: duration(all('wait-device').at(-1) ?? '60s'),
    show: own.has('quiet') ? 'quiet' : own.has('verbose') ? 'verbose' : 'steps',
    bench: readOptions(rest, [workspaceOption]),
  }
}

const isOwn = (name: string): name is OwnOption => Object.hasOwn(options, name)

function variable(text: string): [string, Json] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--var is NAME=VALUE, not “${text}”.`)
  const value = text.slice(at + 1)
  try {
    return [text.slice(0, at), JSON.parse(value) as Json]
  } catch {
    return [text.slice(0, at), value]
  }
}

function report(text: string): RunOptions['reports'][number] {
  const at = text.indexOf('=')
  const format = FLOW_REPORT_FORMATS.find((one) => one === text.slice(0, Math.max(0, at)))
  const file = text.slice(at + 1)
  if (format === undefined || file === '')
    throw new UsageError(`--report is ${FLOW_REPORT_FORMATS.join(', ')} and a file, like junit=report.xml.`)
  return { format, file }
}

function count(option: string, text: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new UsageError(`${option} is a whole number from 1 to ${most}, not “${text}”.`)
}

/** A number alone is seconds. */
function duration(text: string): number {
  const nanoseconds = parseDuration(text)
  if (nanoseconds === undefined || nanoseconds < 0)
    throw new UsageError(`--wait-device is a time such as 60s or 2m, not “${text}”.`)
  return nanoseconds / 1e6
}

/** Options of `oktobench run`. Pure: no exit, no output. */
import { parseArgs } from 'node:util'
import { parseDuration } from '../../shared/filter/moments.ts'
import type { Json } from '../../shared/flow/json.ts'
import { FLOW_REPORT_FORMATS, type FlowReportFormat } from '../../shared/flow/report/report.ts'
import { setting, settingNames } from '../engine/workspace/settings.ts'
import { readBrokerUrl } from './broker-url.ts'
import type { ForeignBroker } from './relay.ts'
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
  /** Turns; infinite where only `for` ends it. */
  readonly repeat: number
  /** Milliseconds after which no more is begun but the first turn. */
  readonly for?: number
  readonly reports: readonly { readonly format: FlowReportFormat; readonly file: string }[]
  /** Folder for the packets of each run. */
  readonly capture?: string
  readonly broker?: ForeignBroker
  readonly brokerCa?: string
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
  for: { type: 'string' },
  capture: { type: 'string' },
  broker: { type: 'string' },
  'broker-user': { type: 'string' },
  'broker-ca': { type: 'string' },
  report: { type: 'string' },
  'wait-device': { type: 'string' },
  quiet: { type: 'boolean' },
  verbose: { type: 'boolean' },
} as const
type OwnOption = keyof typeof options

/** Of `--broker`, from the environment: a command line is seen by everybody on the machine. */
const BROKER_PASSWORD = 'OKTOBENCH_BROKER_PASSWORD'

export const runHelp = `Usage: oktobench run PATH… --device ID… [OPTIONS]

Runs flows against devices. A PATH is a flow or a folder of flows, or @starter or @tp469 (those that come with the
bench). A bench without a window is started for it; when one runs on the same workspace (the desktop app, or
oktobench serve), that one is used and goes on.

Options:
  --device ID…           endpoint IDs of the devices under test; may be repeated
  --broker URL           devices of another broker: mqtt://HOST:PORT or mqtts://HOST:PORT, topics of the Oktopus flow
  --broker-user NAME     user there; its password is taken from ${BROKER_PASSWORD}
  --broker-ca FILE       authority of its certificate, as PEM (default: those of the system)
  --var NAME=VALUE       a variable of the flows, as JSON or text; may be repeated
  --tag TAG              only flows with this tag; may be repeated
  --jobs N               devices that are tested at once (default: 1)
  --repeat N             how often each flow is run (default: 1)
  --for TIME             again and again for so long, such as 10m; with --repeat at most that often
  --report FORMAT=FILE…  write junit, html or json; may be repeated. Attachments go to a folder beside the first
  --capture DIR          keep the packets of each run there, as pcapng
  --wait-device TIME     how long a device may take to connect (default: 60s)
  --quiet                only what did not pass
  --verbose              also values that were kept, and latencies
  --workspace DIR        folder of the workspace (default: OKTOBENCH_WORKSPACE, else ~/Oktobench)
Options of oktobench serve, such as --mqtt-port and --open-bench, hold for a bench that is started.

A secret NAME of a flow is taken from the environment: OKTOBENCH_SECRET_NAME. A question to a person stops the flow.
Ctrl+C ends what runs with its clean-up, a second one ends the clean-up; reports are written. Colours are used on a
terminal alone, and not with NO_COLOR.

Exit codes: 0 all passed, 1 some failed, 2 some could not be run or were stopped.`

/** Throws a UsageError whose message is one line for a person. */
export function readRunOptions(args: readonly string[]): RunOptions {
  const ofBench = Object.fromEntries(
    [
      ...settingNames.map(setting).map(({ flag, kind }) => [flag, kind !== 'boolean'] as const),
      [workspaceOption.flag, true] as const,
    ].map(([flag, takesValue]) => [flag, { type: takesValue ? 'string' : 'boolean' } as const]),
  )
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...ofBench, ...options },
    // Not strict: its errors do not name the nearest option.
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  const own = new Map<OwnOption, string[]>()
  const rest: string[] = []
  const paths: string[] = []
  /** The option before a word: a list goes on with words that look like its own. */
  let last: OwnOption | undefined
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (last !== undefined && listed[last]?.test(token.value) === true) own.get(last)?.push(token.value)
      else paths.push(token.value)
    }
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    last = isOwn(name) ? name : undefined
    if (!isOwn(name)) rest.push(value === undefined ? rawName : `${rawName}=${value}`)
    else own.set(name, [...(own.get(name) ?? []), checkedValue(options[name].type, rawName, value)])
  }
  const all = (name: OwnOption) => own.get(name) ?? []
  const one = (name: OwnOption) => all(name).at(-1)
  if (paths.length === 0) throw new UsageError('oktobench run needs a flow, or a folder of flows.')
  const devices = [...new Set(all('device'))]
  if (devices.length === 0)
    throw new UsageError('oktobench run needs --device ID, the endpoint ID of a device.')
  if (own.has('quiet') && own.has('verbose'))
    throw new UsageError('--quiet and --verbose exclude each other.')
  const [time, capture] = [one('for'), one('capture')]
  const usual = time === undefined ? 1 : Number.POSITIVE_INFINITY
  const repeat = one('repeat')
  return {
    paths,
    devices,
    variables: Object.fromEntries(all('var').map(variable)),
    tags: all('tag'),
    jobs: count('--jobs', one('jobs') ?? '1', 16),
    repeat: repeat === undefined ? usual : count('--repeat', repeat, 10_000),
    reports: all('report').map(report),
    waitDevice: duration('--wait-device', one('wait-device') ?? '60s'),
    show: own.has('quiet') ? 'quiet' : own.has('verbose') ? 'verbose' : 'steps',
    bench: readOptions(rest, [workspaceOption]),
    ...(time !== undefined && { for: duration('--for', time) }),
    ...(capture !== undefined && { capture }),
    ...brokerOf(one('broker'), one('broker-user'), one('broker-ca')),
  }
}

/** What a word must be like to belong to the list before it, and not to be a path. */
const listed: Readonly<Partial<Record<OwnOption, RegExp>>> = {
  device: /^[\w.-]+::./,
  report: new RegExp(`^(?:${FLOW_REPORT_FORMATS.join('|')})=.`),
}

function brokerOf(
  url: string | undefined,
  user: string | undefined,
  ca: string | undefined,
): Pick<RunOptions, 'broker' | 'brokerCa'> {
  if (url === undefined) {
    if (user === undefined && ca === undefined) return {}
    throw new UsageError('--broker-user and --broker-ca belong to --broker.')
  }
  const password = process.env[BROKER_PASSWORD]
  return {
    broker: {
      ...readBrokerUrl(url, `--broker-user and ${BROKER_PASSWORD}`),
      ...(user !== undefined && { user }),
      ...(user !== undefined && password !== undefined && { password }),
    },
    ...(ca !== undefined && { brokerCa: ca }),
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

/** Milliseconds; a number alone is seconds. */
function duration(option: string, text: string): number {
  const nanoseconds = parseDuration(text)
  if (nanoseconds === undefined || nanoseconds < 0)
    throw new UsageError(`${option} is a time such as 60s or 2m, not “${text}”.`)
  return nanoseconds / 1e6
}

/** The command line of `oktobench capture`. Pure. */
import { extname } from 'node:path'
import { didYouMean, readWords, UsageError } from '../common/options.ts'

export type CaptureAction = 'info' | 'doctor' | 'convert' | 'filter'
export type TextFormat = 'pcapng' | 'jsonl' | 'csv'

export interface CaptureOptions {
  readonly action: CaptureAction
  /** `-` is the standard input. */
  readonly files: readonly string[]
  readonly filter: string
  readonly format: TextFormat
  readonly columns?: readonly string[]
  readonly keyLog?: string
  readonly secrets: boolean
  /** Absent: the standard output. */
  readonly output?: string
}

export const captureHelp = `Usage: oktobench capture ACTION FILE… [OPTIONS]

Reads pcap and pcapng files (.gz too) and evidence bundles, of Oktobench or of others; - is the standard
input, unpacked.

Actions:
  info      say what is in each file
  doctor    say how far each device came, what was in its way, and how to mend it
  convert   write the packets in another format
  filter    write only the packets that match

Options:
  --filter EXPR     filter expression, e.g. 'mqtt.topic ~ "usp/#" and usp.type == NOTIFY'
  --to FORMAT       pcapng, jsonl or csv (default: by the ending of the output, else pcapng)
  --columns A,B     columns of CSV: names of filter fields
  --key-log FILE    TLS key log, to read encrypted connections
  --secrets         leave passwords and authentication data as they are
  -o, --output FILE write to a file (default: the standard output)

Exit codes: 0 done, 1 failed, 2 could not start.`

const actions: readonly CaptureAction[] = ['info', 'doctor', 'convert', 'filter']
const formats: readonly TextFormat[] = ['pcapng', 'jsonl', 'csv']
const options = {
  filter: { type: 'string' },
  to: { type: 'string' },
  columns: { type: 'string' },
  'key-log': { type: 'string' },
  secrets: { type: 'boolean' },
  output: { type: 'string', short: 'o' },
} as const

/** Throws a UsageError whose message is one line for a person. */
export function readCaptureOptions(args: readonly string[]): CaptureOptions {
  const { values, positionals } = readWords(args, options)
  const [action, ...files] = positionals
  if (!isOneOf(action, actions)) {
    const what =
      action === undefined ? 'Say what to do' : `“${action}” is no action.${didYouMean(action, actions)} Say`
    throw new UsageError(`${what}: ${actions.join(', ')}. See oktobench capture --help.`)
  }
  if (files.length === 0)
    throw new UsageError(`oktobench capture ${action} needs a file; - is the standard input.`)
  const text = (name: keyof typeof options) => values.get(name)?.at(-1)
  const output = text('output')
  const columns = text('columns')
    ?.split(',')
    .map((name) => name.trim())
  const keyLog = text('key-log')
  const filter = text('filter') ?? ''
  if (action === 'filter' && filter === '')
    throw new UsageError('oktobench capture filter needs --filter EXPR.')
  return {
    action,
    files,
    filter,
    format: formatOf(text('to'), output),
    secrets: values.has('secrets'),
    ...(columns && { columns }),
    ...(keyLog !== undefined && { keyLog }),
    ...(output !== undefined && output !== '-' && { output }),
  }
}

function formatOf(to: string | undefined, output = ''): TextFormat {
  const ending = extname(output).slice(1)
  if (to === undefined) return isOneOf(ending, formats) ? ending : 'pcapng'
  if (isOneOf(to, formats)) return to
  throw new UsageError(`--to must be ${formats.join(', ')}, not “${to}”.`)
}

const isOneOf = <T extends string>(value: string | undefined, all: readonly T[]): value is T =>
  (all as readonly (string | undefined)[]).includes(value)

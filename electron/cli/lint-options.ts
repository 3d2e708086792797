/** Options of `oktobench lint`. Pure: no exit, no output. */
import { extname } from 'node:path'
import { REPORT_FORMATS, type ReportFormat } from '../../shared/lint/report/index.ts'
import { rules } from '../../shared/lint/rules/index.ts'
import { SEVERITIES, type Severity } from '../../shared/lint/rule.ts'
import { didYouMean, readWords, UsageError } from '../common/options.ts'

export interface LintOptions {
  /** `-` is the standard input. */
  readonly files: readonly string[]
  readonly filter: string
  readonly format: ReportFormat
  readonly severity: Severity
  /** By id; absent: all. */
  readonly rules?: readonly string[]
  readonly keyLog?: string
  /** Absent: the standard output. */
  readonly output?: string
}

export const lintHelp = `Usage: oktobench lint FILE… [OPTIONS]

Checks the packets of pcap and pcapng files (.gz too) and evidence bundles, of Oktobench or of others, against the
rules of USP (TR-369) over MQTT; - is the standard input.

Options:
  --filter EXPR     report only findings at packets that match, e.g. 'device == "os::012345-A1"'
  --format FORMAT   text, json, junit or html (default: by the ending of the output, else text)
  --severity LEVEL  error, warning or note: the mildest finding that is reported (default: warning)
  --rule A,B        only these rules, by name or requirement, e.g. content-type or R-MQTT.27; may be repeated
  --key-log FILE    TLS key log, to read encrypted connections
  -o, --output FILE write to a file (default: the standard output)
  --rules           list all rules

Exit codes: 0 nothing found, 1 findings, 2 could not run.`

const options = {
  filter: { type: 'string' },
  format: { type: 'string' },
  severity: { type: 'string' },
  rule: { type: 'string' },
  'key-log': { type: 'string' },
  output: { type: 'string', short: 'o' },
  rules: { type: 'boolean' },
} as const

const endings: Readonly<Record<string, ReportFormat>> = {
  json: 'json',
  xml: 'junit',
  html: 'html',
  htm: 'html',
  txt: 'text',
}

/** `list`: only the rules are asked for. Throws a UsageError whose message is one line for a person. */
export function readLintOptions(args: readonly string[]): LintOptions | 'list' {
  const { values, positionals } = readWords(args, options)
  if (values.has('rules')) return 'list'
  if (positionals.length === 0) throw new UsageError('oktobench lint needs a file; - is the standard input.')
  const last = (name: keyof typeof options) => values.get(name)?.at(-1)
  const output = last('output')
  const keyLog = last('key-log')
  const chosen = values.get('rule')?.flatMap(rulesNamed)
  return {
    files: positionals,
    filter: last('filter') ?? '',
    format: formatOf(last('format'), output),
    severity: oneOf('--severity', last('severity') ?? 'warning', SEVERITIES),
    ...(chosen !== undefined && { rules: chosen }),
    ...(keyLog !== undefined && { keyLog }),
    ...(output !== undefined && output !== '-' && { output }),
  }
}

function formatOf(format: string | undefined, output = ''): ReportFormat {
  if (format !== undefined) return oneOf('--format', format, REPORT_FORMATS)
  return endings[extname(output).slice(1).toLowerCase()] ?? 'text'
}

function oneOf<T extends string>(option: string, value: string, all: readonly T[]): T {
  const found = all.find((one) => one === value)
  if (found === undefined) throw new UsageError(`${option} must be ${all.join(', ')}, not “${value}”.`)
  return found
}

/** Ids of the rules behind a list of names and requirements. */
function rulesNamed(list: string): string[] {
  return list.split(',').flatMap((part) => {
    const name = part.trim()
    const found = rules.filter(({ id, requirements }) => id === name || requirements.includes(name))
    if (found.length > 0) return found.map(({ id }) => id)
    const known = rules.flatMap(({ id, requirements }) => [id, ...requirements])
    throw new UsageError(
      `--rule: there is no rule “${name}”.${didYouMean(name, known)} See oktobench lint --rules.`,
    )
  })
}

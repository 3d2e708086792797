/** Options of a command line, read by the table of settings. Pure: no exit, no output. */
import { parseArgs } from 'node:util'
import { distance } from '../../shared/filter/nearest.ts'
import {
  parseSetting,
  setting,
  settingNames,
  type SettingName,
  type Settings,
} from '../engine/workspace/settings.ts'

/** An option that is no setting. */
export interface PlainOption {
  readonly flag: string
  /** Name of its value in the help; without it the option takes none. */
  readonly value?: string
  readonly description: string
}

export const workspaceOption: PlainOption = {
  flag: 'workspace',
  value: 'DIR',
  description: 'folder of the workspace (default: OKTOBENCH_WORKSPACE, else ~/Oktobench)',
}

export interface Options {
  readonly settings: Partial<Settings>
  /** Values of the plain options that were given; true for one that takes no value. */
  readonly plain: Readonly<Record<string, string | true>>
}

/** A wrong command line; the message is one line for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const settingByFlag = new Map<string, SettingName>(settingNames.map((name) => [setting(name).flag, name]))

/**
 * Reads options; throws a UsageError for one that lacks its value or has a wrong one, and, unless told to ignore
 * them, for one that is unknown.
 */
export function readOptions(
  args: readonly string[],
  plain: readonly PlainOption[],
  unknown: 'refuse unknown' | 'ignore unknown' = 'refuse unknown',
): Options {
  const takesValue = new Map<string, boolean>()
  for (const option of plain) takesValue.set(option.flag, option.value !== undefined)
  for (const [flag, name] of settingByFlag) {
    const isBoolean = setting(name).kind === 'boolean'
    takesValue.set(flag, !isBoolean)
    if (isBoolean) takesValue.set(`no-${flag}`, false)
  }

  const settings: Record<string, string | number | boolean> = {}
  const given: Record<string, string | true> = {}
  for (const { flag, value } of scan(args, takesValue, unknown)) {
    const name =
      settingByFlag.get(flag) ?? (value === true ? settingByFlag.get(flag.slice('no-'.length)) : undefined)
    if (name === undefined) given[flag] = value
    else settings[name] = value === true ? settingByFlag.has(flag) : parseOption(name, value)
  }
  return { settings, plain: given }
}

/** Reads the options of a command that has no settings; throws a UsageError as `readOptions` does. */
export function readPlainOptions(args: readonly string[], plain: readonly PlainOption[]): Options['plain'] {
  const takesValue = new Map(plain.map(({ flag, value }) => [flag, value !== undefined]))
  return Object.fromEntries(
    [...scan(args, takesValue, 'refuse unknown')].map(({ flag, value }) => [flag, value]),
  )
}

/** What `readWords` takes: name without dashes to its kind, and a letter where it has one. */
export type WordOptions = Readonly<
  Record<string, { readonly type: 'string' | 'boolean'; readonly short?: string }>
>

export interface Words {
  /** Every value of each option that was given, in order; an empty text for one that takes none. */
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly positionals: readonly string[]
}

/**
 * Reads a command line of files and options; throws a UsageError for an option that is unknown, lacks its value, or
 * has one that it does not take.
 */
export function readWords(args: readonly string[], options: WordOptions): Words {
  // Not strict: its errors do not name the nearest option.
  const { positionals, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  const values = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    const known = Object.hasOwn(options, name) ? options[name] : undefined
    if (known === undefined) {
      throw new UsageError(`${rawName} is not a known option.${didYouMean(name, Object.keys(options), '--')}`)
    }
    values.set(name, [...(values.get(name) ?? []), checkedValue(known.type, rawName, value)])
  }
  return { values, positionals }
}

/** The value of an option, an empty text where it takes none; throws a UsageError when it is not as it should be. */
export function checkedValue(kind: 'string' | 'boolean', rawName: string, value: string | undefined): string {
  if (kind === 'string' && (value === undefined || value === ''))
    throw new UsageError(`${rawName} needs a value.`)
  if (kind === 'boolean' && value !== undefined) throw new UsageError(`${rawName} takes no value.`)
  return value ?? ''
}

interface Given {
  readonly flag: string
  readonly value: string | true
}

function* scan(
  args: readonly string[],
  takesValue: ReadonlyMap<string, boolean>,
  unknown: 'refuse unknown' | 'ignore unknown',
): Generator<Given> {
  const { tokens } = parseArgs({
    args: [...args],
    // Not strict: its errors do not name the nearest option.
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      [...takesValue].map(([flag, value]) => [flag, { type: value ? 'string' : 'boolean' } as const]),
    ),
  })
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') {
      if (unknown === 'ignore unknown') continue
      throw new UsageError(`“${token.value}” is not understood; options begin with --.`)
    }
    const { name: flag, rawName, value } = token
    const wantsValue = takesValue.get(flag)
    if (wantsValue === undefined || !rawName.startsWith('--')) {
      if (unknown === 'ignore unknown') continue
      throw new UsageError(
        `${rawName} is not a known option.${didYouMean(flag, [...takesValue.keys()], '--')}`,
      )
    }
    if (!wantsValue) {
      if (value !== undefined) throw new UsageError(`--${flag} takes no value.`)
      yield { flag, value: true }
    } else if (value === undefined || value === '' || (!token.inlineValue && value.startsWith('--'))) {
      throw new UsageError(`--${flag} needs a value.`)
    } else {
      yield { flag, value }
    }
  }
}

function parseOption(name: SettingName, text: string): string | number | boolean {
  try {
    return parseSetting(name, text)
  } catch (error) {
    throw new UsageError(`--${setting(name).flag} ${(error as Error).message}.`, { cause: error })
  }
}

/** ` Did you mean --port?`, or nothing when no known word is near. */
export function didYouMean(word: string, known: readonly string[], prefix = ''): string {
  const near = known
    .map((candidate) => ({ candidate, steps: distance(word, candidate) }))
    .filter(({ candidate, steps }) => steps <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.steps - b.steps)[0]
  return near === undefined ? '' : ` Did you mean ${prefix}${near.candidate}?`
}

/** One line of help an option, in two columns; `settings` are listed below the plain ones. */
export function describeOptions(
  plain: readonly PlainOption[],
  settings: readonly SettingName[] = settingNames,
): string {
  const rows = [
    ...plain.map(({ flag, value, description }) => [
      `--${flag}${value === undefined ? '' : ` ${value}`}`,
      description,
    ]),
    ...settings.map((name) => {
      const row = setting(name)
      const value = row.kind === 'integer' ? ' N' : row.kind === 'text' ? ` ${row.placeholder}` : ''
      // The form that changes something is the one to show.
      const flag = row.kind === 'boolean' && row.default ? `no-${row.flag}` : row.flag
      const description = flag === row.flag ? row.description : `do not ${row.description}`
      const defaults = row.kind === 'boolean' ? '' : ` (default: ${row.default})`
      return [`--${flag}${value}`, description + defaults]
    }),
  ] as const
  const width = Math.max(...rows.map(([flag]) => flag?.length ?? 0)) + 2
  return rows.map(([flag = '', description = '']) => `  ${flag.padEnd(width)}${description}`).join('\n')
}

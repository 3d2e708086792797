/** The part of the contract about the settings of a bench. */
import * as v from 'valibot'
import { command } from './command.ts'

export type SettingValue = string | number | boolean

export interface SettingInfo {
  /** As in bench.json: `listeners.tcp.port`. */
  readonly name: string
  readonly kind: 'boolean' | 'integer' | 'text'
  readonly description: string
  /** As it stands in the workspace. A login in an address is left out. */
  readonly value: SettingValue
  /** What the bench works with now: another value until the next start. */
  readonly inForce: SettingValue
  readonly default: SettingValue
  /** Of an integer. */
  readonly min?: number
  readonly max?: number
  /** Of a text: what it must be, after “must be”. */
  readonly expected?: string
  /** Of a text: there is no other. */
  readonly choices?: readonly string[]
  /** When a change holds. */
  readonly effect: 'now' | 'start'
  /** Given on the command line or in the environment: that wins at the next start, too. */
  readonly given: boolean
  /** Option of the command line, without `--`. */
  readonly flag: string
  readonly env: string
}

export const settingsCommands = {
  'settings.list': command<readonly SettingInfo[]>()(v.undefined()),
  /** Keeps a setting in bench.json. `invalid-request` says what the value must be. */
  'settings.set': command<void>()(
    v.strictObject({
      name: v.pipe(v.string(), v.maxLength(100)),
      value: v.union([v.pipe(v.string(), v.maxLength(8192)), v.number(), v.boolean()]),
    }),
  ),
} as const

/** The settings as the interface shows and changes them. */
import type { SettingInfo, settingsCommands, SettingValue } from '../../../shared/contract/settings.ts'
import type { HandlersOf } from '../../../shared/contract/command.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { faultOf, isSettingName, setting, settingNames, type SettingName, type Settings } from './settings.ts'
import type { Workspace } from './workspace.ts'

export interface SettingsServiceOptions {
  readonly workspace: Pick<Workspace, 'settings' | 'save'>
  /** Names given on the command line or in the environment. */
  readonly given: ReadonlySet<string>
  /** Keeps a setting and puts it in force; undefined for one that holds from the next start. */
  readonly live: (name: SettingName) => ((value: SettingValue) => Promise<void>) | undefined
}

/** A login that stands in an address: `nats://user:password@host`. */
const LOGIN = /(?<=:\/\/|,)[^/@,]*@/g

export function settingsService(options: SettingsServiceOptions): HandlersOf<typeof settingsCommands> {
  const { workspace, given, live } = options
  const started: Settings = workspace.settings
  const shown = (value: SettingValue): SettingValue =>
    typeof value === 'string' ? value.replaceAll(LOGIN, '') : value

  return {
    'settings.list': () =>
      settingNames.map((name): SettingInfo => {
        const row = setting(name)
        const effect = live(name) ? 'now' : 'start'
        const value = workspace.settings[name]
        return {
          name,
          kind: row.kind,
          description: row.description,
          value: shown(value),
          inForce: shown(effect === 'now' ? value : started[name]),
          default: row.default,
          ...(row.kind === 'integer' ? { min: row.min, max: row.max } : {}),
          ...(row.kind === 'text' ? { expected: row.expected } : {}),
          ...(row.kind === 'text' && row.choices ? { choices: row.choices } : {}),
          effect,
          given: given.has(name),
          flag: row.flag,
          env: row.env,
        }
      }),
    async 'settings.set'({ name, value }) {
      if (!isSettingName(name)) throw new BenchFailure('invalid-request', `${name} is not a known setting.`)
      const fault = faultOf(name, value)
      if (fault !== undefined) throw new BenchFailure('invalid-request', `${name} ${fault}.`)
      if (typeof value === 'string' && shown(value) !== value) {
        throw new BenchFailure(
          'invalid-request',
          `${name} must be an address without a login: give that in the NATS view, which keeps it apart.`,
        )
      }
      const apply = live(name)
      await (apply ? apply(value) : workspace.save({ [name]: value }))
    },
  }
}

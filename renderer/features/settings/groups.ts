/** Settings by group, what a filter leaves of them, and reading what was typed. Pure. */
import type { SettingInfo, SettingValue } from '../../../shared/contract/settings.ts'
import { count } from '../../ui/format.ts'

const titles: Readonly<Record<string, string>> = {
  listeners: 'Listeners',
  tls: 'TLS',
  access: 'Access',
  broker: 'Limits of the broker',
  oktopus: 'Oktopus flow',
  nats: 'NATS',
  capture: 'Capture',
  serve: 'User interface in a browser',
}

export interface SettingGroup {
  readonly id: string
  readonly title: string
  readonly settings: readonly SettingInfo[]
}

const groupOf = ({ name }: SettingInfo): string => name.split('.')[0] ?? name

/** In the order of the titles; a group that has none stands last, under its own name. Empty ones are left out. */
export function settingGroups(settings: readonly SettingInfo[], filter: string): readonly SettingGroup[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const left = settings.filter(({ name, description, flag, env }) => {
    const text = `${name} ${description} --${flag} ${env}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const ids = [...new Set([...Object.keys(titles), ...settings.map(groupOf)])]
  return ids
    .map((id) => ({ id, title: titles[id] ?? id, settings: left.filter((one) => groupOf(one) === id) }))
    .filter((group) => group.settings.length > 0)
}

/** `default 1,000, 1 to 65,535`. */
export function rangeWords({ name, kind, default: given, min, max }: SettingInfo): string {
  // Nobody writes a port with a comma.
  const number = name.endsWith('.port') ? String : count
  const shown =
    typeof given === 'number' ? number(given) : typeof given === 'boolean' ? (given ? 'on' : 'off') : given
  const words = `default ${shown === '' ? 'none' : shown}`
  return kind === 'integer' ? `${words}, ${number(min ?? 0)} to ${number(max ?? 0)}` : words
}

/** What was typed as a value, or undefined when it is not even one of the kind. */
export function typedValue({ kind }: SettingInfo, text: string): SettingValue | undefined {
  if (kind !== 'integer') return text
  const digits = text.trim()
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}

/** It waits for the next start. */
export const waits = ({ value, inForce }: SettingInfo): boolean => value !== inForce

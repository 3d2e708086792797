/** bench.json: the settings as nested JSON with a version. Pure; the file itself is workspace.ts's affair. */
import { faultOf, isSettingName, settingNames, type Settings, type SettingValue } from './settings.ts'

export const DOCUMENT_VERSION = 1
export const SETTINGS_FILE = 'bench.json'

type Json = Readonly<Record<string, unknown>>
export interface SettingsDocument extends Json {
  readonly version: number
}

export interface ReadDocument {
  readonly document: SettingsDocument
  /** Only the settings that are in the document and fit. */
  readonly settings: Partial<Settings>
  /** Sentences for a person, one a fault. */
  readonly warnings: readonly string[]
  /** Written by a newer Oktobench: nothing of it is used and nothing may be written over it. */
  readonly newer: boolean
}

/** `from` version → the document one version on. A step keeps the keys it does not know. */
export type Migrations = Readonly<Record<number, (document: Json) => Json>>

/**
 * Version 0 is a file without `version`, as a person writes it by hand; it has the shape of version 1.
 * A new version adds a step here and a sample file to the tests.
 */
const migrations: Migrations = { 0: (document) => document }

export const emptyDocument = (): SettingsDocument => ({ version: DOCUMENT_VERSION })

/** Throws a SyntaxError or TypeError saying why the text is no settings document. */
export function readDocument(
  text: string,
  steps: Migrations = migrations,
  current = DOCUMENT_VERSION,
): ReadDocument {
  // Editors on Windows begin a file with a byte order mark.
  const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
  if (!isObject(parsed)) throw new TypeError('it is not a JSON object')
  const version = parsed['version'] ?? 0
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 0) {
    throw new TypeError('its "version" is not a whole number')
  }
  if (version > current) {
    const warning =
      `${SETTINGS_FILE} was written by a newer Oktobench (version ${version}; this one knows ${current}). ` +
      'It is left as it is: default settings are in force and changes are not saved. Update Oktobench.'
    return { document: { ...parsed, version }, settings: {}, warnings: [warning], newer: true }
  }
  let migrated: Json = parsed
  for (let from = version; from < current; from++) {
    const step = steps[from]
    if (step === undefined) throw new TypeError(`there is no step from version ${from}`)
    migrated = step(migrated)
  }
  const document = { ...migrated, version: current }
  return { document, ...readSettings(document), newer: false }
}

function readSettings(document: Json): { settings: Partial<Settings>; warnings: string[] } {
  const settings: Record<string, SettingValue> = {}
  const warnings: string[] = []
  const walk = (node: Json, prefix: string): void => {
    for (const [key, value] of Object.entries(node)) {
      const name = prefix + key
      if (isSettingName(name)) {
        const fault = faultOf(name, value)
        if (fault === undefined) settings[name] = value as SettingValue
        else warnings.push(`${SETTINGS_FILE}: ${name} ${fault}; its default is in force.`)
      } else if (settingNames.some((known) => known.startsWith(`${name}.`))) {
        if (isObject(value)) walk(value, `${name}.`)
        else warnings.push(`${SETTINGS_FILE}: ${name} must be an object; its defaults are in force.`)
      } else if (name !== 'version') {
        warnings.push(`${SETTINGS_FILE}: ${name} is not a known setting; it is kept and not used.`)
      }
    }
  }
  walk(document, '')
  return { settings, warnings }
}

/** The document with these settings in it; all its other keys as they were. */
export function withSettings(document: SettingsDocument, changes: Partial<Settings>): SettingsDocument {
  return Object.entries(changes).reduce<SettingsDocument>(
    (result, [name, value]) => ({ ...set(result, name.split('.'), value), version: result.version }),
    document,
  )
}

function set(node: Json, [key = '', ...rest]: readonly string[], value: unknown): Json {
  const child = node[key]
  return { ...node, [key]: rest.length === 0 ? value : set(isObject(child) ? child : {}, rest, value) }
}

export const formatDocument = (document: SettingsDocument): string => `${JSON.stringify(document, null, 2)}\n`

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

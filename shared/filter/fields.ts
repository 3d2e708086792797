/**
 * Every field of the filter language. Those that the dissectors emit come from their own tables; a field that
 * is added there is known here at once.
 */
import { benchFields } from './bench-fields.ts'
import { contentFields } from './content-fields.ts'
import type { FieldDefinition } from './definition.ts'
import { mqttFields } from './mqtt-fields.ts'
import { nearest } from './nearest.ts'
import { uspFields } from './usp-fields.ts'

/** In the order of their names. */
export const filterFields: readonly FieldDefinition[] = [
  ...benchFields,
  ...mqttFields,
  ...uspFields,
  ...contentFields,
].sort((one, other) => (one.name < other.name ? -1 : 1))

const byName = new Map(
  filterFields.flatMap((field) => [field.name, ...field.aliases].map((name) => [name, field])),
)

/** By its name or an alias. */
export const findField = (name: string): FieldDefinition | undefined => byName.get(name)

/** `mqtt.`, `usp.` …: what begins so can only be meant as a field. */
const namespaces = new Set(
  [...byName.keys()].filter((name) => name.includes('.')).map((name) => name.slice(0, name.indexOf('.') + 1)),
)

/** Is the word a field, or does it look like one? */
export const looksLikeField = (word: string): boolean =>
  byName.has(word) || namespaces.has(word.slice(0, word.indexOf('.') + 1))

/** The name that was probably meant. */
export const suggestField = (word: string): string | undefined => nearest(word, byName.keys())

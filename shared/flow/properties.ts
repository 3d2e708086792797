/** MQTT 5 properties of a PUBLISH by the names that flows use: as in filters, without `mqtt.prop.`. */
import { toBase64 } from '../dissect/copy.ts'
import type { Properties } from '../mqtt/packets.ts'
import { PROPERTY_LIST, type PropertyDefinition } from '../mqtt/properties.ts'
import { mapOf, type Json } from './json.ts'
import type { PropertyValues } from './model.ts'

export const propertyNames: ReadonlyMap<string, PropertyDefinition> = new Map(
  PROPERTY_LIST.filter(({ places }) => places.includes('PUBLISH')).map((row) => [
    row.name.replace('mqtt.prop.', ''),
    row,
  ]),
)

const byProperty = new Map([...propertyNames].map(([name, row]) => [row.property, name]))
/** Of one connection alone: on another they would say something else. */
const LOCAL: readonly string[] = ['topicAlias', 'subscriptionIdentifier']

/** The properties of a PUBLISH as a step has them; User Properties in their order. */
export function propertyValues(properties: Properties): PropertyValues {
  const users: [string, string][] = []
  const values: [string, Json][] = []
  for (const property of properties) {
    const name = byProperty.get(property.name)
    if (name === undefined || LOCAL.includes(property.name)) continue
    if (property.name === 'userProperty') users.push([...property.value])
    else
      values.push([
        name,
        property.value instanceof Uint8Array
          ? { base64: toBase64(property.value) }
          : (property.value as Json),
      ])
  }
  const isMap = new Set(users.map(([name]) => name)).size === users.length
  if (users.length > 0) values.push(['user', isMap ? mapOf(users) : users])
  return mapOf(values) as PropertyValues
}

/** MQTT 5 properties of a PUBLISH by the names that flows use: as in filters, without `mqtt.prop.`. */
import { PROPERTY_LIST, type PropertyDefinition } from '../mqtt/properties.ts'

export const propertyNames: ReadonlyMap<string, PropertyDefinition> = new Map(
  PROPERTY_LIST.filter(({ places }) => places.includes('PUBLISH')).map((row) => [
    row.name.replace('mqtt.prop.', ''),
    row,
  ]),
)

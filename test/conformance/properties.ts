/** What a test asks of properties that may stand more than once. */
import type { Properties } from '../../shared/mqtt/packets.ts'

/** The values of every property of that name, in order. */
export const getProperties = (
  { properties }: { readonly properties: Properties },
  name: Properties[number]['name'],
): readonly unknown[] => properties.filter((property) => property.name === name).map(({ value }) => value)

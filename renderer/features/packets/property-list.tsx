/** MQTT properties in their order, repeated ones too: a line each. */
import { propertyFacts } from '../../../shared/client/words.ts'
import type { Properties } from '../../../shared/mqtt/packets.ts'
import './property-list.css'

export function PropertyList({ properties, className }: { properties: Properties; className: string }) {
  return (
    <dl className={`property-list ${className}`}>
      {propertyFacts(properties).map(({ name, value }, index) => (
        <div key={index}>
          <dt className="dim">{name}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

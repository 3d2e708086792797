/** The topics that the rows of Device.MQTT.Client.{i}.Subscription. name. Pure. */
import type { DataModel, Place } from './data-model.ts'

export type ListenQos = 0 | 1 | 2

/** Of the client's own object, where the model has one. */
export function clientPlace(model: DataModel): Place | undefined {
  const type = model.schema.root.children.get('MQTT')?.children.get('Client')
  return type && model.below({ type, path: 'Device.MQTT.Client.', isTable: true })[0]
}

/** Topic filter → QoS, of the rows that are switched on. */
export function configuredTopics(model: DataModel): ReadonlyMap<string, ListenQos> {
  const client = clientPlace(model)
  const type = client?.type.children.get('Subscription')
  const rows = client && type ? model.below({ type, path: `${client.path}Subscription.`, isTable: true }) : []
  return new Map(
    rows.flatMap((row): [string, ListenQos][] => {
      const topic = model.text(row, 'Topic')
      if (topic === '' || !model.isTrue(row, 'Enable')) return []
      return [[topic, Number(model.text(row, 'QoS')) as ListenQos]]
    }),
  )
}

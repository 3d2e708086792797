/** The rows of Device.LocalAgent.Controller. as values. Pure. */
import type { DataModel, Place } from './data-model.ts'

export interface Controller {
  readonly place: Place
  readonly endpointId: string
  /** Where it listens; empty when none is configured for MQTT. */
  readonly topic: string
}

function rowsOf(model: DataModel): Place[] {
  const type = model.schema.root.children.get('LocalAgent')?.children.get('Controller')
  return type ? model.below({ type, path: 'Device.LocalAgent.Controller.', isTable: true }) : []
}

/** Those that are switched on. */
export function controllers(model: DataModel): Controller[] {
  return rowsOf(model)
    .filter((row) => model.isTrue(row, 'Enable'))
    .map((place) => ({ place, endpointId: model.text(place, 'EndpointID'), topic: topicOf(model, place) }))
}

/** By the path of its row. */
export const controllerAt = (model: DataModel, path: string): Controller | undefined =>
  controllers(model).find(({ place }) => place.path === path)

function topicOf(model: DataModel, controller: Place): string {
  const type = controller.type.children.get('MTP')
  const mqtt = type?.children.get('MQTT')
  if (!type || !mqtt) return ''
  const mtps = model.below({ type, path: `${controller.path}MTP.`, isTable: true })
  const used = mtps.find((mtp) => model.isTrue(mtp, 'Enable') && model.text(mtp, 'Protocol') === 'MQTT')
  return used ? model.text({ type: mqtt, path: `${used.path}MQTT.`, isTable: false }, 'Topic') : ''
}

/** The values of the parameters that Boot! tells this controller (BootParameter.{i}.), as JSON text. */
export function bootParameters(
  model: DataModel,
  { place }: Controller,
  read: (path: string) => Readonly<Record<string, string>>,
): string {
  const type = place.type.children.get('BootParameter')
  const rows = type ? model.below({ type, path: `${place.path}BootParameter.`, isTable: true }) : []
  const on = rows.filter((row) => model.isTrue(row, 'Enable'))
  return JSON.stringify(Object.assign({}, ...on.map((row) => read(model.text(row, 'ParameterName')))))
}

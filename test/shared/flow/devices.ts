/** What devices say to the runs of flows in these tests. */
import type { PacketView } from '../../../shared/filter/columns.ts'
import type { JsonMap } from '../../../shared/flow/json.ts'
import type { Device } from './bench.ts'

export const getResp = (params: JsonMap, path = 'Device.DeviceInfo.'): JsonMap => ({
  get_resp: {
    req_path_results: [
      { requested_path: path, resolved_path_results: [{ resolved_path: path, result_params: params }] },
    ],
  },
})
export const answering =
  (body: JsonMap, after = 10): Device =>
  () => [{ body, after }]
export const good = answering(getResp({ Manufacturer: 'Example', UpTime: '17' }))
export const notify = (value: string, path = 'Device.X.A'): JsonMap => ({
  notify: { subscription_id: 's', value_change: { param_path: path, param_value: value } },
})
/** A packet that only filters see: a DISCONNECT. */
export const disconnect: PacketView = {
  column: (name) => (name === 'type' ? 14 : undefined),
  fields: () => [{ name: 'mqtt.msgtype', label: 'Type', text: 'DISCONNECT', value: 14, start: 0, end: 1 }],
  bytes: () => new Uint8Array(2),
}

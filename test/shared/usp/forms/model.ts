/** A small supported model for tests of forms. */
import type { SupportedModel, SupportedObject } from '../../../../shared/contract/data-model.ts'
import { SupportedIndex } from '../../../../shared/usp/dm/supported-index.ts'

const object = (path: string, more: Partial<SupportedObject> = {}): SupportedObject => ({
  path,
  access: 'read-only',
  multiInstance: path.endsWith('{i}.'),
  parameters: [],
  commands: [],
  events: [],
  uniqueKeys: [],
  divergentPaths: [],
  ...more,
})
const parameter = (
  name: string,
  type: SupportedObject['parameters'][number]['type'],
  access: SupportedObject['parameters'][number]['access'] = 'read-write',
) => ({ name, type, access, valueChange: 'allowed' as const })

export const supportedModel: SupportedModel = {
  endpointId: 'os::00256D-1',
  readAt: 0,
  failures: [{ path: 'Device.Hidden.', code: 7006, name: 'Permission denied', text: '' }],
  objects: [
    object('Device.', {
      commands: [{ name: 'Reboot()', kind: 'sync', inputs: ['Cause', 'Reason'], outputs: [] }],
      events: [{ name: 'Boot!', args: ['Cause'] }],
    }),
    object('Device.DeviceInfo.', {
      parameters: [
        parameter('SerialNumber', 'string', 'read-only'),
        parameter('UpTime', 'unsignedInt', 'read-only'),
        parameter('FriendlyName', 'string'),
      ],
    }),
    object('Device.Hidden.'),
    object('Device.WiFi.'),
    object('Device.WiFi.SSID.{i}.', {
      access: 'add-delete',
      parameters: [
        parameter('Enable', 'boolean'),
        parameter('SSID', 'string'),
        parameter('Alias', 'string'),
        parameter('MaxClients', 'unsignedInt'),
      ],
      uniqueKeys: [['Alias'], ['SSID', 'MaxClients']],
    }),
    object('Device.WiFi.SSID.{i}.Stats.', {
      parameters: [parameter('BytesSent', 'unsignedLong', 'read-only')],
    }),
    object('Device.WiFi.Radio.{i}.', { parameters: [parameter('Channel', 'unsignedInt')] }),
  ],
}

export const model = new SupportedIndex(supportedModel.objects, supportedModel)

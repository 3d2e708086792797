/** A small data model for tests of what is done with data models. */
import type { SupportedObject } from '../../../../shared/contract/data-model.ts'
import type { Snapshot } from '../../../../shared/contract/snapshots.ts'

export const supportedObject = (path: string, more: Partial<SupportedObject> = {}): SupportedObject => ({
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

export const supported: readonly SupportedObject[] = [
  supportedObject('Device.', {
    commands: [{ name: 'Reboot()', kind: 'sync', inputs: ['Cause', 'Reason'], outputs: [] }],
    events: [{ name: 'Boot!', args: ['CommandKey', 'Cause'] }],
  }),
  supportedObject('Device.DeviceInfo.', {
    parameters: [
      { name: 'Manufacturer', access: 'read-only', type: 'string', valueChange: 'allowed' },
      { name: 'UpTime', access: 'read-only', type: 'unsignedInt', valueChange: 'will-ignore' },
    ],
  }),
  supportedObject('Device.WiFi.'),
  supportedObject('Device.WiFi.SSID.{i}.', {
    access: 'add-delete',
    uniqueKeys: [['Alias'], ['Name', 'BSSID']],
    parameters: [
      { name: 'Alias', access: 'read-write', type: 'string', valueChange: 'unknown' },
      { name: 'Enable', access: 'read-write', type: 'boolean', valueChange: 'allowed' },
    ],
  }),
]

export const snapshot: Snapshot = {
  name: 'Before the upgrade',
  note: '',
  endpointId: 'os::00256D-1',
  softwareVersion: '1.0',
  takenAt: Date.UTC(2026, 2, 1, 9, 14, 7, 331),
  paths: ['Device.'],
  failures: [],
  values: [
    ['Device.DeviceInfo.Manufacturer', 'Oktobench'],
    ['Device.DeviceInfo.UpTime', '12'],
    ['Device.WiFi.SSID.2.Alias', 'guest'],
    ['Device.WiFi.SSID.10.Alias', 'home'],
  ],
  supported,
}

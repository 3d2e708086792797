/** Faults that are often wanted, to begin with. To add one: a line. */
import type { Fault } from './model.ts'

export type Preset = Pick<Fault, 'way' | 'filter' | 'action'> & { readonly name: string }

export const faultPresets: readonly Preset[] = [
  { name: 'Slow line', way: 'both', filter: '', action: { kind: 'delay', ms: 800, jitterMs: 200 } },
  { name: 'Dead line', way: 'both', filter: '', action: { kind: 'drop' } },
  {
    name: 'Silent keep-alive (no PINGRESP)',
    way: 'out',
    filter: 'mqtt.msgtype == PINGRESP',
    action: { kind: 'drop' },
  },
  { name: 'No SUBACK', way: 'out', filter: 'mqtt.msgtype == SUBACK', action: { kind: 'drop' } },
  { name: 'No PUBACK', way: 'out', filter: 'mqtt.msgtype == PUBACK', action: { kind: 'drop' } },
  {
    name: 'Lose messages to the device',
    way: 'out',
    filter: 'mqtt.msgtype == PUBLISH',
    action: { kind: 'drop' },
  },
  {
    name: 'Lose messages of the device',
    way: 'in',
    filter: 'mqtt.msgtype == PUBLISH',
    action: { kind: 'drop' },
  },
  {
    name: 'Refuse CONNECT: Server busy',
    way: 'in',
    filter: 'mqtt.msgtype == CONNECT',
    action: { kind: 'refuse', reasonCode: 0x89 },
  },
  {
    name: 'Refuse SUBSCRIBE: Not authorized',
    way: 'in',
    filter: 'mqtt.msgtype == SUBSCRIBE',
    action: { kind: 'refuse', reasonCode: 0x87 },
  },
  {
    name: 'Refuse PUBLISH: Quota exceeded',
    way: 'in',
    filter: 'mqtt.msgtype == PUBLISH',
    action: { kind: 'refuse', reasonCode: 0x97 },
  },
  {
    name: 'Disconnect: Server shutting down',
    way: 'in',
    filter: 'mqtt.msgtype == PINGREQ',
    action: { kind: 'refuse', reasonCode: 0x8b },
  },
  {
    name: 'Messages twice',
    way: 'out',
    filter: 'mqtt.msgtype == PUBLISH',
    action: { kind: 'duplicate', copies: 1 },
  },
  {
    name: 'Messages out of order',
    way: 'out',
    filter: 'mqtt.msgtype == PUBLISH',
    action: { kind: 'reorder', behind: 1 },
  },
  {
    name: 'Cut in the middle of a message',
    way: 'out',
    filter: 'mqtt.msgtype == PUBLISH',
    action: { kind: 'cut', bytes: 10 },
  },
  { name: 'One message at a time', way: 'both', filter: '', action: { kind: 'shrink', receiveMaximum: 1 } },
  {
    name: 'Server Keep Alive of 30 s',
    way: 'both',
    filter: '',
    action: { kind: 'shrink', serverKeepAlive: 30 },
  },
  {
    name: 'CONNACK names no topic',
    way: 'both',
    filter: '',
    action: { kind: 'omit', parts: ['subscribe-topic', 'response-information'] },
  },
  { name: 'Small packets only', way: 'both', filter: '', action: { kind: 'shrink', maximumPacketSize: 512 } },
]

/** What can be done in the MQTT client by name or key. */
import { focus, type Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import {
  clearPackets,
  copyDraft,
  editProfile,
  mayPublish,
  moveProfile,
  savePublish,
  toggleConnection,
} from './actions.ts'
import { connectionInFront, isConnected, isOn, profileInFront } from './store.ts'

const isHere = (model: Model): boolean => model.frame.getState().place === 'client'
const hasProfile = (model: Model): boolean =>
  isHere(model) && profileInFront(model.client.getState()) !== undefined
const isConnecting = (model: Model): boolean => isOn(connectionInFront(model.client.getState()))

const step = (id: string, title: string, by: -1 | 1): Command => ({
  id,
  group: 'MQTT client',
  title,
  available: hasProfile,
  run: (model) => void moveProfile(model, model.client.getState().current, by),
})

export const clientCommands: readonly Command[] = [
  {
    id: 'client.publish',
    group: 'MQTT client',
    title: 'Publish the message',
    available: (model) => isHere(model) && mayPublish(model),
    run: (model) => void model.client.publish(),
  },
  {
    id: 'client.connect',
    group: 'MQTT client',
    title: 'Connect',
    keys: ['o'],
    available: (model) => hasProfile(model) && !isConnecting(model),
    run: toggleConnection,
  },
  {
    id: 'client.disconnect',
    group: 'MQTT client',
    title: 'Disconnect',
    available: (model) => hasProfile(model) && isConnecting(model),
    run: toggleConnection,
  },
  {
    id: 'client.subscribe',
    group: 'MQTT client',
    title: 'Subscribe to a topic',
    keys: ['s'],
    available: hasProfile,
    run: () => focus('client-subscribe'),
  },
  {
    id: 'client.write',
    group: 'MQTT client',
    title: 'Write a message',
    keys: ['w'],
    available: hasProfile,
    run: () => focus('publish-topic'),
  },
  {
    id: 'client.new',
    group: 'MQTT client',
    title: 'New connection',
    available: isHere,
    run: (model) => editProfile(model, undefined),
  },
  {
    id: 'client.edit',
    group: 'MQTT client',
    title: 'Edit the connection',
    available: hasProfile,
    run: (model) => editProfile(model, profileInFront(model.client.getState())),
  },
  {
    id: 'client.save',
    group: 'MQTT client',
    title: 'Save the message',
    available: isHere,
    run: (model) => void savePublish(model),
  },
  {
    id: 'client.save-as',
    group: 'MQTT client',
    title: 'Save the message under another name',
    available: isHere,
    run: (model) => model.show('client-save'),
  },
  {
    id: 'client.disconnect-with',
    group: 'MQTT client',
    title: 'Disconnect with a reason and properties',
    available: (model) => isHere(model) && isConnected(connectionInFront(model.client.getState())),
    run: (model) => model.show('client-disconnect'),
  },
  {
    id: 'client.authenticate',
    group: 'MQTT client',
    title: 'Authenticate (enhanced authentication)',
    available: hasProfile,
    run: (model) => model.show('client-authenticate'),
  },
  {
    id: 'client.clear',
    group: 'MQTT client',
    title: 'Clear packets and figures of the connection',
    available: hasProfile,
    run: clearPackets,
  },
  {
    id: 'client.copy-line',
    group: 'MQTT client',
    title: 'Copy the message as a mosquitto_pub command',
    available: hasProfile,
    run: (model) => void copyDraft(model),
  },
  {
    id: 'client.import',
    group: 'MQTT client',
    title: 'Import connections (also of MQTTX)',
    available: isHere,
    run: (model) => model.show('client-import'),
  },
  {
    id: 'client.export',
    group: 'MQTT client',
    title: 'Export connections and saved publishes',
    available: isHere,
    run: (model) => model.show('client-export'),
  },
  step('client.move-up', 'Move the connection up', -1),
  step('client.move-down', 'Move the connection down', 1),
]

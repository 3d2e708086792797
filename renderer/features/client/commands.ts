/** What can be done in the MQTT client by name or key. */
import { focus, type Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import { editProfile, mayPublish, savePublish, toggleConnection } from './actions.ts'
import { connectionInFront, isOn, profileInFront } from './store.ts'

const isHere = (model: Model): boolean => model.frame.getState().place === 'client'
const hasProfile = (model: Model): boolean =>
  isHere(model) && profileInFront(model.client.getState()) !== undefined
const isConnecting = (model: Model): boolean => isOn(connectionInFront(model.client.getState()))

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
]

/** The part of the fake engine that is the MQTT client: nothing is connected. */
import type { HandlersOf } from '../../shared/contract/command.ts'
import type { mqttClientCommands } from '../../shared/contract/mqtt-client.ts'
import { BenchFailure } from '../../shared/contract/result.ts'

const none = (): never => {
  throw new BenchFailure('unavailable', 'No MQTT client in this test.')
}

export const clientHandlers: HandlersOf<typeof mqttClientCommands> = {
  'client.save': none,
  'client.delete': none,
  'client.bundle': none,
  'client.import': none,
  'client.move': none,
  'client.connect': none,
  'client.disconnect': none,
  'client.authenticate': none,
  'client.subscribe': none,
  'client.unsubscribe': none,
  'client.publish': none,
  'client.stop': none,
  'client.packet': none,
  'client.export': none,
  'client.clear': none,
  'publishes.list': () => ({ publishes: [], left: 0 }),
  'publishes.read': none,
  'publishes.save': none,
  'publishes.rename': none,
  'publishes.delete': none,
}

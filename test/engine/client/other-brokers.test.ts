/** Against a real Mosquitto, and with its tools. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PropertyDraft } from '../../../shared/contract/mqtt-client.ts'
import { userProperties } from '../../../shared/mqtt/properties.ts'
import { startMosquitto, type Mosquitto } from '../../support/mosquitto.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { WireClient } from '../../support/wire.ts'
import { clientBench, publishDraft, subscriptionDraft, type ClientBench } from './bench.ts'

describeWith(['mosquitto', 'mosquitto-clients'], 'with Mosquitto', () => {
  let t: ClientBench
  let broker: Mosquitto
  beforeEach(async () => {
    t = await clientBench()
    broker = await startMosquitto({ more: ['max_keepalive 30'] })
  })
  afterEach(async () => {
    await t.stop()
    await broker.stop()
  })
  const target = () =>
    ({ kind: 'broker', transport: 'tcp', host: '127.0.0.1', port: broker.port, path: '' }) as const
  const user = (key: string, value: string): PropertyDraft => ({ name: 'userProperty', key, value })

  test('its CONNACK is shown, and user properties keep their order', async () => {
    const { connack, clientId } = await t.connect('a', { target: target(), clientId: '', keepAlive: 60 })
    expect(clientId).not.toBe('')
    expect(connack).toEqual(
      expect.arrayContaining([
        { name: 'Reason', value: 'Success (0x00)' },
        { name: 'Server Keep Alive', value: '30 s' },
        { name: 'Assigned Client Identifier', value: clientId },
      ]),
    )
    await t.engine.handlers['client.subscribe']({ id: 'a', subscription: subscriptionDraft('t', { qos: 2 }) })
    const reader = await WireClient.open(broker.port)
    await reader.hello({ clientId: 'reader' })
    await reader.subscribe('t')
    await t.publish(
      'a',
      publishDraft('t', 'x', { qos: 2, properties: [user('b', '1'), user('a', '2'), user('b', '3')] }),
    )
    expect(userProperties((await reader.next('PUBLISH')).properties)).toEqual([
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
    ])
    reader.destroy()
    await expect.poll(() => t.connection('a')?.in.messages).toBe(1)
    expect(
      await t.log('a', 'frame.direction == in and mqtt.prop.user["b"] == "3" and mqtt.msgtype == PUBLISH'),
    ).toHaveLength(1)
  })

  test('what mosquitto_rr asks is seen, and an answer published here reaches it', async () => {
    await t.connect('device', { target: target() })
    await t.engine.handlers['client.subscribe']({ id: 'device', subscription: subscriptionDraft('ask') })
    const asker = spawn(
      requireTool('mosquitto_rr'),
      [
        '-h',
        '127.0.0.1',
        '-p',
        String(broker.port),
        '-V',
        '5',
        '-t',
        'ask',
        '-e',
        'answers',
        '-m',
        'how warm?',
        '-W',
        '10',
        '-D',
        'publish',
        'correlation-data',
        'k1',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const said: string[] = []
    asker.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()))
    await expect
      .poll(async () => (await t.log('device', 'mqtt.prop.response_topic == "answers"')).length)
      .toBe(1)
    const [request] = await t.log('device', 'mqtt.prop.response_topic == "answers"')
    expect(request).toMatchObject({ topic: 'ask', payload: 'how warm?' })
    await t.publish(
      'device',
      publishDraft('answers', '21', { properties: [{ name: 'correlationData', value: 'k1' }] }),
    )
    await once(asker, 'exit')
    expect(said.join('')).toContain('21')
  })

  test('a session that is kept delivers what came meanwhile, and keeps its subscriptions', async () => {
    const kept = {
      target: target(),
      clean: false,
      properties: [{ name: 'sessionExpiryInterval', value: '60' }] as PropertyDraft[],
      subscriptions: [subscriptionDraft('t')],
    }
    await t.connect('a', kept)
    await expect.poll(() => t.connection('a')?.subscriptions[0]?.state).toBe('granted')
    await t.engine.handlers['client.disconnect']({ id: 'a' })
    await t.connect('b', { target: target() })
    await t.publish('b', publishDraft('t', 'meanwhile', { qos: 1 }))
    await expect.poll(() => t.connection('b')?.unacknowledged).toBe(0)
    await t.engine.handlers['client.connect']({ id: 'a' })
    await expect
      .poll(async () => (await t.log('a', 'mqtt.topic == "t" and mqtt.msgtype == PUBLISH'))[0]?.payload)
      .toBe('meanwhile')
    expect(t.connection('a')?.connack).toContainEqual({ name: 'Session present', value: 'yes' })
  })

  test('a broker that goes is told, and found again when it is back', async () => {
    await t.connect('a', { target: target(), reconnect: 1 })
    await broker.stop()
    await expect.poll(() => t.connection('a')?.phase).toBe('waiting')
    expect(t.connection('a')?.message).toMatch(/Server shutting down|closed the connection/)
    broker = await startMosquitto({ port: broker.port })
    await expect.poll(() => t.connection('a')?.phase, { timeout: 5000 }).toBe('connected')
  })
})

/** The built bench is killed under load: what was captured more than a second before is still there. */
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { expect, test } from 'vitest'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { testCaptures, testFolder } from '../../support/captures.ts'
import { startServe } from '../../support/serve.ts'
import { connect, publish } from './packets.ts'

test('SIGKILL under load loses a second at most, and the capture opens again', async () => {
  const workspace = testFolder()
  const quiet = ['--no-tls', '--no-wss', '--no-nats', '--open-bench']
  const bench = await startServe([...quiet, '--workspace', workspace])
  const socket = connectTcp(bench.mqttPort, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(connect({ clientId: 'cpe' }))
  await once(socket, 'data')
  // Each PUBLISH says when it was sent.
  const sent: number[] = []
  // The answer to it says that everything before was taken.
  const ping = encodePacket({ type: 'PINGREQ' }, 5)
  const until = Date.now() + 1500
  while (Date.now() < until) {
    for (let i = 0; i < 20; i++) {
      sent.push(Date.now())
      socket.write(publish(`t/${sent.length}`, { payload: 'x'.repeat(300) }))
    }
    const answer = once(socket, 'data')
    socket.write(ping)
    await answer
  }
  const killedAt = Date.now()
  const ended = once(bench.process, 'exit')
  socket.on('error', () => undefined)
  bench.process.kill('SIGKILL')
  await ended
  socket.destroy()

  const t = await testCaptures({ workspace })
  const id = t.captures.list.find(({ state }) => state === 'stored')?.id ?? ''
  expect(await t.done((await t.captures.handlers['captures.open']({ id })).job)).toMatchObject({
    state: 'done',
  })
  const rows = await t.rows('mqtt.topic contains "t/"', id)
  expect(rows.map(({ topic }) => topic)).toEqual(rows.map((_, i) => `t/${i + 1}`))
  expect(rows.length).toBeGreaterThanOrEqual(sent.filter((time) => time < killedAt - 1000).length)
  expect(t.problems).toEqual([])
}, 30_000)

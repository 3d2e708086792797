import { expect, test } from 'vitest'
import type { Asked, RequestWish } from '../../../electron/engine/usp/controller.ts'
import { Discovery } from '../../../electron/engine/usp/discovery.ts'
import { Peer } from '../../../electron/engine/usp/peers.ts'
import type { RequestOutcome } from '../../../shared/contract/usp.ts'

const asked = (wish: RequestWish, outcome: RequestOutcome): Asked => ({
  report: {
    outcome,
    text: `${outcome}.`,
    endpointId: wish.endpointId,
    kind: 'Get',
    msgId: '1',
    topic: '',
    request: {},
    failures: [],
    sentAt: 0,
  },
})

function discovery(outcome: (wish: RequestWish) => RequestOutcome, enabled = true) {
  const wishes: RequestWish[] = []
  const made = new Discovery({
    enabled,
    patience: 0,
    ask(wish) {
      wishes.push(wish)
      return Promise.resolve(asked(wish, outcome(wish)))
    },
    onDevice: () => undefined,
  })
  return { made, wishes }
}

test('a silent device is asked three times each about two things, and then no more', async () => {
  const { made, wishes } = discovery(() => 'timeout')
  const peer = new Peer('os::1')
  made.start(peer)
  await expect.poll(() => peer.usp.discovery.state).toBe('failed')
  expect(wishes).toHaveLength(6)
  expect(peer.usp.discovery.text).toContain('No answer about GetSupportedProtocol, Manufacturer')
})

test('one that left is not asked on, and one lost answer does not hurt', async () => {
  const gone = discovery(() => 'offline')
  const peer = new Peer('os::1')
  gone.made.start(peer)
  await expect.poll(() => peer.usp.discovery.state).toBe('failed')
  expect(gone.wishes).toHaveLength(1)
  const isAboutModel = ({ message }: RequestWish) => JSON.stringify(message).includes('ModelName')
  const some = discovery((wish) => (isAboutModel(wish) ? 'timeout' : 'error'))
  some.made.start(peer)
  await expect.poll(() => some.wishes.length).toBe(8)
  expect(some.wishes.filter(isAboutModel)).toHaveLength(3)
})

test('many devices wait for their turn; switched off, only who is wanted is asked', async () => {
  let now = 0
  let most = 0
  const made = new Discovery({
    enabled: true,
    patience: 0,
    async ask(wish) {
      now += 1
      most = Math.max(most, now)
      await Promise.resolve()
      now -= 1
      return asked(wish, 'error')
    },
    onDevice: () => undefined,
  })
  const peers = Array.from({ length: 200 }, (_, at) => new Peer(`os::${at}`))
  for (const peer of peers) made.start(peer)
  await expect.poll(() => peers.every(({ usp }) => usp.discovery.state === 'failed')).toBe(true)
  expect(most).toBeLessThanOrEqual(32)

  const off = discovery(() => 'error', false)
  const peer = new Peer('os::1')
  off.made.start(peer)
  expect(peer.usp.discovery.state).toBe('off')
  off.made.start(peer, true)
  await expect.poll(() => peer.usp.discovery.state).toBe('failed')
  expect(off.wishes).toHaveLength(6)
  off.made.stop()
})

import { describe, expect, test } from 'vitest'
import type { ClientConnection, ClientPacketRow } from '../../../../shared/contract/mqtt-client.ts'
import {
  newProfile,
  newSubscription,
  nextColour,
  optionsText,
  targetText,
  withTarget,
  withTransport,
} from '../../../../renderer/features/client/profile-draft.ts'
import {
  filterOfSubscription,
  filterOfTopic,
  outcomeText,
  outcomeTone,
  retryText,
  stateOf,
} from '../../../../renderer/features/client/words.ts'
import { parseFilter } from '../../../../shared/filter/filter.ts'

describe('a profile that is edited', () => {
  const profile = newProfile('p')
  test('takes the usual port of a transport, and keeps one that a person chose', () => {
    expect(withTransport(profile, 'wss').target).toMatchObject({ transport: 'wss', port: 8084 })
    const chosen = {
      ...profile,
      target: { ...profile.target, kind: 'broker', host: 'h', port: 4711, path: '' },
    } as const
    expect(withTransport(chosen, 'tls').target).toMatchObject({ port: 4711 })
    expect(targetText(withTransport(chosen, 'tls'))).toBe('h:4711, TLS')
  })
  test('at this bench trusts its lab', () => {
    const bench = withTarget(profile, 'bench')
    expect(bench.target).toEqual({ kind: 'bench', transport: 'tcp' })
    expect(bench.tls.authority).toEqual({ kind: 'lab' })
  })
})

test('a subscription gets the colour that the fewest have, and says what is unusual about it', () => {
  const [one, two] = [newSubscription('a', 'blue'), newSubscription('b', 'green')]
  expect(nextColour([one, two])).toBe('amber')
  expect(optionsText(one)).toBe('QoS 1')
  expect(
    optionsText({
      ...two,
      noLocal: true,
      retainHandling: 2,
      properties: [{ name: 'subscriptionIdentifier', value: '1' }],
    }),
  ).toBe('QoS 1, no local, no retained, 1 property')
})

describe('what became of a packet', () => {
  const row: ClientPacketRow = {
    no: 1,
    time: 0,
    client: 'c',
    direction: 'out',
    type: 'PUBLISH',
    topic: 't',
    info: '',
    payload: '',
    length: 1,
    bad: false,
  }
  test.each([
    [{ outcome: { text: 'PUBACK Success', bad: false, ms: 1.2 } }, 'PUBACK Success 1.20 ms', 'ok'],
    [{ request: { state: 'waiting', answers: [] } }, 'waits for an answer', 'off'],
    [{ request: { state: 'answered', answers: [2, 3], ms: 12 } }, 'answered in 12.0 ms · 2 answers', 'ok'],
    [{ request: { state: 'late', answers: [2], ms: 12 } }, 'answered late in 12.0 ms', 'warn'],
    [{ request: { state: 'timeout', answers: [] } }, 'no answer in time', 'bad'],
    [
      { answers: { no: 9, kind: 'duplicate', ms: 5, by: 'correlation' } },
      'again answers #9 · 5.00 ms',
      'warn',
    ],
  ] as const)('%o', (change, text, tone) => {
    expect([outcomeText({ ...row, ...change }), outcomeTone({ ...row, ...change })]).toEqual([text, tone])
  })
})

test('a filter shows what falls under a subscription, shared or not, and a topic whatever stands in it', () => {
  expect(filterOfSubscription('$share/g/lab/+')).toBe('mqtt.topic ~ "lab/+"')
  expect(parseFilter(filterOfTopic('a "quoted" \\ topic')).ok).toBe(true)
})

test('when a lost connection is made anew is told', () => {
  const connection = { retry: { at: 12_400, attempt: 3 } } as ClientConnection
  expect(retryText(connection, 10_000)).toBe(', attempt 3 in 3 s')
  expect(retryText({} as ClientConnection, 0)).toBe('')
})

test('a connection that failed is told from one that was never made', () => {
  expect(stateOf(undefined)).toEqual(['not connected', 'off'])
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeRecord, makeRecord } from '../../../shared/usp/codec.ts'
import { readSessionRecord, SessionContexts } from '../../../shared/usp/session-context.ts'
import { AGENT, CONTROLLER, encode, play, Player, Sar, type Wish } from './session-player.ts'

describe('reading a Record', () => {
  test('fields, and payloads where they stand', () => {
    const packet = encode({
      session: 2n ** 63n,
      sequence: 7n,
      expected: 3n,
      retransmit: 2n,
      payload: ['ab', 'c'],
    })
    const record = readSessionRecord(packet, 3, packet.length)
    expect(record).toMatchObject({
      fromId: AGENT,
      toId: CONTROLLER,
      encrypted: false,
      sessionId: 2n ** 63n,
      sequenceId: 7n,
      expectedId: 3n,
      retransmitId: 2n,
      sarState: 'NONE',
      payloadRecSarState: 'NONE',
    })
    expect(
      record?.payloads.map(({ start, end }) => Buffer.from(packet.subarray(start, end)).toString()),
    ).toEqual(['ab', 'c'])
  })

  test('other Records and other bytes are none', () => {
    const plain = encodeRecord(makeRecord({ recordType: { case: 'noSessionContext', value: {} } }))
    expect(readSessionRecord(plain, 0, plain.length)).toBeUndefined()
    const packet = encode({})
    expect(readSessionRecord(packet, 3, packet.length - 1)).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const record = readSessionRecord(bytes, 0, bytes.length)
        if (record) new SessionContexts().feed(record, 1)
      }),
    )
  })
})

describe('Msgs', () => {
  test('a whole one, and an empty Record that only begins the session', () => {
    const player = play({ payload: [] }, { sequence: 2n, payload: ['hello'] })
    expect(player.msgs).toEqual(['hello'])
    expect(player.findings).toEqual([])
  })

  test('one in segments, with where each came from', () => {
    const player = play(
      { sar: Sar.BEGIN, payload: ['he'] },
      { sequence: 2n, sar: Sar.INPROCESS, payload: ['ll'] },
      { sequence: 3n, sar: Sar.COMPLETE, payload: ['o'] },
    )
    expect(player.msgs).toEqual(['hello'])
    expect(player.findings).toEqual([])
    const parts = player.steps[2]?.assembled[0]?.parts ?? []
    expect(
      parts.map(({ packet, start, end }) =>
        Buffer.from(player.packets[packet - 1]!.subarray(start, end)).toString(),
      ),
    ).toEqual(['he', 'll', 'o'])
    expect(player.contexts.waitingBytes).toBe(0)
  })

  test('encrypted ones by their length alone', () => {
    const player = play(
      { tls: true, sar: Sar.BEGIN, recSar: Sar.BEGIN, payload: ['ab', 'c'] },
      { tls: true, sequence: 2n, sar: Sar.COMPLETE, recSar: Sar.COMPLETE, payload: ['d'] },
    )
    expect(player.findings).toEqual([])
    expect(player.steps[1]?.assembled).toMatchObject([{ length: 4, parts: [{}, {}, {}] }])
    expect(player.steps[1]?.assembled[0]?.bytes).toBeUndefined()
  })

  test('both directions go on their own', () => {
    const player = play(
      { sar: Sar.BEGIN, payload: ['a'] },
      { from: CONTROLLER, to: AGENT, expected: 2n, payload: ['z'] },
      { sequence: 2n, expected: 2n, sar: Sar.COMPLETE, payload: ['b'] },
    )
    expect(player.msgs).toEqual(['z', 'ab'])
    expect(player.findings).toEqual([])
    expect(player.contexts.size).toBe(1)
  })
})

describe('order', () => {
  test('a Record before its time waits, and the missing one completes what came', () => {
    const player = play(
      { payload: ['a'] },
      { sequence: 3n, payload: ['c'] },
      { sequence: 4n, payload: ['d'] },
      { sequence: 2n, payload: ['b'] },
    )
    expect(player.standings).toEqual(['next', 'early', 'early', 'next'])
    expect(player.msgs).toEqual(['a', 'b', 'c', 'd'])
    expect(player.findings).toEqual(['2: R-E2E.15'])
  })

  test('one that fills a gap may hold the expected_id of its time', () => {
    const player = play(
      {},
      { sequence: 3n, expected: 5n },
      { sequence: 2n, expected: 3n },
      { sequence: 4n, expected: 4n },
    )
    expect(player.findings).toEqual(['2: R-E2E.15', '4: R-E2E.17'])
  })

  test('a repeat is known for some time, and for as long as it waits', () => {
    const player = new Player({ maxEarly: 1000 })
    for (let sequence = 1n; sequence <= 300n; sequence++) if (sequence !== 2n) player.play({ sequence })
    const waiting = player.contexts.waitingBytes
    player.play({ sequence: 3n }, { sequence: 1n })
    expect(player.standings.slice(-2)).toEqual(['again', 'again'])
    expect(player.findings.at(-1)).toMatch(/R-E2E.25/)
    expect(player.steps.at(-1)?.findings[0]?.text).toMatch(/a Record that is no longer remembered/)
    expect(player.contexts.waitingBytes).toBe(waiting)
    player.play({ sequence: 2n })
    expect(player.msgs).toHaveLength(300)
    expect(player.contexts.waitingBytes).toBe(0)
  })

  test('a repeat is ignored, and it is told who asked for it', () => {
    const player = play(
      { payload: ['a'] },
      { from: CONTROLLER, to: AGENT, expected: 1n, retransmit: 1n, payload: [] },
      { payload: ['a'] },
      { payload: ['other'] },
    )
    expect(player.standings).toEqual(['next', 'next', 'again', 'again'])
    expect(player.msgs).toEqual(['a'])
    expect(player.steps[1]?.findings).toMatchObject([{ severity: 'note' }])
    expect(player.steps[2]?.findings[0]?.text).toBe(
      'Repeats sequence_id 1 of packet 1, asked for in packet 2',
    )
    expect(player.steps[3]?.findings[0]).toMatchObject({ severity: 'error', rule: 'R-E2E.14' })
  })

  test('one that never comes is given up when too much waits', () => {
    const player = new Player({ maxEarly: 2 })
    player.play(
      { sar: Sar.BEGIN, payload: ['a'] },
      ...[3n, 4n, 6n].map((sequence) => ({ sequence, payload: ['b'] })),
    )
    expect(player.steps[3]?.findings.map(({ text }) => text)).toEqual([
      'sequence_id 6 where 2 is due: Records are missing',
      'sequence_id 2 never came: no longer waited for, going on with 3',
    ])
    player.play({ sequence: 5n, payload: ['c'] })
    expect(player.msgs).toEqual(['b', 'b', 'c', 'b'])
  })
})

test('the bytes of waiting Records are limited, too', () => {
  const player = new Player({ maxWaitingBytes: 2000 })
  player.play({}, ...[3n, 4n, 6n].map((sequence) => ({ sequence, payload: ['x'.repeat(600)] })))
  expect(player.findings).toEqual(['2: R-E2E.15', '4: R-E2E.15', '4: R-E2E.15'])
  expect(player.msgs).toHaveLength(3)
  expect(player.contexts.waitingBytes).toBeLessThanOrEqual(2000)
})

test('a session that began before it was seen', () => {
  const player = play(
    { sequence: 40n, sar: Sar.INPROCESS, payload: ['x'] },
    { sequence: 41n, sar: Sar.COMPLETE, payload: ['y'] },
    { from: CONTROLLER, to: AGENT, sequence: 17n, expected: 42n },
    { sequence: 42n, expected: 18n, payload: ['z'] },
  )
  expect(player.msgs).toEqual(['x', 'z'])
  expect(player.findings).toEqual(['1: Session 5 is first seen with sequence_id 40: it began before'])
})

describe('a new session replaces the old one (R-E2E.4)', () => {
  test('unfinished parts are told, late Records of the old one are put aside', () => {
    const player = play(
      { sar: Sar.BEGIN, payload: ['a'] },
      { session: 6n, payload: ['b'] },
      { session: 5n, sequence: 2n, payload: ['c'] },
    )
    expect(player.msgs).toEqual(['b'])
    expect(player.standings).toEqual(['next', 'next', 'stale'])
    expect(player.findings).toEqual([
      `2: Session 5 was replaced by session 6, and of ${AGENT} what packet 1 began is not complete`,
      '3: R-E2E.4',
    ])
    expect(player.contexts.waitingBytes).toBe(0)
  })

  test('a number that was in use before may begin anew', () => {
    const player = play({ payload: ['a'] }, { session: 6n, payload: ['b'] }, { payload: ['c'] })
    expect(player.msgs).toEqual(['a', 'b', 'c'])
    expect(player.findings).toEqual([])
  })

  test('it begins with 1', () => {
    expect(play({}, { session: 6n, sequence: 2n }).findings).toEqual(['2: R-E2E.14'])
  })

  test('after an end the next one begins anew', () => {
    const player = play({ sar: Sar.BEGIN })
    expect(player.contexts.end(CONTROLLER, AGENT, 9)).toMatchObject([{ packet: 9, severity: 'warning' }])
    expect(player.contexts.end(CONTROLLER, AGENT, 9)).toEqual([])
    expect([player.contexts.size, player.contexts.waitingBytes]).toEqual([0, 0])
  })
})

describe('rules', () => {
  test.each<[string, Wish[], string[]]>([
    ['session_id above 1', [{ session: 1n }], ['1: R-E2E.3']],
    ['expected_id is owed', [{ expected: 0n }], ['1: R-E2E.17']],
    ['expected_id never shrinks', [{ expected: 4n }, { sequence: 2n, expected: 3n }], ['2: R-E2E.17']],
    [
      'expected_id is not beyond what was sent',
      [{}, { from: CONTROLLER, to: AGENT, expected: 3n }],
      ['2: R-E2E.17'],
    ],
    ['payload_security stays', [{}, { sequence: 2n, tls: true }], ['2: R-E2E.18']],
    ['a new session near the end of the numbers', [{ sequence: 2n ** 64n - 10_001n }], ['1: R-E2E.9']],
    ['states have values', [{ sar: 9 as Sar }], ['1: R-ENC.2', '1: R-ENC.2']],
  ])('%s', (_, wishes, rules) => {
    const found = play(...wishes).findings.filter((text) => !text.includes('it began before'))
    expect(found).toEqual(rules)
  })

  test.each<[string, Wish[], RegExp]>([
    ['NONE alone', [{ recSar: Sar.BEGIN }], /payloadrec_sar_state is BEGIN, though/],
    ['the same in plain text', [{ sar: Sar.BEGIN, recSar: Sar.COMPLETE }], /in plain text both are the same/],
    ['one payload in plain text', [{ payload: ['a', 'b'] }], /2 payloads: in plain text there is one/],
    ['a payload with a state', [{ sar: Sar.BEGIN, payload: [] }], /No payload, though/],
    ['BEGIN first', [{ sar: Sar.COMPLETE }], /COMPLETE without a BEGIN before it/],
    [
      'no second BEGIN',
      [{ sar: Sar.BEGIN }, { sequence: 2n, sar: Sar.BEGIN }],
      /what packet 1 began is not complete/,
    ],
    [
      'nothing unsent asked for',
      [{}, { from: CONTROLLER, to: AGENT, retransmit: 2n }],
      /Asks for sequence_id 2 again, which os::00256D-1 has not sent yet/,
    ],
  ])('%s', (_, wishes, text) => {
    const player = play(...wishes)
    expect(player.steps.flatMap(({ findings }) => findings)).toMatchObject([
      { severity: 'error', text: expect.stringMatching(text) as string },
    ])
  })
})

describe('limits', () => {
  test('a Msg that is too long is told and left, the next one is whole again', () => {
    const player = new Player({ maxWaitingBytes: 1000 })
    player.play(
      { sar: Sar.BEGIN, payload: ['a'.repeat(500)] },
      { sequence: 2n, sar: Sar.INPROCESS, payload: ['b'.repeat(500)] },
      { sequence: 3n, sar: Sar.COMPLETE, payload: ['c'] },
      { sequence: 4n, payload: ['d'] },
    )
    expect(player.msgs).toEqual(['d'])
    expect(player.findings).toEqual([
      '2: What packet 1 began needs more than 1000 bytes: it is not put together',
    ])
    expect(player.contexts.waitingBytes).toBe(0)
  })

  test('tiny segments count as well', () => {
    const player = new Player({ maxWaitingBytes: 10_000 })
    for (let at = 1n; at < 200n; at++) {
      player.play({ sequence: at, sar: at === 1n ? Sar.BEGIN : Sar.INPROCESS, payload: ['a'] })
      expect(player.contexts.waitingBytes).toBeLessThanOrEqual(10_000)
    }
    expect(player.findings).toHaveLength(1)
  })

  test('too many sessions: the one idle for longest goes', () => {
    const player = new Player({ maxSessions: 2 })
    player.play(
      ...['a', 'b', 'a', 'c'].map((from, at) => ({ from, sequence: at === 2 ? 2n : 1n, sar: Sar.NONE })),
    )
    expect(player.contexts.size).toBe(2)
    expect(player.findings).toEqual([
      `4: Session 5 of b and ${CONTROLLER} (last in packet 2) is no longer followed: too much at once`,
    ])
  })

  test('too many bytes in all', () => {
    const player = new Player({ maxBytes: 2000 })
    player.play(...['a', 'b', 'c'].map((from) => ({ from, sar: Sar.BEGIN, payload: ['x'.repeat(600)] })))
    expect(player.contexts.waitingBytes).toBeLessThanOrEqual(2000)
    expect(player.findings.join()).toMatch(/Session 5 of a and .* no longer followed.*what packet 1 began/)
  })

  test('endpoint IDs of any length are not kept', () => {
    const player = play({ from: 'x'.repeat(5000) })
    expect([player.standings, player.contexts.size]).toEqual([['untracked'], 0])
  })
})

/** Any flow, whatever the device does: the run ends, nothing is thrown, nothing is left running. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonMap } from '../../../shared/flow/json.ts'
import type { Flow, Step } from '../../../shared/flow/model.ts'
import { everyStep } from '../../../shared/flow/run/result.ts'
import { writeFlowReport } from '../../../shared/flow/report/report.ts'
import { DEVICE, play, type Device } from './bench.ts'

const expression = fc.constantFrom(
  'true',
  'false',
  'n > 1',
  'missing',
  'steps.a.latency < 1',
  'n + "x"',
  'length(device) > 0',
)
const value = fc.constantFrom<Json>(1, 'text', '${n}', '${missing}', '${n + 1}', [1, 2], { a: '${device}' })
const answer = fc.constantFrom<JsonMap>(
  { get_resp: {} },
  { error: { err_code: 7004 } },
  { notify: { event: { event_name: 'Boot!' } } },
)
const when = fc.option(expression, { nil: undefined })

const { step } = fc.letrec<{ step: Step }>((tie) => {
  const steps = fc.array(tie('step'), { maxLength: 3 })
  const some = <T extends object>(
    kind: Step['kind'],
    keys: { [K in keyof T]: fc.Arbitrary<T[K]> },
  ): fc.Arbitrary<Step> =>
    fc
      .record({
        ...keys,
        when,
        on_failure: fc.constantFrom('stop', 'continue', undefined),
        id: fc.constantFrom('a', undefined),
      })
      .map((made) => ({ kind, ...(JSON.parse(JSON.stringify(made)) as object) }) as Step)
  return {
    step: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      some('send', {
        send: fc.constantFrom<JsonMap>(
          { get: { param_paths: ['${n}'] } },
          { operate: { command: 'Device.X()' } },
          { get: 5 },
        ),
        expect: fc.constantFrom<Json | undefined>(
          'response',
          'nothing',
          'later',
          { get_resp: '$present' },
          { error: { err_code: { $bind: 'n' } } },
          undefined,
        ),
        within: fc.constantFrom(100, 20_000),
      }),
      some('expect', {
        expect: fc.constantFrom(
          { notify: '$present' },
          { answer: 'a' },
          { packet: 'mqtt.topic' },
          { packet: '${n' },
          { message: {} },
        ),
      }),
      some('nothing', { nothing: fc.constant({ notify: '$present' }), for: fc.constantFrom(0, 50) }),
      some('check', { check: expression }),
      some('set', { set: fc.dictionary(fc.constantFrom('n', 'm', '__proto__'), value, { maxKeys: 2 }) }),
      some('sleep', { sleep: fc.constantFrom<number | string>(0, 5, '${n}', '${missing}') }),
      some('record', {
        record: fc.constantFrom({ hex: '0a' }, { hex: 'x' }, { base64: 'AQI=' }, { json: {} }, { json: 1 }),
      }),
      some('publish', {
        publish: fc.constant('a/${n}'),
        qos: fc.constantFrom<number | string>(0, '${n}'),
        properties: fc.constantFrom({}, { user: 5 }, { topic_alias: 0 }),
      }),
      some('wait', { wait: fc.constantFrom('online', 'offline'), within: fc.constant(100) }),
      some('act', { act: fc.constant('disconnect') }),
      some('ask', { ask: fc.constant('Ready ${n}?') }),
      some('end', { end: fc.constantFrom('passed', 'failed', 'skipped') }),
      some('call', { call: fc.constantFrom('self', 'none') }),
      some('group', { group: fc.constant('g'), steps }),
      some('parallel', { parallel: steps }),
      some('repeat', { repeat: fc.constantFrom<number | string>(0, 3, '${n}', 'x'), until: when, steps }),
      some('for', { for: fc.constant('n'), in: value, steps }),
      some('if', { if: expression, steps, else: steps }),
    ),
  }
})

test('ends, and never throws', () => {
  const steps = fc.array(step, { maxLength: 4 })
  fc.assert(
    fc.property(
      steps,
      steps,
      fc.array(answer, { maxLength: 3 }),
      fc.nat(400),
      (main, cleanup, answers, stopAt) => {
        const flow: Flow = {
          flow: 1,
          name: 'x',
          variables: { n: 2 },
          limits: { time: 60_000, steps: 300 },
          steps: main,
          cleanup,
        }
        const device: Device = () => answers.map((body, after) => ({ body, after }))
        const played = play(flow, device, { flows: new Map([['self', flow]]) })
        played.packet(5, { msg: { body: { request: { notify: {} } } } })
        played.later(9, { kind: 'device', device: DEVICE, online: true })
        for (let turn = 0; turn < stopAt && !played.run.finished; turn++) {
          const { wakeAt } = played.run
          played.now = Math.max(played.now, Number.isFinite(wakeAt) ? wakeAt : played.now)
          played.perform(played.run.tick(played.now))
        }
        if (stopAt % 2 === 0) played.perform(played.run.stop(played.now))
        const result = played.go()
        expect(played.run.finished).toBe(true)
        const all = [...everyStep([...result.setup, ...result.steps, ...result.cleanup])].map(
          ([{ status }]) => status,
        )
        expect(all).not.toContain('running')
        expect(result.status).not.toBe('running')
        expect(JSON.parse(JSON.stringify(result))).toEqual(result)
        writeFlowReport([result], 'junit')
      },
    ),
    { numRuns: 300 },
  )
})

import { describe, expect, test } from 'vitest'
import { everyStep } from '../../../shared/flow/run/result.ts'
import { DEVICE, flowOf, outline, play, stepsOf, type Device } from './bench.ts'
import { GET_AND_CHECK } from './samples.ts'
import { good, disconnect } from './devices.ts'

describe('the bench and the person', () => {
  test('acts are told, questions are answered', () => {
    const flow = stepsOf(`
- act: disconnect
  with: { device: "\${device}", reason_code: 139 }
- ask: Is the LED green, \${device}?
  choices: [Green, Red]
  expect: Green
  bind: { colour: answer }
- ask: And now?`)
    const played = play(flow)
    played.later(5, { kind: 'chosen', token: 2, choice: 'Green' })
    played.later(9, { kind: 'chosen', token: 3, choice: 'Failed' })
    const result = played.go()
    const [act, ask] = played.commands
    expect(act).toMatchObject({ do: 'act', act: 'disconnect', with: { device: DEVICE, reason_code: 139 } })
    expect(ask).toMatchObject({
      do: 'ask',
      text: `Is the LED green, ${DEVICE}?`,
      choices: ['Green', 'Red'],
    })
    expect(outline(result)).toEqual([
      'steps.0 passed',
      'steps.1 passed',
      'steps.2 failed: The answer was Failed.',
    ])
    expect(result.variables).toEqual({ colour: 'Green' })
  })

  test('stop ends what waits, withdraws the question, and cleans up', () => {
    const flow = stepsOf('- ask: Ready?\n- sleep: 1', 'cleanup: [{ set: { cleaned: true } }]\n')
    const played = play(flow)
    played.perform(played.run.stop(played.now))
    const result = played.go()
    expect(played.commands.map((command) => command.do)).toEqual(['ask', 'withdraw', 'finished'])
    expect(result).toMatchObject({ status: 'stopped', variables: { cleaned: true } })
    expect(outline(result)).toEqual(['steps.0 skipped', 'steps.1 skipped', 'cleanup.0 passed'])
  })

  test('what is done at the same time ends together, each with its own clean-up', () => {
    const inner = flowOf(
      'flow: 1\nname: inner\nsteps: [{ sleep: 100 }]\ncleanup: [{ sleep: 1 }, { set: { a: 1 } }]',
    )
    const flow = stepsOf(
      '- parallel: [{ call: inner }, { sleep: 50 }, { group: g, steps: [{ sleep: 2 }, { end: failed }] }]',
    )
    const played = play(flow, undefined, { flows: new Map([['inner', inner]]) })
    const result = played.go()
    expect(result.status).toBe('failed')
    expect(outline(result)).toContain('    steps.0.parallel.0.cleanup.1 passed')
    expect(played.now - 1_000_000).toBe(3000)
  })

  test('stopped twice, the clean-up ends too', () => {
    const played = play(stepsOf('- sleep: 100', 'cleanup: [{ sleep: 100 }]\n'))
    played.perform(played.run.stop(played.now))
    expect(played.run.finished).toBe(false)
    played.perform(played.run.stop(played.now))
    expect(played.run.finished).toBe(true)
    expect(played.run.result().status).toBe('stopped')
  })

  test('holds before each step, goes on step by step, and does one again', () => {
    const played = play(stepsOf('- set: { n: 1 }\n- set: { n: "${n + 1}" }\n- set: { n: "${n + 10}" }'))
    expect(played.run.finished).toBe(true)

    const held = play(stepsOf('- sleep: 1\n- set: { n: 1 }\n- set: { n: "${n + 1}" }'))
    held.run.pause()
    held.go()
    expect(held.run.paused).toBe(true)
    expect(held.commands.at(-1)).toEqual({ do: 'paused', step: 'steps.1' })
    held.perform(held.run.stepOnce(held.now))
    expect(held.commands.at(-1)).toEqual({ do: 'paused', step: 'steps.2' })
    // An hour of thinking costs none of the flow's time.
    held.now += 3_600_000
    held.perform(held.run.again(held.now, { kind: 'set', set: { n: 5 } }))
    expect(held.run.paused).toBe(true)
    held.perform(held.run.resume(held.now))
    const result = held.go()
    expect(result).toMatchObject({ status: 'passed', variables: { n: 6 } })
    expect(result.steps.map(({ path, attempt }) => [path, attempt])).toEqual([
      ['steps.0', undefined],
      ['steps.1', undefined],
      ['steps.1', 2],
      ['steps.2', undefined],
    ])
  })

  test('breakpoints at steps and at packets', () => {
    const played = play(stepsOf('- sleep: 1\n- sleep: 1\n- sleep: 1\n- sleep: 1'))
    played.run.setBreakpoints(['steps.1'], ['mqtt.msgtype == DISCONNECT'])
    expect(() => played.run.setBreakpoints([], ['mqtt.msgtype =='])).toThrow('cannot be used')
    played.go()
    expect(played.commands.at(-1)).toEqual({ do: 'paused', step: 'steps.1' })
    played.packet(500, { view: disconnect })
    played.perform(played.run.resume(played.now))
    played.go()
    expect(played.commands.at(-1)).toEqual({ do: 'paused', step: 'steps.2' })
  })

  test('holds behind a step that failed; mended and done again, the steps after it are done', () => {
    const flow = stepsOf('- { set: { n: 1 } }\n- sleep: 1\n- check: n == 2\n- set: { done: true }')
    const played = play(flow)
    played.run.setBreakpoints([], [], true)
    played.go()
    expect(played.commands.at(-1)).toEqual({ do: 'paused', step: 'steps.2', failed: true })
    expect(played.run.held).toBe(true)
    played.perform(played.run.again(played.now))
    expect(played.commands.at(-1)).toMatchObject({ do: 'paused', failed: true })
    played.perform(played.run.again(played.now, { kind: 'check', check: 'n == 1' }))
    played.perform(played.run.resume(played.now))
    const result = played.go()
    expect(result).toMatchObject({ status: 'passed', variables: { done: true } })
    expect(result.steps.map(({ path, status, attempt = 1 }) => [path, status, attempt])).toEqual([
      ['steps.0', 'passed', 1],
      ['steps.1', 'passed', 1],
      ['steps.2', 'failed', 1],
      ['steps.2', 'failed', 2],
      ['steps.2', 'passed', 3],
      ['steps.3', 'passed', 1],
    ])
  })

  test('going on behind a step that failed gives the rest up', () => {
    const played = play(stepsOf('- sleep: 1\n- check: false\n- check: true'))
    played.run.setBreakpoints([], [], true)
    played.go()
    played.perform(played.run.resume(played.now))
    expect(outline(played.go())).toEqual([
      'steps.0 passed',
      'steps.1 failed: false is false.',
      'steps.2 skipped',
    ])
  })

  test('again where nothing was done yet does nothing', () => {
    const played = play(stepsOf('- group: g\n  steps: [{ sleep: 1 }]\n- set: { n: 1 }'))
    played.run.setBreakpoints(['steps.1'])
    played.go()
    expect(played.commands.at(-1)).toEqual({ do: 'paused', step: 'steps.1' })
    const inner = play(stepsOf('- sleep: 1\n- group: g\n  steps: [{ set: { n: 1 } }]'))
    inner.run.setBreakpoints(['steps.1.steps.0'])
    inner.go()
    inner.perform(inner.run.again(inner.now))
    expect(inner.run.held).toBe(true)
    expect(inner.run.result().variables).toEqual({})
  })

  test('gaps of the recording are kept, stretched or left out', () => {
    const flow = stepsOf('- { check: true, gap: 2s }\n- { check: true, gap: 3s }')
    const took = (pace?: number) => {
      const played = play(flow, undefined, pace === undefined ? {} : { pace })
      return played.go().duration
    }
    expect([took(), took(0), took(1), took(2)]).toEqual([0, 0, 5000, 10_000])
  })
})

describe('limits and secrets', () => {
  test.each([
    ['limits: { time: 2s }\n', '- sleep: 5s', 'the flow took longer than 2 s (limits.time)'],
    [
      'limits: { steps: 50 }\n',
      '- repeat: 100\n  steps: [{ check: true }]',
      'more than 50 steps (limits.steps)',
    ],
  ])('%s', (head, steps, note) => {
    expect(play(stepsOf(steps, head)).go()).toMatchObject({ status: 'error', note })
  })

  test('packets', () => {
    const played = play(stepsOf('- sleep: 60', 'limits: { packets: 3 }\n'))
    for (let at = 0; at < 5; at++) played.packet(at, {})
    expect(played.go()).toMatchObject({ status: 'error', note: 'more than 3 packets came (limits.packets)' })
  })

  test('long loops let others work in between and keep few turns', () => {
    const played = play(stepsOf('- repeat: 4000\n  steps: [{ set: { n: 1 } }]'))
    expect(played.run.finished).toBe(false)
    expect(played.run.wakeAt).toBe(played.now)
    const result = played.go()
    expect(result.status).toBe('passed')
    expect(result.steps[0]?.children).toHaveLength(100)
    expect(result.steps[0]?.omitted).toBe(3900)
  })

  test('secrets are nowhere in a result, and must be given', () => {
    const flow = stepsOf(
      '- send: { set: { update_objs: { obj_path: Device.X., param_settings: { Password: "${secret.word}" } } } }\n- { set: { copy: "<${secret.word}>" } }\n- check: copy == secret.word',
      'secrets: [word]\n',
    )
    const echo: Device = () => [{ body: { error: { err_code: 7012, err_msg: 'hunter22 is no password' } } }]
    const played = play(
      { ...flow, steps: flow.steps.map((step) => ({ ...step, on_failure: 'continue' as const })) },
      echo,
      { secrets: { word: 'hunter22' } },
    )
    const result = played.go()
    expect(JSON.stringify(played.sent[0]?.msg)).toContain('hunter22')
    expect(JSON.stringify(result)).not.toContain('hunter22')
    expect(JSON.stringify(result)).toContain('••••••')
    expect(play(flow).go()).toMatchObject({ status: 'error', note: 'these secrets have no value: word' })
  })

  test('a result can be sent anywhere', () => {
    const result = play(flowOf(GET_AND_CHECK), good).go()
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
    expect([...everyStep(result.steps)]).toHaveLength(1)
  })
})

import { beforeEach, describe, expect, test, vi } from 'vitest'
import { adviceFor, answerDifferences, answerFields } from '../../../../renderer/features/messages/answer.ts'
import { readHex } from '../../../../shared/text/hex.ts'
import { withFolders } from '../../../../renderer/features/messages/library-pane.tsx'
import { AT_ONCE, sendToAll, verdictOf, type Delivery } from '../../../../renderer/features/messages/send.ts'
import {
  createMessages,
  isChanged,
  type MessagesModel,
} from '../../../../renderer/features/messages/store.ts'
import { newDraft } from '../../../../shared/usp/forms/draft.ts'
import { withValue } from '../../../../shared/usp/forms/json-value.ts'
import { getAnswer, MessagesHost, report } from './fake-messages.ts'

let host: MessagesHost
beforeEach(() => {
  host = new MessagesHost()
})

describe('sending to many', () => {
  const ids = Array.from({ length: AT_ONCE + 3 }, (_, at) => `doc::${at}`)
  const wish = { draft: newDraft('Get'), variables: {}, endpointIds: ids, timeoutMs: 5000 }

  test('a few at a time, the next when one has answered', async () => {
    host.holds = true
    const told: Delivery[] = []
    const run = sendToAll(host, wish, (one) => told.push(one))
    await vi.waitFor(() => expect(host.waiting.size).toBe(AT_ONCE))
    expect(told.every(({ state }) => state === 'asking')).toBe(true)
    host.waiting.get('doc::3')?.(report('doc::3'))
    await vi.waitFor(() => expect(host.waiting.has(`doc::${AT_ONCE}`)).toBe(true))
    expect(host.waiting.size).toBe(AT_ONCE + 1)
    host.holds = false
    host.waiting.forEach((answer, id) => answer(report(id)))
    await run.ended
    expect(told.filter(({ state }) => state === 'done')).toHaveLength(ids.length)
  })

  test('stopped: what is under way is cancelled, the rest is not sent', async () => {
    host.holds = true
    const told = new Map<string, Delivery>()
    const run = sendToAll(host, wish, (one) => told.set(one.endpointId, one))
    await vi.waitFor(() => expect(host.waiting.size).toBe(AT_ONCE))
    run.stop()
    expect(host.calls.filter(({ name }) => name === 'usp.cancel')).toHaveLength(AT_ONCE)
    host.waiting.forEach((answer, id) => answer(report(id, { outcome: 'cancelled' })))
    await run.ended
    expect(host.waiting.size).toBe(AT_ONCE)
    expect(told.get(ids.at(-1) ?? '')?.error?.code).toBe('cancelled')
  })

  test('a variable without a value is an error of the delivery, and nothing goes out', async () => {
    const draft = { ...newDraft('Get'), value: { get: { param_paths: ['${gone}'] } } }
    const told: Delivery[] = []
    await sendToAll(host, { ...wish, draft, endpointIds: ['doc::1'] }, (one) => told.push(one)).ended
    expect(told.at(-1)?.error?.message).toContain('gone has no value')
    expect(host.calls).toEqual([])
  })

  test.each<[Partial<Delivery>, string]>([
    [{ state: 'asking' }, 'waiting'],
    [{ report: report('x') }, 'ok'],
    [{ report: report('x', { outcome: 'sent' }) }, 'ok'],
    [{ report: report('x', { failures: [{ path: 'a', code: 7026, name: '', text: '' }] }) }, 'part'],
    [{ report: report('x', { outcome: 'timeout' }) }, 'bad'],
    [{ error: { code: 'failed', message: '' } }, 'bad'],
  ])('its verdict: %j', (delivery, verdict) => {
    expect(verdictOf({ endpointId: 'x', state: 'done', ...delivery })).toBe(verdict)
  })
})

describe('the message being written', () => {
  let messages: MessagesModel
  beforeEach(() => {
    messages = createMessages(host, () => () => undefined)
  })

  test('is kept while another kind is looked at', () => {
    messages.change((content) => withValue(content, ['param_paths', 0], 'Device.WiFi.'))
    messages.setKind('Set')
    expect(messages.getState().draft.kind).toBe('Set')
    messages.setKind('Get')
    expect(messages.getState().draft.text).toContain('Device.WiFi.')
    messages.setText('{')
    messages.setKind('Get')
    expect(messages.getState().draft.fault).toBeUndefined()
  })

  test('goes to the devices chosen; answers are compared with those before, and it is remembered', async () => {
    messages.setTargets(['doc::1', 'doc::2'])
    await messages.send()
    expect(messages.getState().deliveries.map((one) => one.before)).toEqual([undefined, undefined])
    await messages.send()
    expect(messages.getState().deliveries.map((one) => one.before?.endpointId)).toEqual(['doc::1', 'doc::2'])
    expect(host.sent[0]).toMatchObject({ kind: 'Get', devices: 2, answered: 2, failed: 0 })
    expect(messages.library.getState().sent).toHaveLength(2)
  })

  test('is not sent while its text cannot be read', async () => {
    messages.setTargets(['doc::1'])
    messages.setText('{"get":')
    await messages.send()
    expect(host.calls.some(({ name }) => name === 'usp.request')).toBe(false)
  })

  test('is taken out of what Oktopus saved, when that is pasted', () => {
    messages.setText('{"name":"all","value":"{\\"delete\\":{\\"obj_paths\\":[\\"Device.X.1.\\"]}}"}')
    expect(messages.getState().draft).toMatchObject({ kind: 'Delete', at: ['delete'] })
    messages.setText('{"name":"all","value":"nothing"}')
    expect(messages.getState().draft.fault).toBeDefined()
  })

  test('is saved over its file with the stamp it was read with', async () => {
    messages.setState({ variables: { a: '1' } })
    expect(await messages.save('x.json')).toBeUndefined()
    expect(isChanged(messages.getState())).toBe(false)
    messages.change((content) => withValue(content, ['max_depth'], 3))
    expect(isChanged(messages.getState())).toBe(true)
    const { stamp } = messages.getState().file ?? {}
    await messages.save('x.json')
    expect(host.calls.findLast(({ name }) => name === 'messages.save')?.request).toMatchObject({
      over: stamp,
    })
    messages.fresh('Delete')
    await messages.open('x.json')
    expect(messages.getState()).toMatchObject({ variables: { a: '1' }, draft: { kind: 'Get' } })
    expect((await messages.open('gone.json'))?.code).toBe('not-found')
  })
})

describe('an answer', () => {
  test('is a tree with a line for each parameter', () => {
    const text = JSON.stringify(answerFields(getAnswer('7')), ['label', 'text', 'children'])
    expect(text).toContain('{"label":"UpTime","text":"7"}')
  })
  test('differs by what it says, not by its msg_id', () => {
    expect(answerDifferences(getAnswer('7', 'a'), getAnswer('7', 'b'))).toEqual([])
    const [only, ...others] = answerDifferences(getAnswer('7', 'a'), getAnswer('9', 'b'))
    expect(others).toEqual([])
    expect(only).toMatchObject({ kind: 'changed', before: { text: '7' }, after: { text: '9' } })
    expect(only?.path.slice(-2).map(({ label }) => label)).toEqual([
      'resolved_path_results Device.DeviceInfo.',
      'UpTime',
    ])
  })
  test('that is an error comes with something to do', () => {
    const failed = (code: number) =>
      adviceFor(report('x', { outcome: 'error', error: { path: '', code, name: '', text: '' } }))
    expect(failed(7026)?.action).toBe('model')
    expect(failed(7006)?.text).toContain('ControllerTrust')
    expect(failed(7003)).toBeUndefined()
    expect(adviceFor(report('x', { outcome: 'offline' }))?.action).toBe('doctor')
    expect(adviceFor(report('x', { outcome: 'refused' }))?.action).toBe('access')
    expect(adviceFor(report('x'))).toBeUndefined()
  })
})

test.each([
  ['0a0B', [10, 11]],
  ['0x0a, 0x0b', [10, 11]],
  ['0a:0b\n0c', [10, 11, 12]],
  ['', []],
])('bytes out of %j', (text, bytes) => {
  expect([...readHex(text).bytes]).toEqual(bytes)
  expect(readHex(text).fault).toBeUndefined()
})
test.each([
  ['0a b', /one digit/],
  ['0g', /“g” is no/],
])('no bytes: %j', (text, fault) => expect(readHex(text).fault).toMatch(fault))

test('saved messages of the root come first, then each folder', () => {
  const row = (path: string) => ({ path, note: '', modifiedAt: 0 })
  expect(withFolders([row('b/c.json'), row('a.json'), row('b/d.json')])).toEqual([
    { row: row('a.json') },
    { folder: 'b' },
    { row: row('b/c.json') },
    { row: row('b/d.json') },
  ])
})

// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { commandById, runCommand } from '../../../../renderer/app/commands.ts'
import { createModel, ModelProvider, type Model } from '../../../../renderer/app/model.ts'
import { MessagesView } from '../../../../renderer/features/messages/messages-view.tsx'
import { fail } from '../../../../shared/contract/result.ts'
import { contentOf } from '../../../../shared/usp/forms/draft.ts'
import { all, button, click, find, press, settle, textOf, type, until } from '../../app/screen.ts'
import { MemoryStorage } from '../../memory-storage.ts'
import { MessagesHost, report } from './fake-messages.ts'

// What the editor measures, this environment does not lay out; the browser test types into the real one.
vi.mock('../../../../renderer/ui/editor/code-editor.tsx', () => ({
  CodeEditor: ({
    label,
    value,
    remarks,
  }: {
    label: string
    value: string
    remarks?: readonly { text: string }[]
  }) => (
    <pre aria-label={label} data-remarks={remarks?.map(({ text }) => text).join('\n')}>
      {value}
    </pre>
  ),
}))

let host: MessagesHost
let model: Model
let root: Root

async function show(made = new MessagesHost({ devices: 3 })): Promise<void> {
  host = made
  model = createModel(host, new MemoryStorage(), async () => fail('unavailable', 'Nothing is uploaded here.'))
  model.goTo('messages')
  root = createRoot(document.body.appendChild(document.createElement('div')))
  act(() =>
    root.render(
      <ModelProvider value={model}>
        <MessagesView />
      </ModelProvider>,
    ),
  )
  await settle()
}
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400)
})
afterEach(() => {
  act(() => root.unmount())
  model.close()
  document.body.replaceChildren()
})

const field = (place: string) => `[aria-label="${place}"]`
const content = () => contentOf(model.messages.getState().draft)
const kind = async (name: string): Promise<void> => {
  act(() => model.messages.setKind(name as never))
  await settle()
}
const target = async (...ids: string[]): Promise<void> => {
  act(() => model.messages.setTargets(ids))
  await settle()
}

test('without a device nothing can be sent, and it says what to do', async () => {
  await show()
  expect(button('Send').disabled).toBe(true)
  expect(textOf('.paths-bar')).toContain('Choose a device')
  await click(button('Choose devices'))
  expect(all('.device-choice li').length).toBeGreaterThan(0)
  await click(find('.device-choice input[type=checkbox]'))
  expect(model.messages.getState().targets).toHaveLength(1)
  await type('.device-choice input', 'doc::unseen')
  await click(button('Add doc::unseen'))
  expect(model.messages.getState().targets).toContain('doc::unseen')
})

test('where answers will stand, the devices that are there can be clicked', async () => {
  await show()
  const [first] = all('.choose-device button')
  expect(first?.textContent).toContain('online')
  await click(first!)
  expect(model.messages.getState().targets).toEqual([first?.querySelector('span')?.textContent])
  expect(document.querySelector('.choose-device')).toBeNull()
})

test('without any device there is the way to attach one', async () => {
  await show(new MessagesHost({ devices: 0 }))
  expect(textOf('.choose-device')).toContain('None has connected yet')
  await click(button('Attach a device'))
  expect(model.frame.getState().overlay).toBe('attach')
})

test('lists grow and shrink, and the text follows', async () => {
  await show()
  await click(button('Add to param_paths'))
  await type(field('param_paths[1]'), 'Device.WiFi.')
  expect(content()).toEqual({ param_paths: ['Device.DeviceInfo.', 'Device.WiFi.'], max_depth: 0 })
  expect(textOf('[aria-label="Message as JSON"]')).toContain('"Device.WiFi."')
  await click(button('Remove param_paths 1'))
  expect(content()).toEqual({ param_paths: ['Device.WiFi.'], max_depth: 0 })
  await type(field('max_depth'), '2')
  expect(content()).toMatchObject({ max_depth: 2 })
  await type(field('max_depth'), 'two')
  expect(textOf('.request-form')).toContain('must be a whole number')
})

test('a path is completed by keyboard, and what the device does not have is said', async () => {
  await show()
  await target('os::00256D-1')
  await type(field('param_paths[0]'), 'Device.WiFi.S')
  await press('Enter')
  expect(find<HTMLInputElement>(field('param_paths[0]')).value).toBe('Device.WiFi.SSID.')
  await until(() => expect(all('[role=option]').map((one) => one.textContent)[0]).toContain('*.'))
  await press('ArrowDown')
  await press('ArrowDown')
  await press('Tab')
  expect(find<HTMLInputElement>(field('param_paths[0]')).value).toBe('Device.WiFi.SSID.[Alias==""].')
  await type(field('param_paths[0]'), 'Device.DeviceInfo.Uptime')
  await press('Escape')
  expect(textOf('.field-remark')).toContain('Did you mean UpTime?')
  expect(find('[aria-label="Message as JSON"]').dataset['remarks']).toContain('Did you mean UpTime?')
})

test('parameters of the object are offered, and their values checked', async () => {
  await show()
  await target('os::00256D-1')
  await kind('Set')
  await type(field('update_objs[0].obj_path'), 'Device.WiFi.SSID.1.')
  await press('Escape')
  await type(field('update_objs[0].param_settings[0].param'), 'Ena')
  await press('Enter')
  await type(field('update_objs[0].param_settings[0].value'), 'on')
  expect(textOf('.request-form')).toContain('Enable must be true or false')
  await type(field('update_objs[0].param_settings[0].value'), 'true')
  expect(all('.field-remark')).toEqual([])
})

test('of a oneof one member is there', async () => {
  await show()
  await kind('Notify')
  const select = find<HTMLSelectElement>(field('notification'))
  act(() => {
    select.value = 'event'
    select.dispatchEvent(new Event('change', { bubbles: true }))
  })
  await settle()
  expect(content()).toEqual({
    subscription_id: '',
    send_resp: false,
    event: { obj_path: '', event_name: '', params: {} },
  })
  await click(button('Add to params'))
  await type('[aria-label="Name 1 of params"]', 'Cause')
  await type('[aria-label="Value of Cause"]', 'LocalReboot')
  expect(content()).toMatchObject({ event: { params: { Cause: 'LocalReboot' } } })
  // On the way to another name, one that is there already is not lost.
  await click(button('Add to params'))
  await type('[aria-label="Name 2 of params"]', 'Cause')
  expect(find('[aria-label="Name 2 of params"]').title).toBe('Cause is there already')
  await type('[aria-label="Name 2 of params"]', 'CauseToo')
  expect(content()).toMatchObject({ event: { params: { Cause: 'LocalReboot', CauseToo: '' } } })
})

test('arguments that a command takes are a click away', async () => {
  await show()
  await target('os::00256D-1')
  await kind('Operate')
  await click(button('Reason'))
  expect(content()).toMatchObject({ command: 'Device.Reboot()', input_args: { Reason: '' } })
})

test('without a model it offers to read it', async () => {
  const made = new MessagesHost({ devices: 1 })
  made.hasModel = false
  await show(made)
  await target('os::00256D-1')
  expect(textOf('.paths-bar')).toContain('was not read yet')
  await click(button('Read it'))
  expect(textOf('.paths-bar')).toContain('7 objects')
})

test('while the text cannot be read, the form waits and nothing is sent', async () => {
  await show()
  await target('doc::1')
  act(() => model.messages.setText('{"get": {'))
  expect(find<HTMLFieldSetElement>('.request-form').disabled).toBe(true)
  expect(textOf('[role=alert]')).toContain('no JSON')
  expect(button('Send').disabled).toBe(true)
  expect(runCommand(commandById('messages.send'), model)).toBe(false)
})

test('answers of several devices: who did it, what went wrong, what to do', async () => {
  await show()
  host.reply = (id) =>
    id === 'doc::2'
      ? report(id, { outcome: 'timeout', text: 'It did not answer within 10 s.', answer: undefined as never })
      : report(id, { requestPacket: 11, answerPacket: 12 })
  await target('doc::1', 'doc::2')
  await click(button('Send'))
  await until(() => expect(textOf('.deliveries p')).toBe('2 of 2 devices: 1 done, 0 in part, 1 failed'))
  expect(textOf('.answer-head')).toContain('answered4.2 ms')
  expect(button('Answer 12').title).toContain('packet 12')
  await click(button(/^doc::2/))
  expect(textOf('.answer-remarks')).toContain('did not answer within 10 s')
  await click(button('Show the packets of this request'))
  expect(model.frame.getState().place).toBe('packets')
  expect(model.packets.current().getState().filter).toBe('usp.msg_id == "m-1"')
})

test('variables get their values beside the message', async () => {
  await show()
  await target('os::00256D-1')
  await type(field('param_paths[0]'), 'Device.${object}.')
  expect(textOf('[role=alert]')).toContain('object has no value')
  await type('.variables input', 'DeviceInfo')
  expect(all('[role=alert]')).toEqual([])
  await click(button('Send'))
  expect(host.calls.find(({ name }) => name === 'usp.request')?.request).toMatchObject({
    message: { get: { param_paths: ['Device.DeviceInfo.'] } },
  })
})

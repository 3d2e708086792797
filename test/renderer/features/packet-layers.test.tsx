// @vitest-environment happy-dom
/** The layers of a packet in the window: the innermost in sight, and what a person folds while going through. */
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { PacketDetail } from '../../../shared/contract/model.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import { App } from '../../../renderer/app/app.tsx'
import { createModel, type Model } from '../../../renderer/app/model.ts'
import { all, settle } from '../app/screen.ts'
import { FakeHost } from '../fake-host.ts'
import { MemoryStorage } from '../memory-storage.ts'
import { noUpload } from '../no-upload.ts'

vi.mock('../../../renderer/features/bench/chart.tsx', () => ({ Chart: () => null }))

const field = (name: string, end: number, ...children: Field[]): Field => ({
  name,
  label: name,
  text: '',
  start: 0,
  end,
  ...(children.length > 0 && { children }),
})
/** Findings first, as many as the packet's number says; then Frame, MQTT, Record and Msg. */
const layersOf = ({ row: { no } }: PacketDetail): readonly Field[] => [
  ...Array.from({ length: no }, () => field('lint', 0, field('lint.rule', 0))),
  field('frame', 0, field('frame.number', 0)),
  field('mqtt', 9, field('mqtt.len', 1)),
  field('usp', 8, field('usp.from_id', 1)),
  field('usp.msg', 7, field('usp.header', 1), field('usp.body', 1)),
]

class UspHost extends FakeHost {
  override call: FakeHost['call'] = async (name, request) => {
    const answer = await super.call(name, request)
    if (name !== 'packets.get' || !answer.ok) return answer
    const detail = answer.value as PacketDetail
    return { ...answer, value: { ...detail, fields: layersOf(detail) } as typeof answer.value }
  }
}

let model: Model
let root: Root
beforeEach(async () => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(200)
  model = createModel(new UspHost({ packets: 100, devices: 4 }), new MemoryStorage(), noUpload)
  root = createRoot(document.body.appendChild(document.createElement('div')))
  act(() => root.render(<App model={model} />))
  await settle()
  act(() => model.goTo('packets'))
  await settle()
})
afterEach(() => {
  act(() => root.unmount())
  model.close()
  document.body.replaceChildren()
})

const select = async (index: number): Promise<void> => {
  act(() => model.packets.current().list.getState().select(index))
  await settle()
}
/** Names of the lines that are drawn, and whether each is open. */
const lines = () =>
  all('.tree-line').map((line) => [
    /^[a-z._]+/.exec(line.textContent ?? '')?.[0],
    line.getAttribute('aria-expanded') ?? undefined,
  ])
const isOpen = (name: string) => lines().find(([label]) => label === name)?.[1]
const toggle = async (name: string): Promise<void> => {
  const line = all('.tree-line').find(({ textContent }) => textContent?.startsWith(name))
  const twist = line?.querySelector('[data-part=twist]') ?? expect.fail(`${name} does not open`)
  act(() => void twist.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 0 })))
  await settle()
}

it('opens the Msg alone and brings it in sight, however much stands above it', async () => {
  await select(0)
  expect(lines()).toEqual([
    ['lint', 'false'],
    ['frame', 'false'],
    ['mqtt', 'false'],
    ['usp', 'false'],
    ['usp.msg', 'true'],
    ['usp.header', undefined],
    ['usp.body', undefined],
  ])
  // Seventy findings do not fit into ten lines.
  await select(69)
  expect(lines()).toContainEqual(['usp.body', undefined])
  expect(lines().length).toBeLessThan(40)
})

it('keeps what was folded and opened from packet to packet', async () => {
  await select(0)
  await toggle('mqtt')
  await toggle('usp.msg')
  for (const index of [1, 2, 0]) {
    await select(index)
    expect([isOpen('mqtt'), isOpen('usp'), isOpen('usp.msg')]).toEqual(['true', 'false', 'false'])
  }
})

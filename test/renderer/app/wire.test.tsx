// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { App } from '../../../renderer/app/app.tsx'
import { createModel, type Model } from '../../../renderer/app/model.ts'
import { FakeHost, type FakeOptions } from '../fake-host.ts'
import { MemoryStorage } from '../memory-storage.ts'
import { noUpload } from '../no-upload.ts'
import {
  all,
  button,
  click,
  find,
  menuItem,
  press,
  rightClick,
  settle,
  textOf,
  type,
  until,
} from './screen.ts'

vi.mock('../../../renderer/features/bench/chart.tsx', () => ({ Chart: () => null }))

let host: FakeHost
let model: Model
let root: Root

async function show(place: 'packets' | 'ladder' | 'captures', options: FakeOptions = {}): Promise<void> {
  host = new FakeHost({ packets: 1000, devices: 4, ...options })
  model = createModel(host, new MemoryStorage(), noUpload)
  root = createRoot(document.body.appendChild(document.createElement('div')))
  model.goTo(place)
  act(() => root.render(<App model={model} />))
  await settle()
}
/** The size a test environment does not lay out. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(340)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000)
})
afterEach(() => {
  act(() => root.unmount())
  model.close()
  document.body.replaceChildren()
})

const lastCall = (name: string) => host.calls.filter((call) => call.name === name).at(-1)?.request
const FILTER = '#packets-filter'
const applied = () => model.packets.current().list.getState().params.filter

describe('the filter bar', () => {
  it('colours what is typed and applies it with Enter', async () => {
    await show('packets')
    await type(FILTER, 'usp.type == NOTIFY')
    expect(textOf('.filter-colours')).toBe('usp.type == NOTIFY')
    expect(textOf('.token-field')).toBe('usp.type')
    expect(textOf('.token-enum')).toBe('NOTIFY')
    expect(find('.filter-box').className).toContain('is-right')
    await press('Escape')
    await press('Enter')
    expect(applied()).toBe('usp.type == NOTIFY')
    expect(document.activeElement?.id).toBe('packets-list')
    expect(model.settings.getState().recentFilters).toEqual(['usp.type == NOTIFY'])
  })

  it('says what is wrong, keeps the list, and mends it by the hint', async () => {
    await show('packets')
    await type(FILTER, 'mqtt.topik == "a"')
    await press('Enter')
    expect(applied()).toBe('')
    expect(textOf('.token-error')).toBe('mqtt.topik')
    expect(find(FILTER).getAttribute('aria-invalid')).toBe('true')
    expect(textOf('.filter-error')).toContain('There is no field mqtt.topik.')
    await click(button('Did you mean mqtt.topic?'))
    expect(applied()).toBe('mqtt.topic == "a"')
    expect(document.querySelector('.filter-error')).toBeNull()
  })

  it('completes by keyboard alone, with topics of the capture', async () => {
    await show('packets')
    await type(FILTER, 'mqtt.top')
    expect(textOf('.choices')).toContain('mqtt.topic')
    await press('Tab')
    expect(find<HTMLInputElement>(FILTER).value).toBe('mqtt.topic ')
    await until(() => expect(textOf('.choices')).toContain('falls under an MQTT topic filter'))
    await type(FILTER, 'mqtt.topic == "oktopus/usp/v1/api')
    await settle()
    expect(lastCall('packets.values')).toEqual({
      capture: 'live',
      field: 'mqtt.topic',
      prefix: 'oktopus/usp/v1/api',
    })
    expect(all('.choices li').every((item) => item.textContent?.startsWith('oktopus/usp/v1/api/'))).toBe(true)
    await press('ArrowDown')
    expect(find(FILTER).getAttribute('aria-activedescendant')).toBeTruthy()
    await press('Enter')
    await press('Enter')
    expect(applied()).toMatch(/^mqtt\.topic == "oktopus\/usp\/v1\/api\/.*"$/)
  })

  it('offers saved filters and those used before in an empty field', async () => {
    await show('packets')
    act(() => {
      host.setLook({ savedFilters: [{ name: 'Boots', filter: 'usp.type == NOTIFY' }] })
      model.packets.current().setFilter('marked', true)
      model.packets.current().setFilter('', true)
    })
    act(() => find(FILTER).focus())
    await press('ArrowDown')
    expect(all('.choices li').map((item) => item.textContent)).toEqual([
      expect.stringMatching(/^Boots.*saved$/),
      expect.stringMatching(/^marked.*recent$/),
    ])
    await press('ArrowDown')
    await press('Enter')
    expect(applied()).toBe('usp.type == NOTIFY')
  })

  it('keeps a filter under a name', async () => {
    await show('packets')
    act(() => model.packets.current().setFilter('mqtt.qos == 1', true))
    act(() => model.show('saved'))
    await type('[aria-label="Name of the filter"]', 'Assured')
    await click(button('Save'))
    expect(model.look.getState().savedFilters).toEqual([{ name: 'Assured', filter: 'mqtt.qos == 1' }])
  })
})

describe('packets', () => {
  it('are filtered by a cell and by a field of the tree', async () => {
    await show('packets')
    await press('Home')
    const cell = find('.packet[data-index="4"] [data-column=device]')
    await rightClick(cell)
    await click(menuItem('Filter by this'))
    expect(applied()).toBe('device == "os::00256D-A1F3"')
    const line = all('.tree-line').find((candidate) => candidate.textContent?.startsWith('Packet type'))
    act(() => void line?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 0 })))
    act(() => find('#packet-tree').focus())
    await press('&')
    expect(applied()).toBe('device == "os::00256D-A1F3" and mqtt.msgtype == CONNECT')
  })

  it('are found without filtering', async () => {
    await show('packets')
    await press('Home')
    await press('f', { ctrlKey: true })
    await type('#packets-find', 'usp.type == GET_RESP')
    await press('Enter')
    await settle()
    expect(textOf('.packet.is-current')).toContain('GET_RESP')
    const first = model.packets.current().list.getState().cursor?.key
    await press('F3')
    await settle()
    expect(model.packets.current().list.getState().cursor?.key).toBeGreaterThan(Number(first))
    expect(applied()).toBe('')
  })

  it('are gone to by number, or it is said why not', async () => {
    await show('packets')
    await press('g', { ctrlKey: true })
    await type('.dialog input', '2000')
    await click(button('Go'))
    expect(textOf('.dialog [role=alert]')).toContain('Packet 2000 is not in the list')
    await type('.dialog input', '500')
    await click(button('Go'))
    expect(document.querySelector('.dialog')).toBeNull()
    expect(model.packets.current().list.getState().cursor?.key).toBe(500)
  })

  it('show the columns that were chosen', async () => {
    await show('packets')
    const titles = () =>
      all('.packet-header [role=columnheader]').map((cell) => cell.getAttribute('aria-label'))
    expect(titles()).not.toContain('Verdict')
    await rightClick(find('.packet-header'))
    await click(menuItem('Verdict'))
    await rightClick(find('.packet-header'))
    await click(menuItem('Topic'))
    expect(titles()).toContain('Verdict')
    expect(titles()).not.toContain('Topic')
  })

  it('are compared field by field', async () => {
    await show('packets')
    await press('Home')
    for (let step = 0; step < 4; step++) await press('j')
    await settle()
    await press('b')
    await press('j')
    await settle()
    expect(textOf('.compare-head')).toMatch(/Base: no\. 5 PUBLISH.*No\. 6 PUBLISH/)
    expect(all('.compare-line.is-changed').length).toBeGreaterThan(0)
    await click(button('End comparing'))
    expect(document.querySelector('.compare')).toBeNull()
  })

  it('get the colours of rules, and a rule that cannot work says why', async () => {
    await show('packets')
    act(() =>
      host.setLook({
        colourRules: [
          { filter: 'usp.err_code == 7004', colour: 'red', on: true },
          { filter: 'mqtt.msgtype == PINGREQ', colour: 'green', on: true },
        ],
      }),
    )
    const green = all('.packet.rule-green')
    expect(green.length).toBeGreaterThan(0)
    expect(green.every((row) => row.textContent?.includes('PINGREQ'))).toBe(true)
    act(() => model.show('colours'))
    expect(textOf('.rules')).toContain('A row of the list does not hold usp.err_code')
  })
})

describe('request and answer', () => {
  it('are gone to by key, and one that the filter hides is named', async () => {
    await show('packets')
    await press('Home')
    act(() => model.packets.current().list.getState().select(8))
    await press('[')
    await settle()
    expect(model.packets.current().list.getState().cursor?.key).toBe(8)
    await press(']')
    await settle()
    expect(model.packets.current().list.getState().cursor?.key).toBe(9)
    await press(']')
    await settle()
    expect(textOf('.notices')).toContain('The capture holds no answer to this packet.')
    act(() => model.packets.current().setFilter('mqtt.msgtype == CONNACK', true))
    await press('Home')
    await press('[')
    await settle()
    expect(textOf('.notices')).toContain('The request is packet 1, which the filter hides.')
  })
})

describe('the view of a payload', () => {
  it('is chosen for its topic, and taken back in the list of topics', async () => {
    await show('packets')
    act(() => model.packets.current().list.getState().select(4))
    await settle()
    await click(button(/^Payload: /))
    await click(menuItem('Hex'))
    const filter = 'oktopus/usp/v1/controller/os::00256D-A1F3'
    expect(lastCall('look.setContent')).toEqual({ filter, view: 'hex' })
    act(() => model.show('contents'))
    await click(find(`[aria-label="Remove ${filter}"]`))
    expect(model.look.getState().contents).toEqual([])
  })
})

describe('captures', () => {
  const row = (name: string) =>
    all('.capture-list tbody tr').find((line) => line.textContent?.includes(name)) ?? expect.fail(name)

  it('are opened into a tab of their own, and closed', async () => {
    await show('captures')
    expect(all('.capture-list tbody tr')).toHaveLength(4)
    await click(row('Boot loop'))
    await click(button('Open'))
    expect(textOf('.capture-detail')).toContain('Opening…')
    act(() => host.finish('job-1'))
    await settle()
    expect(model.frame.getState().place).toBe('packets')
    expect(all('.capture-tab [role=tab]').map((tab) => tab.getAttribute('aria-selected'))).toEqual([
      'false',
      'true',
    ])
    expect(document.querySelector('.follow')).toBeNull()
    await click(button('Close Boot loop after factory reset'))
    expect(document.querySelector('.capture-tabs')).toBeNull()
    expect(model.packets.current().capture).toBe('live')
  })

  it('are named, noted, pinned and thrown away in place', async () => {
    await show('captures')
    await click(row('Refused topics'))
    expect(textOf('.capture-detail')).toContain('The last 312 bytes were torn')
    await type('.capture-name', 'Denied')
    await press('Enter')
    expect(lastCall('captures.update')).toEqual({ id: 'acl-refusals', name: 'Denied' })
    await type('.capture-note', 'ticket 5')
    act(() => find('.capture-note').blur())
    await settle()
    expect(lastCall('captures.update')).toEqual({ id: 'acl-refusals', note: 'ticket 5' })
    await click(button('Pin'))
    expect(row('Denied').querySelector('[aria-label=pinned]')).not.toBeNull()
    await click(button('Delete'))
    expect(lastCall('captures.delete')).toBeUndefined()
    await click(button('Move 922 kB to the trash?'))
    expect(all('.capture-list tbody tr')).toHaveLength(3)
  })

  it('begin anew', async () => {
    await show('captures')
    await click(button('New capture…'))
    expect(textOf('.dialog')).toContain('ends with 1,000 packets')
    expect(document.activeElement?.matches('.dialog input')).toBe(true)
    await type('.dialog input', 'Second boot')
    await click(button('Start'))
    expect(lastCall('captures.start')).toEqual({ name: 'Second boot' })
    expect(textOf('.capture-list')).toContain('Second boot')
  })

  it('are exported with a warning about secrets, watched, and handed over', async () => {
    await show('packets')
    await press('e', { ctrlKey: true })
    expect(textOf('.dialog')).toContain('They are redacted')
    await click(find('.dialog [role=switch]'))
    expect(textOf('.dialog')).toContain('can sign in as these devices')
    await click(button('Export'))
    expect(lastCall('captures.export')).toEqual({
      capture: 'live',
      format: 'pcapng',
      filter: '',
      secrets: true,
    })
    expect(textOf('.jobs-button')).toContain('1 job 25 %')
    act(() => host.finish('job-1', { file: 'a.pcapng', message: '1,000 packets' }))
    const links: string[] = []
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      links.push(this.getAttribute('href') ?? '')
    })
    await click(button('Save…'))
    expect(links).toEqual(['/download/a.pcapng'])
    expect(document.querySelector('.jobs-list')).toBeNull()
    await click(find('.jobs-button'))
    await click(button(/^Dismiss Exporting/))
    expect(document.querySelector('.jobs')).toBeNull()
  })

  it('say why a job failed, and stop one', async () => {
    await show('packets')
    const export_ = () =>
      act(() => model.captures.startExport({ capture: 'live', format: 'csv', filter: '', secrets: false }))
    await export_()
    await export_()
    await settle()
    act(() => host.finish('job-1', { state: 'failed', message: 'The disk is full: free some space.' }))
    await click(button('Cancel'))
    expect(textOf('.jobs-list')).toContain('The disk is full')
    expect(textOf('.jobs-list')).toContain('Cancelled.')
  })

  it('can be imported on the desktop by its own dialog', async () => {
    await show('captures', { bench: { host: 'desktop' } })
    await click(button('Import…'))
    await click(all('.file-choice button')[0] as HTMLElement)
    expect(textOf('.dialog')).toContain('capture.pcapng')
    await click(button('Import'))
    expect(lastCall('captures.import')).toEqual({ path: '/home/lab/capture.pcapng', name: 'capture' })
  })

  it('say what to do when there is none', async () => {
    await show('captures', { captures: [] })
    expect(textOf('.empty')).toContain('drop a pcap or pcapng file')
  })
})

describe('the ladder', () => {
  it('draws the rows of the list, shares its cursor and leads to the packet', async () => {
    await show('ladder')
    await press('Home')
    await press('j')
    await settle()
    expect(textOf('.rung.is-current')).toContain('CONNACK')
    expect(all('.ladder-head').map((head) => head.textContent)).toContain('Broker')
    expect(all('.rung-answer').length).toBeGreaterThan(0)
    await press('Enter')
    expect(model.frame.getState().place).toBe('packets')
    expect(textOf('.packet.is-current')).toContain('CONNACK')
  })

  it('is saved as SVG by the desktop, which asks where to', async () => {
    await show('ladder', { bench: { host: 'desktop' } })
    await click(find('.ladder-save'))
    await click(menuItem('Save the ladder as SVG'))
    await settle()
    expect(lastCall('host.saveText')).toEqual({
      name: expect.stringMatching(/-ladder\.svg$/),
      text: expect.stringMatching(/^<\?xml [^]*1000 packets\. Times are UTC[^]*<\/svg>\n$/),
    })
  })
})
